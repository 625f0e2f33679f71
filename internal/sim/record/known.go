package record

import (
	"fmt"
	"math"
	"path"
	"time"

	"otklik/internal/errs"
)

// Known are the kinds of faults that a network makes something of, each with
// the codes that it may have.
type Known map[string]Codes

// Codes are the least and the greatest code; zeros mean that none is needed.
type Codes struct{ Least, Most int }

// Check refuses a fault that would never befall a call, or not as it says.
// Errors: Invalid with what to change.
func (k Known) Check(f Fault) error {
	codes, known := k[f.Kind]
	_, glob := path.Match(f.Method, "")
	switch {
	case !known:
		return errs.Newf(errs.Invalid, "Такого вида неисправности нет у этой сети: «%s». Проверьте kind.", f.Kind)
	case codes.Most != 0 && (f.Code < codes.Least || f.Code > codes.Most):
		return errs.Newf(errs.Invalid, "У неисправности «%s» должен быть код (code) от %d до %d.", f.Kind, codes.Least, codes.Most)
	case f.Kind == FaultClock && f.Delay == 0:
		return errs.New(errs.Invalid, "Укажите, на сколько миллисекунд ошибаются часы: delay_ms.")
	case f.Kind != FaultClock && f.Delay < 0, f.Count < 0, f.Skip < 0, f.RetryAfter < 0:
		return errs.New(errs.Invalid, "Задержка и числа вызовов не бывают меньше нуля.")
	case math.IsNaN(f.Probability) || f.Probability < 0 || f.Probability > 1:
		return errs.New(errs.Invalid, "Вероятность (probability) — от 0 до 1.")
	case glob != nil, f.Method == "" && f.Kind != FaultClock:
		return errs.New(errs.Invalid, "Укажите, где случится неисправность (method): имя метода, «*» — любой.")
	case !f.Until.IsZero() && !f.Until.After(f.From):
		return errs.New(errs.Invalid, "Неисправность кончается раньше, чем начинается: проверьте from и until.")
	}
	return nil
}

// CheckScenario refuses a scenario in which a step for the network is one that
// it does not know. Errors: Invalid with the step.
func (k Known) CheckScenario(network string, s Scenario) error {
	for i, step := range s {
		for _, f := range (Scenario{step}).Faults(network, time.Time{}) {
			if err := k.Check(f); err != nil {
				return errs.Wrap(errs.Invalid, fmt.Sprintf("Сценарий неисправностей, шаг %d. %s", i+1, errs.MessageOf(err)), err)
			}
		}
	}
	return nil
}
