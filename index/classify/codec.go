package classify

import (
	"bytes"
	"compress/gzip"
	"encoding/gob"
	"errors"
	"io"
	"maps"
	"math"
	"slices"
	"time"

	"otklik/index"
	"otklik/internal/errs"
)

// The form in which models are kept. A model of another form is not read; it is
// learned anew, which takes seconds.
const storedForm = 1

type storedVocabulary struct {
	Steps []uint64 // from key to key
	Rare  []float32
}

type storedModel struct {
	Form         int
	Labels       []string
	Vocabulary   storedVocabulary
	From         []uint32
	Kinds        []uint16
	Steps        []byte
	Scales       []float32
	Bias         []float32
	Heat         float32
	Slope, Shift float64
	Learned      int
	Through      time.Time
}

type storedDetector struct {
	Form         int
	Bias         float64
	Names        []string
	Offsets      []float64
	Vocabulary   storedVocabulary
	Words        []float32
	Slope, Shift float64
	Learned      int
	Through      time.Time
}

func (v *vocabulary) stored() storedVocabulary {
	s := storedVocabulary{Steps: make([]uint64, len(v.keys)), Rare: v.rare}
	before := uint64(0)
	for i, key := range v.keys {
		s.Steps[i], before = key-before, key
	}
	return s
}

func (s storedVocabulary) vocabulary() (*vocabulary, error) {
	if len(s.Steps) != len(s.Rare) {
		return nil, errDamaged
	}
	v := &vocabulary{keys: make([]uint64, len(s.Steps)), rare: s.Rare}
	key := uint64(0)
	for i, step := range s.Steps {
		if i > 0 && step == 0 || key+step < key {
			return nil, errDamaged
		}
		key += step
		v.keys[i] = key
	}
	return v, nil
}

var errDamaged = errors.New("the parts of the stored model do not fit each other")

// Bytes returns the model as it is kept; equal models give equal bytes.
func (m *Model) Bytes() ([]byte, error) {
	steps := make([]byte, len(m.table.steps))
	for i, s := range m.table.steps {
		steps[i] = byte(s)
	}
	return squeeze(storedModel{
		Form: storedForm, Labels: m.labels, Vocabulary: m.vocabulary.stored(), From: m.table.from, Kinds: m.table.kinds,
		Steps: steps, Scales: m.table.scales, Bias: m.bias, Heat: m.heat, Slope: m.curve.slope, Shift: m.curve.shift,
		Learned: m.learned, Through: m.through.UTC(),
	})
}

// ReadModel reads what Bytes gave. What it cannot read is errs.Invalid: the
// model has to be learned anew.
func ReadModel(a *index.Analyzer, data []byte) (*Model, error) {
	var s storedModel
	if err := unsqueeze(data, &s); err != nil {
		return nil, err
	}
	v, err := s.Vocabulary.vocabulary()
	if err != nil || s.Form != storedForm || !s.whole() {
		return nil, damaged(orDamaged(err))
	}
	m := &Model{
		analyzer: a, labels: s.Labels, vocabulary: v, bias: s.Bias, heat: s.Heat,
		curve: curve{s.Slope, s.Shift}, learned: s.Learned, through: s.Through,
		table: packed{from: s.From, kinds: s.Kinds, scales: s.Scales, steps: make([]int8, len(s.Steps))},
	}
	for i, b := range s.Steps {
		m.table.steps[i] = int8(b)
	}
	return m, nil
}

// whole says whether every number leads to something that is there.
func (s *storedModel) whole() bool {
	n := len(s.Scales)
	return len(s.Labels) >= 2 && len(s.Bias) == len(s.Labels) && len(s.Vocabulary.Steps) == n && len(s.From) == n+1 &&
		s.From[0] == 0 && slices.IsSorted(s.From) && int(s.From[n]) == len(s.Kinds) && len(s.Steps) == len(s.Kinds) &&
		!slices.ContainsFunc(s.Kinds, func(k uint16) bool { return int(k) >= len(s.Labels) })
}

// Bytes returns what the detector has learned as it is kept; equal detectors
// give equal bytes. The hand-set part is the program's.
func (d *Detector) Bytes() ([]byte, error) {
	s := storedDetector{
		Form: storedForm, Bias: d.bias, Words: d.words, Slope: d.curve.slope, Shift: d.curve.shift,
		Learned: d.learned, Through: d.through.UTC(), Names: slices.Sorted(maps.Keys(d.offsets)),
	}
	for _, name := range s.Names {
		s.Offsets = append(s.Offsets, d.offsets[name])
	}
	if d.vocabulary != nil {
		s.Vocabulary = d.vocabulary.stored()
	}
	return squeeze(s)
}

// Read returns d with what Bytes gave in the place of what it has learned. What
// it cannot read is errs.Invalid: it has to be learned anew.
func (d *Detector) Read(data []byte) (*Detector, error) {
	var s storedDetector
	if err := unsqueeze(data, &s); err != nil {
		return nil, err
	}
	v, err := s.Vocabulary.vocabulary()
	if err != nil || s.Form != storedForm || len(s.Names) != len(s.Offsets) || len(s.Words) != len(s.Vocabulary.Steps) {
		return nil, damaged(orDamaged(err))
	}
	out := *d
	out.bias, out.words, out.vocabulary, out.curve = s.Bias, s.Words, v, curve{s.Slope, s.Shift}
	out.learned, out.through, out.offsets = s.Learned, s.Through, map[string]float64{}
	for i, name := range s.Names {
		out.offsets[name] = s.Offsets[i]
	}
	return &out, nil
}

func squeeze(value any) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := gob.NewEncoder(z).Encode(value); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// mostStored bounds what a stored model unfolds to.
const mostStored = 512 << 20

func unsqueeze(data []byte, into any) error {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return damaged(err)
	}
	if err := gob.NewDecoder(io.LimitReader(z, mostStored)).Decode(into); err != nil {
		return damaged(err)
	}
	// The end holds the checksum, which is looked at only when it is read.
	if _, err := io.Copy(io.Discard, io.LimitReader(z, math.MaxUint16)); err != nil {
		return damaged(err)
	}
	return nil
}

func damaged(cause error) error {
	return errs.Wrap(errs.Invalid, "Сохранённая модель не читается. Обучите программу заново: это займёт несколько секунд.", cause)
}

func orDamaged(err error) error {
	if err != nil {
		return err
	}
	return errDamaged
}
