package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
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

// ParseScenario reads a scenario file: a JSON list of steps. The error names the
// line and the step that is wrong; an unknown field is one too.
func ParseScenario(raw []byte) (Scenario, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if open, err := d.Token(); err != nil || open != json.Delim('[') {
		return nil, wrongAt(raw, 0, 0, "это список шагов в виде JSON, он начинается с «[»", err)
	}
	var s Scenario
	for d.More() {
		begin := d.InputOffset()
		var step Step
		err := d.Decode(&step)
		if err != nil {
			var syntax *json.SyntaxError
			if errors.As(err, &syntax) {
				begin = syntax.Offset - 1
			}
			return nil, wrongAt(raw, begin, len(s)+1, jsonFault(err), err)
		}
		if _, err := step.fault(time.Time{}); err != nil {
			return nil, wrongAt(raw, begin, len(s)+1, err.Error(), err)
		}
		s = append(s, step)
	}
	if _, err := d.Token(); err != nil {
		return nil, wrongAt(raw, int64(len(raw)), 0, "список не закончен: нет «]»", err)
	}
	if d.More() {
		return nil, wrongAt(raw, d.InputOffset(), 0, "после списка шагов стоит лишнее", nil)
	}
	return s, nil
}

// wrongAt says in one sentence what is wrong and in which line; step 0 is the
// file as a whole. What stands between two steps belongs to the second one.
func wrongAt(raw []byte, offset int64, step int, what string, cause error) error {
	offset = min(max(offset, 0), int64(len(raw)))
	rest := raw[offset:]
	offset += int64(len(rest) - len(bytes.TrimLeft(rest, ", \t\r\n")))
	line := 1 + bytes.Count(raw[:offset], []byte("\n"))
	where := fmt.Sprintf("Сценарий неисправностей, строка %d", line)
	if step > 0 {
		where += fmt.Sprintf(", шаг %d", step)
	}
	return errs.Wrap(errs.Invalid, where+": "+what+".", cause)
}

// jsonFault is what the reader of JSON dislikes, for people.
func jsonFault(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "список не закончен: нет «]»"
	}
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return "в поле «" + kind.Field + "» должно быть другое: " + kind.Type.String() + ", а не " + kind.Value
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return "поля " + name + " нет"
	}
	return "это не JSON (" + err.Error() + ")"
}

// Seeded returns the scenario in which every step has a seed: its own, or one
// that follows from the given one and the step's place.
func (s Scenario) Seeded(seed uint64) Scenario {
	out := slices.Clone(s)
	for i := range out {
		if out[i].Seed == 0 {
			out[i].Seed = seed + uint64(i)
		}
	}
	return out
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
	if !slices.Contains(kinds(), s.Fault) {
		return f, fmt.Errorf("неисправности «%s» нет", s.Fault)
	}
	if s.Method == "" && s.Fault != FaultClock {
		return f, fmt.Errorf("нет метода (method); «*» — любой")
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
