package index

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode/utf8"
)

// dictionary is a hunspell dictionary of Russian, asked for the base forms of
// words. Only its suffixes are used; ё is е in it, as in every folded form.
type dictionary struct {
	// words holds lines «base/FLAGS», and starts where they begin, by base.
	words  string
	starts []uint32
	// suffixes lists rules by the ending that they add.
	suffixes map[string][]suffix
	// byFlag lists them again by flag, in the order of the file.
	byFlag map[byte][]suffix
	// fingerprint tells dictionaries apart.
	fingerprint string
}

// suffix says that a base with the flag, whose end satisfies the condition,
// has a form with strip replaced by ending.
type suffix struct {
	flag      byte
	strip     string
	ending    string
	condition []letterClass
}

// letterClass is one letter of a condition: any of a set, or any but a set.
type letterClass struct {
	letters string
	but     bool
}

// installedDictionary is the Russian dictionary of this machine, nil without
// one. It is read once: rules and archive have to make the same terms.
var installedDictionary = sync.OnceValue(func() *dictionary {
	for _, folder := range []string{"/usr/share/hunspell", "/usr/share/myspell", "/usr/share/myspell/dicts"} {
		if d, err := readDictionary(os.DirFS(folder), "ru_RU"); err == nil {
			return d
		}
	}
	return nil
})

var errEncoding = errors.New("the dictionary is not in UTF-8")

func readDictionary(folder fs.FS, name string) (*dictionary, error) {
	affixes, err := fs.ReadFile(folder, name+".aff")
	if err != nil {
		return nil, err
	}
	words, err := fs.ReadFile(folder, filepath.ToSlash(name+".dic"))
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(affixes) || !utf8.Valid(words) {
		return nil, errEncoding
	}
	sum := sha256.New()
	sum.Write(affixes)
	sum.Write(words)
	d := &dictionary{suffixes: map[string][]suffix{}, byFlag: map[byte][]suffix{}, fingerprint: hex.EncodeToString(sum.Sum(nil)[:8])}
	d.readSuffixes(affixes)
	d.readWords(words)
	return d, nil
}

// readSuffixes reads lines «SFX flag strip ending condition»; 0 is nothing.
func (d *dictionary) readSuffixes(affixes []byte) {
	for lines := bufio.NewScanner(bytes.NewReader(affixes)); lines.Scan(); {
		f := strings.Fields(foldYo(lines.Text()))
		if len(f) < 5 || f[0] != "SFX" || len(f[1]) != 1 {
			continue
		}
		ending, _, _ := strings.Cut(f[3], "/")
		if ending == "0" {
			ending = ""
		}
		rule := suffix{flag: f[1][0], strip: f[2], condition: readCondition(f[4])}
		if rule.strip == "0" {
			rule.strip = ""
		}
		rule.ending = ending
		d.suffixes[ending] = append(d.suffixes[ending], rule)
		d.byFlag[rule.flag] = append(d.byFlag[rule.flag], rule)
	}
}

func readCondition(text string) (condition []letterClass) {
	for text != "" && text != "." {
		if rest, ok := strings.CutPrefix(text, "["); ok {
			letters, after, _ := strings.Cut(rest, "]")
			class := letterClass{letters: letters}
			class.letters, class.but = strings.CutPrefix(letters, "^")
			condition, text = append(condition, class), after
			continue
		}
		_, size := utf8.DecodeRuneInString(text)
		condition, text = append(condition, letterClass{letters: text[:size], but: text[:size] == "."}), text[size:]
	}
	return condition
}

func (d *dictionary) readWords(words []byte) {
	var lines []string
	for scan := bufio.NewScanner(bytes.NewReader(words)); scan.Scan(); {
		word, _, _ := strings.Cut(foldYo(strings.ToLower(baseOf(scan.Text())))+flagsOf(scan.Text()), "\t")
		if base := baseOf(word); isRussian(base) {
			lines = append(lines, word)
		}
	}
	slices.Sort(lines)
	lines = slices.Compact(lines)
	d.starts = make([]uint32, 0, len(lines))
	var all strings.Builder
	for _, line := range lines {
		d.starts = append(d.starts, uint32(all.Len()))
		all.WriteString(line + "\n")
	}
	d.words = all.String()
}

func baseOf(line string) string {
	base, _, _ := strings.Cut(line, "/")
	return base
}

func flagsOf(line string) string { return line[len(baseOf(line)):] }

func foldYo(s string) string { return strings.NewReplacer("ё", "е", "Ё", "е").Replace(s) }

// bases appends the base forms that a folded form may be of, sorted.
func (d *dictionary) bases(form string) (found []string) {
	if d == nil {
		return nil
	}
	if _, ok := d.flags(form); ok {
		found = append(found, form)
	}
	for i := len(form); i >= 0; i-- {
		if i < len(form) && !utf8.RuneStart(form[i]) {
			continue
		}
		for _, s := range d.suffixes[form[i:]] {
			base := form[:i] + s.strip
			if !s.allows(base) {
				continue
			}
			if flags, ok := d.flags(base); ok && strings.IndexByte(flags, s.flag) >= 0 {
				found = append(found, base)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// forms returns a base form and at most most-1 others of the word.
func (d *dictionary) forms(base string, most int) []string {
	forms := []string{base}
	flags, _ := d.flags(base)
	for i := range len(flags) {
		for _, s := range d.byFlag[flags[i]] {
			if len(forms) == most {
				return forms
			}
			if head, ok := strings.CutSuffix(base, s.strip); ok && s.allows(base) {
				forms = append(forms, head+s.ending)
			}
		}
	}
	return forms
}

// flags returns the flags of all entries of a base form.
func (d *dictionary) flags(base string) (flags string, ok bool) {
	at := sort.Search(len(d.starts), func(i int) bool { return baseOf(d.line(i)) >= base })
	for ; at < len(d.starts) && baseOf(d.line(at)) == base; at++ {
		flags, ok = flags+flagsOf(d.line(at)), true
	}
	return flags, ok
}

func (d *dictionary) line(i int) string {
	rest := d.words[d.starts[i]:]
	return rest[:strings.IndexByte(rest, '\n')]
}

func (s *suffix) allows(base string) bool {
	for i := len(s.condition) - 1; i >= 0; i-- {
		r, size := utf8.DecodeLastRuneInString(base)
		if size == 0 || strings.ContainsRune(s.condition[i].letters, r) == s.condition[i].but && s.condition[i].letters != "." {
			return false
		}
		base = base[:len(base)-size]
	}
	return true
}

// name tells what the terms of an archive were made with.
func (d *dictionary) name() string {
	if d == nil {
		return ""
	}
	return d.fingerprint
}
