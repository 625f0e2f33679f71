package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"otklik/index"
	"otklik/internal/errs"
	"otklik/internal/social"
)

type benchIndexCmd struct {
	benchArchive
}

// benchArchive is an archive of texts, made for measuring in a folder that is
// removed afterwards.
type benchArchive struct {
	benchInput
	Docs    int `default:"100000" help:"Сколько сообщений положить в архив; если в файле меньше, тексты повторяются."`
	Copies  int `placeholder:"N" help:"Сколько раз повторить тексты файла со сдвинутыми датами, вместо --docs."`
	Batch   int `default:"1000" help:"Сколько сообщений в одной записи."`
	Writers int `default:"2" help:"Сколько записей идёт одновременно."`
}

type indexFigures struct {
	Docs         int     `json:"docs"`
	PerSecond    float64 `json:"docs_per_second"`
	PerCPUSecond float64 `json:"docs_per_cpu_second"`
	BytesADoc    float64 `json:"bytes_per_doc"`
	TextBytes    float64 `json:"text_bytes_per_doc"`
	Analyzed     float64 `json:"analyzed_per_cpu_second"`
	MeanLength   float64 `json:"mean_characters"`
}

// Run measures how fast the archive is filled and how large it becomes.
func (c *benchIndexCmd) Run(e *environment) error {
	texts, err := c.texts(c.Docs)
	if err != nil {
		return err
	}
	f := indexFigures{MeanLength: meanLength(texts), Analyzed: analyzed(texts)}
	for _, text := range texts {
		f.TextBytes += float64(len(text)) / float64(len(texts))
	}
	err = c.with(e.ctx, texts, func(_ *index.Archive, folder string, wall, cpu time.Duration) error {
		f.Docs = c.Docs
		f.PerSecond, f.PerCPUSecond = float64(c.Docs)/wall.Seconds(), float64(c.Docs)/max(cpu.Seconds(), 1e-9)
		size, err := folderSize(folder)
		f.BytesADoc = float64(size) / float64(c.Docs)
		return err
	})
	if err != nil {
		return err
	}
	return c.report(e.out, f, []figure{
		{"Сообщений", fmt.Sprintf("%d, в среднем %.0f знаков", f.Docs, f.MeanLength)},
		{"Записано за секунду", fmt.Sprintf("%.0f", f.PerSecond)},
		{"Записано за секунду процессора", fmt.Sprintf("%.0f", f.PerCPUSecond)},
		{"Байт на сообщение", fmt.Sprintf("%.0f, из них текст до сжатия %.0f", f.BytesADoc, f.TextBytes)},
		{"Разобрано слов за секунду процессора, сообщений", fmt.Sprintf("%.0f", f.Analyzed)},
	})
}

// analyzed is how many texts the analyzer reads in a second of one processor,
// as bleve asks it to.
func analyzed(texts []string) float64 {
	a := index.NewAnalyzer().Bleve()
	inputs := make([][]byte, min(len(texts), 20_000))
	for i := range inputs {
		inputs[i] = []byte(texts[i])
		a.Analyze(inputs[i])
	}
	var rates []float64
	for range 5 {
		start := cpuTime()
		for _, input := range inputs {
			a.Analyze(input)
		}
		rates = append(rates, float64(len(inputs))/max((cpuTime()-start).Seconds(), 1e-9))
	}
	return median(rates)
}

// with fills an archive, hands it to use, and removes it.
func (c *benchArchive) with(ctx context.Context, texts []string, use func(a *index.Archive, folder string, wall, cpu time.Duration) error) (err error) {
	if c.Copies > 0 {
		c.Docs = c.Copies * len(texts)
	}
	if c.Docs < 1 || c.Batch < 1 || c.Writers < 1 {
		return errs.New(errs.Invalid, "В --docs, --batch и --writers нужны числа не меньше 1.")
	}
	folder, err := os.MkdirTemp("", "otklik-bench-")
	if err != nil {
		return errs.Wrap(errs.Unavailable, "Временная папка не создаётся. Проверьте место на диске и переменную TMPDIR.", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	archive, _, err := index.Open(filepath.Join(folder, "index"), index.NewAnalyzer())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, archive.Close()) }()
	start, cpu := time.Now(), cpuTime()
	if err := c.fill(ctx, archive, texts); err != nil {
		return err
	}
	return use(archive, folder, time.Since(start), cpuTime()-cpu)
}

func (c *benchArchive) fill(ctx context.Context, archive *index.Archive, texts []string) error {
	batches := make(chan int)
	failed := make(chan error, c.Writers)
	var writers sync.WaitGroup
	for range c.Writers {
		writers.Go(func() {
			for from := range batches {
				docs := make([]index.Doc, min(c.Batch, c.Docs-from))
				for i := range docs {
					docs[i] = c.doc(from+i, texts)
				}
				if err := archive.Put(ctx, docs, fmt.Sprint(from)); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	var err error
	for from := 0; from < c.Docs && err == nil; from += c.Batch {
		select {
		case batches <- from:
		case err = <-failed:
		}
	}
	close(batches)
	writers.Wait()
	select {
	case late := <-failed:
		err = errors.Join(err, late)
	default:
	}
	return err
}

// lastPost is when the newest of the measured posts was published.
var lastPost = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// doc makes the document i: the documents spread over a year, over fifty
// sources in two networks and over many authors.
func (c *benchArchive) doc(i int, texts []string) index.Doc {
	d := index.Doc{
		ID: fmt.Sprintf("%08d", i), Text: texts[i%len(texts)], Network: social.VK, Kind: social.Comment,
		Source: fmt.Sprintf("source-%d", i%50), Author: fmt.Sprint(i * 7919 % 30011), Thread: fmt.Sprintf("vk:-1:%d", i/20),
		Published: lastPost.Add(-time.Duration(c.Docs-i) * (365 * 24 * time.Hour / time.Duration(c.Docs))),
	}
	if i%3 == 0 {
		d.Network = social.Telegram
	}
	if i%5 == 0 {
		d.Kind = social.Post
	}
	if i%25 == 0 {
		d.Case = fmt.Sprintf("case-%d", i)
	}
	return d
}

func folderSize(folder string) (size int64, err error) {
	err = filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}
