package main

import (
	"fmt"
	"io"
	"os"

	"otklik/internal/errs"
	"otklik/internal/sim/record"
)

// faultFlags are what goes wrong in the simulated networks.
type faultFlags struct {
	Scenario string `type:"path" help:"Файл сценария: что и когда сломается в сетях."`
	Seed     uint64 `default:"1" help:"Число, от которого зависят броски вероятностей: с тем же числом ломается то же самое."`
}

// load reads the scenario; without a file nothing goes wrong.
func (f faultFlags) load() (record.Scenario, error) {
	if f.Scenario == "" {
		return nil, nil
	}
	file, err := os.Open(f.Scenario)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, fmt.Sprintf("Файл сценария %s не открывается. Проверьте путь и права.", f.Scenario), err)
	}
	defer func() { _ = file.Close() }()
	const most = 1 << 20
	raw, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil || len(raw) > most {
		return nil, errs.Wrap(errs.Invalid, fmt.Sprintf("Файл сценария %s не читается: это должен быть файл не больше 1 МБ.", f.Scenario), err)
	}
	s, err := record.ParseScenario(raw)
	if err != nil {
		return nil, errs.Wrap(errs.CodeOf(err), f.Scenario+". "+errs.MessageOf(err), err)
	}
	return s.Seeded(f.Seed), nil
}
