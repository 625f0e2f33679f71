package publisher

import (
	"regexp"
	"strings"
)

// WidgetVerdict is what a check of a page's ПОС links says.
type WidgetVerdict string

const (
	WidgetsCorrect  WidgetVerdict = "correct"
	WidgetsMissing  WidgetVerdict = "missing"
	WidgetsTooMany  WidgetVerdict = "too_many"
	WidgetSpaces    WidgetVerdict = "spaces"
	WidgetForeign   WidgetVerdict = "foreign"    // not of the form that the ПОС gives
	WidgetUTM       WidgetVerdict = "utm"        // the marks of origin are wrong
	WidgetOtherOGRN WidgetVerdict = "other_ogrn" // counted for another organisation
)

// Title is the verdict as people read it, with what to do.
func (v WidgetVerdict) Title() string {
	switch v {
	case WidgetsCorrect:
		return "Ссылки ПОС верны"
	case WidgetsMissing:
		return "Ссылок ПОС нет: добавьте «Сообщить о проблеме» и «Высказать мнение»"
	case WidgetsTooMany:
		return "Ссылок ПОС больше двух: уберите лишние"
	case WidgetSpaces:
		return "В ссылке ПОС пробел: скопируйте её из кабинета заново"
	case WidgetForeign:
		return "Ссылка не похожа на ссылку виджета ПОС: скопируйте её из кабинета заново"
	case WidgetUTM:
		return "В ссылке ПОС ошибка в метках utm: ответы не зачтутся странице"
	case WidgetOtherOGRN:
		return "В ссылке ПОС чужой ОГРН: ответы зачтутся другой организации"
	}
	return ""
}

// widgets are the forms of the links, by the domain reference §2.6.
type widgets struct{ base, whole *regexp.Regexp }

func newWidgets() widgets {
	const base = `^https://pos\.gosuslugi\.ru/(?:form/\?opaId=\d+|og/org-activities\?(?:reg_code=\d{2,8}|mun_code=\d{8}))`
	return widgets{
		base:  regexp.MustCompile(base),
		whole: regexp.MustCompile(base + `&utm_source=vk[12]?&utm_medium=(?:\d{2}|111|711|7114)&utm_campaign=(\d{13})$`),
	}
}

// CheckWidgets judges the ПОС links of a page: the worst finding, with the link
// that it is about. An empty ogrn leaves the organisation unchecked.
func CheckWidgets(links []string, ogrn string) (WidgetVerdict, string) {
	const most = 2
	switch {
	case len(links) == 0:
		return WidgetsMissing, ""
	case len(links) > most:
		return WidgetsTooMany, links[most]
	}
	w := newWidgets()
	for _, l := range links {
		if v := w.check(l, ogrn); v != WidgetsCorrect {
			return v, l
		}
	}
	return WidgetsCorrect, ""
}

func (w widgets) check(link, ogrn string) WidgetVerdict {
	if strings.ContainsAny(link, " \t\n\u00a0") {
		return WidgetSpaces
	}
	if !w.base.MatchString(link) {
		return WidgetForeign
	}
	m := w.whole.FindStringSubmatch(link)
	switch {
	case m == nil:
		return WidgetUTM
	case ogrn != "" && m[1] != ogrn:
		return WidgetOtherOGRN
	}
	return WidgetsCorrect
}
