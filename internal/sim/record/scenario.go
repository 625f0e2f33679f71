package record

import (
	"encoding/json"
	"fmt"
	"time"

	"otklik/internal/errs"
)

// Step is one line of a scenario: a fault and when it lasts.
type Step struct {
	// Network is "vk" or "telegram"; empty means both.
	Network string `json:"network,omitempty"`
	// At is when the step begins, since the start of the scenario: "90s", "1h".
	At string `json:"at"`
	// For is how long it lasts; empty means to the end.
	For    string `json:"for,omitempty"`
	Method string `json:"method"`
	// Fault is the kind of the fault; the other fields are those of Fault.
	Fault       string  `json:"fault"`
	Probability float64 `json:"probability,omitempty"`
	Seed        uint64  `json:"seed,omitempty"`
	Code        int     `json:"code,omitempty"`
	RetryAfter  int     `json:"retry_after,omitempty"`
	Delay       int     `json:"delay_ms,omitempty"`
	Count       int     `json:"count,omitempty"`
}

// Scenario is the list of what goes wrong and when.
type Scenario []Step

// ParseScenario reads a scenario file. The error names the step that is wrong.
func ParseScenario(raw []byte) (Scenario, error) {
	var s Scenario
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, errs.Wrap(errs.Invalid, "Сценарий неисправностей — это список шагов в виде JSON: "+err.Error()+".", err)
	}
	for i, step := range s {
		if _, err := step.fault(time.Time{}); err != nil {
			return nil, errs.Wrap(errs.Invalid, fmt.Sprintf("Шаг %d сценария: %s", i+1, err), err)
		}
	}
	return s, nil
}

// Faults are the prepared faults of one network for a scenario that starts at
// start. Steps that do not parse are left out; ParseScenario finds them.
func (s Scenario) Faults(network string, start time.Time) []Fault {
	var out []Fault
	for i, step := range s {
		if step.Network != "" && step.Network != network {
			continue
		}
		f, err := step.fault(start)
		if err != nil {
			continue
		}
		f.ID = fmt.Sprintf("step %d", i+1)
		out = append(out, f)
	}
	return out
}

func (s Step) fault(start time.Time) (Fault, error) {
	f := Fault{
		Method: s.Method, Kind: s.Fault, Code: s.Code, RetryAfter: s.RetryAfter, Delay: s.Delay,
		Count: s.Count, Probability: s.Probability, Seed: s.Seed,
	}
	if s.Fault == "" {
		return f, fmt.Errorf("нет вида неисправности (fault)")
	}
	if s.Network != "" && s.Network != "vk" && s.Network != "telegram" {
		return f, fmt.Errorf("сеть (network) — vk или telegram")
	}
	if s.Probability < 0 || s.Probability > 1 {
		return f, fmt.Errorf("вероятность (probability) — от 0 до 1")
	}
	at, err := time.ParseDuration(s.At)
	if err != nil || at < 0 {
		return f, fmt.Errorf("время начала (at) пишут так: 90s, 5m, 1h")
	}
	f.From = start.Add(at)
	if s.For != "" {
		d, err := time.ParseDuration(s.For)
		if err != nil || d <= 0 {
			return f, fmt.Errorf("длительность (for) пишут так: 90s, 5m, 1h")
		}
		f.Until = f.From.Add(d)
	}
	return f, nil
}
