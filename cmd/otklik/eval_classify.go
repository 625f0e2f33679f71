package main

import (
	"fmt"
	"time"

	"otklik/index"
	"otklik/index/classify"
	"otklik/internal/errs"
)

type evalClassifyCmd struct {
	evalOutput
	Train []string `required:"" type:"path" placeholder:"ФАЙЛ" help:"CSV или TSV с решениями, можно сжатый (.gz)."`
	Test  []string `required:"" type:"path" placeholder:"ФАЙЛ" help:"Такой же файл для проверки; тексты, которые есть в обучении, пропускаются."`
	Text  string   `required:"" placeholder:"СТОЛБЕЦ" help:"Столбец с текстом; разметка HTML убирается."`
	Label string   `required:"" placeholder:"СТОЛБЕЦ" help:"Столбец с меткой, которую надо угадать."`
}

type classifyFigures struct {
	classify.Quality
	Labels       int     `json:"labels"`
	Learned      int     `json:"learned"`
	Repeated     int     `json:"repeated"`
	TrainSeconds float64 `json:"train_seconds"`
}

// Run trains, tests and prints.
func (c *evalClassifyCmd) Run(e *environment) error {
	learned, err := examples(c.Train, c.Text, c.Label, "")
	if err != nil {
		return err
	}
	all, err := examples(c.Test, c.Text, c.Label, "")
	if err != nil {
		return err
	}
	fresh := classify.Unseen(all, learned)
	if len(fresh) == 0 {
		return errs.New(errs.Invalid, "Проверять не на чем: все тексты проверки есть в обучении.")
	}
	began := time.Now()
	model, err := classify.Train(e.ctx, index.NewAnalyzer(), learned, 0)
	if err != nil {
		return err
	}
	f := classifyFigures{
		TrainSeconds: time.Since(began).Seconds(), Labels: len(model.Labels()),
		Learned: len(learned), Repeated: len(all) - len(fresh),
	}
	f.Quality = model.Test(fresh)
	return c.print(e.out, f, [][]string{
		{"Обучено на решениях", fmt.Sprint(f.Learned)},
		{"Меток", fmt.Sprint(f.Labels)},
		{"Проверено на новых текстах", fmt.Sprint(f.Tested)},
		{"Пропущено повторов", fmt.Sprint(f.Repeated)},
		{"Верна первая догадка", percent(f.Accuracy)},
		{"Верна одна из трёх", percent(f.Top3)},
		{"F1 в среднем по меткам", percent(f.MacroF1)},
		{"F1 с весом по числу текстов", percent(f.WeightedF1)},
		{"Ошибка вероятности", percent(f.Miscalibration)},
		{"Обучение, секунд", fmt.Sprintf("%.1f", f.TrainSeconds)},
	})
}
