package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/sheet"
)

// columns of the table by which rules move between installations.
func columns() []string {
	return []string{"вид", "код", "название", "тема", "ведомство", "важность", "автоправило", "включено", "с", "до", "условие"}
}

const (
	kindRule = "правило"
	kindList = "список"
)

// Table is all rules and lists as a table. Moments are written by RFC 3339 in UTC.
func (s Set) Table() sheet.Table {
	t := sheet.Table{Name: "Правила", Columns: columns()}
	add := func(cells ...string) {
		row := make([]sheet.Cell, len(cells))
		for i, c := range cells {
			row[i] = sheet.Text(c)
		}
		t.Rows = append(t.Rows, row)
	}
	for _, l := range s.Lists {
		add(kindList, l.Name, "", "", "", "", "", "", "", "", l.Expr)
	}
	for _, r := range s.Rules {
		add(kindRule, r.ID, r.Name, r.TopicID, r.DepartmentID, strconv.Itoa(int(r.Importance)), yes(r.Auto), yes(r.Active), stamped(r.From), stamped(r.To), r.Spelled)
	}
	return t
}

func yes(b bool) string {
	if b {
		return "да"
	}
	return "нет"
}

func stamped(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// Import decides what a table changes: rules and lists are known by their codes,
// those that are not in it stay. It is all or nothing. Errors: Forbidden, Invalid
// with the row.
func (s Set) Import(f sheet.File, by rights.Actor, now time.Time) (Change, error) {
	at, err := placesOf(f.Header)
	if err != nil {
		return Change{}, err
	}
	in := importer{set: s, by: by, now: now}
	for _, kind := range []string{kindList, kindRule} {
		for _, row := range f.Rows {
			cell := func(name string) string { return strings.TrimSpace(row.Cells[at[name]]) }
			if cell("вид") != kind {
				if k := cell("вид"); k != kindList && k != kindRule {
					return Change{}, errs.Newf(errs.Invalid, "Строка %d: в столбце «вид» нужно «правило» или «список», а стоит «%s».", row.Number, k)
				}
				continue
			}
			if err := in.take(kind, cell); err != nil {
				return Change{}, errs.Wrap(errs.Invalid, fmt.Sprintf("Строка %d: %s", row.Number, errs.MessageOf(err)), err)
			}
		}
	}
	return in.out, nil
}

func placesOf(header []string) (map[string]int, error) {
	at := map[string]int{}
	for _, name := range columns() {
		i := slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), name) })
		if i < 0 {
			return nil, errs.Newf(errs.Invalid, "В таблице нет столбца «%s». Возьмите за образец то, что пишет otklik rules export.", name)
		}
		at[name] = i
	}
	return at, nil
}

// importer takes rows one after another, each upon what those before have made.
type importer struct {
	set Set
	by  rights.Actor
	now time.Time
	out Change
}

func (in *importer) take(kind string, cell func(string) string) error {
	if kind == kindList {
		old, _ := in.set.List(cell("код"))
		c, err := in.set.SaveList(List{Name: cell("код"), Expr: cell("условие")}, old.Version, in.by, in.now)
		in.adopt(c)
		return err
	}
	x, err := ruleOf(cell)
	if err != nil {
		return err
	}
	old, _ := in.set.Rule(x.ID)
	c, err := in.set.Save(x, old.Version, in.by, in.now)
	if old.ID == "" && len(c.Rules) > 0 {
		// New rules keep the order of the table, after those that are there.
		for _, r := range in.set.Rules {
			c.Rules[0].Position = max(c.Rules[0].Position, r.Position+1)
		}
	}
	in.adopt(c)
	return err
}

// adopt joins a change to those before it.
func (in *importer) adopt(c Change) {
	for i := range c.Lists {
		c.Lists[i].Why = "Из файла"
		in.set.Lists = append(slices.DeleteFunc(slices.Clone(in.set.Lists), func(l List) bool { return l.Name == c.Lists[i].Name }), c.Lists[i])
	}
	for i := range c.Rules {
		if c.Rules[i].Why == "" {
			c.Rules[i].Why = "Из файла"
		}
		in.set.Rules = append(slices.DeleteFunc(slices.Clone(in.set.Rules), func(r Rule) bool { return r.ID == c.Rules[i].ID }), c.Rules[i])
	}
	in.out.Lists, in.out.Rules = append(in.out.Lists, c.Lists...), append(in.out.Rules, c.Rules...)
}

func ruleOf(cell func(string) string) (Rule, error) {
	x := Rule{
		ID: cell("код"), Name: cell("название"), TopicID: cell("тема"), DepartmentID: cell("ведомство"), Spelled: cell("условие"),
		Auto: strings.EqualFold(cell("автоправило"), "да"), Active: !strings.EqualFold(cell("включено"), "нет"),
	}
	if x.ID == "" || strings.ContainsAny(x.ID, "/?#% \t") {
		return x, errs.New(errs.Invalid, "В столбце «код» нужно короткое имя без пробелов и знаков «/», «?», «#», «%».")
	}
	if v := cell("важность"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			return x, errs.Wrap(errs.Invalid, "Важность — 0, 1 или 2.", err)
		}
		x.Importance = Importance(n)
	}
	var err error
	for name, to := range map[string]*time.Time{"с": &x.From, "до": &x.To} {
		if v := cell(name); v != "" {
			if *to, err = time.Parse(time.RFC3339, v); err != nil {
				return x, errs.Wrap(errs.Invalid, "Время в столбце «"+name+"» пишут как 2026-11-23T00:00:00+03:00.", err)
			}
		}
	}
	return x, nil
}
