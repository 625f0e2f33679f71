package rubricator

import (
	"slices"
	"strconv"
	"strings"

	"otklik/internal/errs"
)

// Parse reads a tree. The format, a line each:
//
//	# a remark
//	ответ slug = first line of the answer
//	    further lines, indented
//	категория slug = Название; отдел slug; тема slug; срок 240; нужно адрес, фото; ответ slug
//	подкатегория slug = Название
//	факт slug = Название; быстро
//
// What a category says holds for its subcategories, and what these say for their
// facts; what stands lower is stronger. Errors have the code errs.Invalid and
// name the line.
func Parse(text string) (Rubricator, error) {
	p := parser{seen: map[string]bool{}}
	for line := range strings.Lines(text) {
		p.line++
		if err := p.read(strings.TrimRight(line, " \t\r\n")); err != nil {
			return Rubricator{}, err
		}
	}
	if len(p.out.Facts) == 0 {
		return Rubricator{}, errs.New(errs.Invalid, "В рубрикаторе нет ни одного факта.")
	}
	return p.out, nil
}

type parser struct {
	out  Rubricator
	line int
	seen map[string]bool
	// The node that is open on each level: category, subcategory.
	open  [2]node
	depth int // how many of them are open
	// answer says that indented lines go on with the last answer.
	answer bool
}

// node is what a line of the tree says, with what it has from above.
type node struct {
	slug  string
	name  string
	props Fact
	hours bool // whether the line itself names the time
}

func (p *parser) read(line string) error {
	switch {
	case line == "" || strings.HasPrefix(line, "#"):
		return nil
	case line[0] == ' ' || line[0] == '\t':
		if !p.answer {
			return p.fail("отступ бывает только у продолжения ответа")
		}
		last := &p.out.Answers[len(p.out.Answers)-1]
		last.Text += "\n" + strings.TrimSpace(line)
		return nil
	}
	p.answer = false
	head, value, ok := strings.Cut(line, "=")
	kind, slug, ok2 := strings.Cut(strings.TrimSpace(head), " ")
	slug, value = strings.TrimSpace(slug), strings.TrimSpace(value)
	if !ok || !ok2 || slug == "" || value == "" {
		return p.fail("нужно «вид имя = значение»")
	}
	if strings.ContainsAny(slug, ". ;") {
		return p.fail("в имени «%s» не бывает пробелов, точек и точек с запятой", slug)
	}
	if kind == "ответ" {
		p.answer = true
		p.out.Answers = append(p.out.Answers, Answer{ID: slug, Text: value})
		return p.once("ответ " + slug)
	}
	return p.node(kind, slug, value)
}

// once refuses a name that was given before.
func (p *parser) once(name string) error {
	if p.seen[name] {
		return p.fail("«%s» встречается второй раз", name)
	}
	p.seen[name] = true
	return nil
}

func (p *parser) node(kind, slug, value string) error {
	level := slices.Index([]string{"категория", "подкатегория", "факт"}, kind)
	switch {
	case level < 0:
		return p.fail("непонятное слово «%s»", kind)
	case level > p.depth:
		return p.fail("%s «%s» стоит не на своём месте: сначала категория, потом подкатегория, потом факт", kind, slug)
	}
	n := node{slug: slug}
	if level > 0 {
		n.props = p.open[level-1].props
	}
	parts := strings.Split(value, ";")
	n.name = strings.TrimSpace(parts[0])
	for _, part := range parts[1:] {
		if err := p.property(&n, strings.TrimSpace(part)); err != nil {
			return err
		}
	}
	if level < 2 {
		p.open[level], p.depth = n, level+1
		return p.once(p.path(level, slug))
	}
	return p.fact(n)
}

func (p *parser) path(level int, slug string) string {
	path := slug
	for l := level - 1; l >= 0; l-- {
		path = p.open[l].slug + "." + path
	}
	return path
}

func (p *parser) property(n *node, text string) error {
	key, value, _ := strings.Cut(text, " ")
	value = strings.TrimSpace(value)
	if key != "быстро" && value == "" {
		return p.fail("у свойства «%s» нет значения", key)
	}
	switch key {
	case "быстро":
		n.props.Fast = true
	case "отдел":
		n.props.DepartmentID = value
	case "тема":
		n.props.TopicID = value
	case "ответ":
		if !p.seen["ответ "+value] {
			return p.fail("нет ответа «%s»", value)
		}
		n.props.AnswerID = value
	case "срок":
		hours, err := strconv.Atoi(value)
		if err != nil || hours < 1 {
			return p.fail("срок — число часов")
		}
		n.props.Hours, n.hours = hours, true
	case "нужно":
		n.props.Required = nil
		for name := range strings.SplitSeq(value, ",") {
			field := Field(strings.TrimSpace(name))
			if !slices.Contains(Fields(), field) {
				return p.fail("нет поля «%s»", field)
			}
			n.props.Required = append(n.props.Required, field)
		}
	default:
		return p.fail("непонятное свойство «%s»", key)
	}
	return nil
}

func (p *parser) fact(n node) error {
	f := n.props
	f.ID = p.path(2, n.slug)
	f.Category, f.Subcategory, f.Name = p.open[0].name, p.open[1].name, n.name
	if f.Fast && !n.hours {
		f.Hours = FastHours
	}
	if f.DepartmentID == "" || f.Hours == 0 {
		return p.fail("у факта «%s» нет отдела или срока: задайте их у него или у категории", n.name)
	}
	p.out.Facts = append(p.out.Facts, f)
	return p.once(f.ID)
}

func (p *parser) fail(format string, args ...any) error {
	return errs.Newf(errs.Invalid, "Рубрикатор, строка %d: "+format+".", append([]any{p.line}, args...)...)
}
