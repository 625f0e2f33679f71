package publisher

import (
	"fmt"
	"regexp"
	"strings"
)

// WidgetName is which of the two widgets a link opens, "" for neither.
func WidgetName(link string) string {
	switch {
	case strings.HasPrefix(link, "https://pos.gosuslugi.ru/form/"):
		return "Сообщить о проблеме"
	case strings.HasPrefix(link, "https://pos.gosuslugi.ru/og/"):
		return "Высказать мнение"
	}
	return ""
}

// WidgetFault says exactly what is wrong with one ПОС link and what to do, ""
// if nothing is. An empty ogrn leaves the organisation unchecked.
func WidgetFault(link, ogrn string) string {
	w := newWidgets()
	switch v := w.check(link, ogrn); v {
	case WidgetsCorrect:
		return ""
	case WidgetForeign:
		return foreignFault(link)
	case WidgetUTM:
		return w.utmFault(link)
	case WidgetOtherOGRN:
		return fmt.Sprintf("utm_campaign: стоит ОГРН %s, а у владельца страницы %s. Мнения зачтутся другой организации.", w.whole.FindStringSubmatch(link)[1], ogrn)
	default:
		return v.Title() + "."
	}
}

func foreignFault(link string) string {
	switch {
	case strings.HasPrefix(link, "http://"):
		return "Адрес должен начинаться с https://."
	case !strings.HasPrefix(link, "https://pos.gosuslugi.ru/"):
		return "Это не адрес pos.gosuslugi.ru. Скопируйте ссылку из личного кабинета ПОС."
	case strings.HasPrefix(link, "https://pos.gosuslugi.ru/form/"):
		return "opaId: нужен номер организации, одни цифры. Скопируйте ссылку из личного кабинета ПОС."
	case strings.HasPrefix(link, "https://pos.gosuslugi.ru/og/org-activities"):
		return "Нужен reg_code из 2–8 цифр или mun_code из 8 цифр. Скопируйте ссылку из личного кабинета ПОС."
	}
	return WidgetForeign.Title() + "."
}

// utmFault looks at the marks one after another, in the order that the ПОС
// wants them in.
func (w widgets) utmFault(link string) string {
	rest := strings.TrimPrefix(link, w.base.FindString(link))
	parts := strings.Split(strings.TrimPrefix(rest, "&"), "&")
	for i, mark := range []struct{ name, form, want string }{
		{"utm_source", `^vk[12]?$`, "vk, vk1 или vk2"},
		{"utm_medium", `^(?:\d{2}|111|711|7114)$`, "код региона, две цифры (или 111, 711, 7114)"},
		{"utm_campaign", `^\d{13}$`, "ОГРН, 13 цифр"},
	} {
		if i >= len(parts) || parts[i] == "" {
			return mark.name + ": метки нет, нужно " + mark.want + "."
		}
		name, value, _ := strings.Cut(parts[i], "=")
		if name != mark.name {
			return fmt.Sprintf("На месте метки %s стоит «%s»: порядок меток менять нельзя.", mark.name, name)
		}
		if !regexp.MustCompile(mark.form).MatchString(value) {
			return fmt.Sprintf("%s: нужно %s, а стоит «%s».", mark.name, mark.want, value)
		}
	}
	return "После utm_campaign есть лишнее. Скопируйте ссылку из личного кабинета ПОС заново."
}
