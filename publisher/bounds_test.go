package publisher

import (
	"testing"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
)

func TestPagesBoundRoles(t *testing.T) {
	t.Parallel()
	p := at(Draft)
	if len(p.PageIDs()) == 0 {
		t.Fatal("the post is for no page")
	}
	bound := func(role rights.Role, scope rights.Scope) rights.Actor {
		return rights.Actor{ID: "b", Name: "Б", Roles: []rights.Role{role}, Bounds: map[rights.Role]rights.Scope{role: scope}}
	}
	for name, x := range map[string]struct {
		scope rights.Scope
		code  errs.Code
	}{
		"its pages":       {rights.Scope{Pages: p.PageIDs()}, ""},
		"another page":    {rights.Scope{Pages: []string{"far"}}, errs.Forbidden},
		"an organisation": {rights.Scope{Organisations: []string{"root"}}, errs.Forbidden},
	} {
		by := bound(rights.PressOfficer, x.scope)
		if _, err := Apply(p, Remark{Text: "да"}, by, Facts{Now: time.Now()}); errs.CodeOf(err) != x.code {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := NewHalt(p.PageIDs(), "стоп", by, facts()); errs.CodeOf(err) != x.code {
			t.Errorf("%s, stop: %v", name, err)
		}
		f := facts()
		m := Mandate{Title: "Важное", From: "Министерство", Content: words, Adapt: AsIs, PageIDs: p.PageIDs(), DueAt: f.Now.Add(time.Hour)}
		issued, _, err := Issue(m, by, f)
		if errs.CodeOf(err) != x.code {
			t.Errorf("%s, mandate: %v", name, err)
		}
		if _, err := issued.Withdraw("ошибка", by, f.Now); errs.CodeOf(err) != x.code {
			t.Errorf("%s, the mandate's end: %v", name, err)
		}
		if _, err := NewHalt(nil, "стоп", by, facts()); errs.CodeOf(err) != errs.Forbidden {
			t.Errorf("%s: everything is stopped, %v", name, err)
		}
	}
}
