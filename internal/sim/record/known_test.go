package record

import (
	"math"
	"strings"
	"testing"
	"time"

	"otklik/internal/errs"
)

func TestAFaultThatWouldNotBefallIsRefused(t *testing.T) {
	t.Parallel()
	known := Known{FaultError: {1, 30}, FaultSlow: {}, FaultClock: {}}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, f := range []Fault{
		{Kind: FaultError, Method: "wall.*", Code: 6, Probability: 1},
		{Kind: FaultSlow, Method: "*"},
		{Kind: FaultClock, Delay: -5},
		{Kind: FaultSlow, Method: "*", From: now, Until: now.Add(1)},
	} {
		if err := known.Check(f); err != nil {
			t.Errorf("%+v: %v", f, err)
		}
	}
	for says, f := range map[string]Fault{
		"«slwo»":        {Kind: "slwo", Method: "*"},
		"Такого":        {Method: "*"},
		"от 1 до 30":    {Kind: FaultError, Method: "*"},
		"delay_ms":      {Kind: FaultClock},
		"меньше нуля":   {Kind: FaultSlow, Method: "*", Count: -1},
		"Вероятность":   {Kind: FaultSlow, Method: "*", Probability: 7},
		"(probability)": {Kind: FaultSlow, Method: "*", Probability: math.NaN()},
		"(method)":      {Kind: FaultSlow},
		"имя метода":    {Kind: FaultSlow, Method: "wall.[get"},
		"раньше, чем":   {Kind: FaultSlow, Method: "*", From: now, Until: now},
	} {
		if err := known.Check(f); errs.CodeOf(err) != errs.Invalid || !strings.Contains(errs.MessageOf(err), says) {
			t.Errorf("%+v: it should say %q and says %v", f, says, err)
		}
	}
	s := Scenario{{Network: "telegram", At: "0s", Fault: FaultMigrate, Method: "*"}, {At: "0s", Fault: FaultDrop, Method: "*"}}
	if err := known.CheckScenario("vk", s); !strings.Contains(errs.MessageOf(err), "шаг 2") {
		t.Error(err)
	}
	if err := known.CheckScenario("vk", s[:1]); err != nil {
		t.Error("a step for the other network: ", err)
	}
}
