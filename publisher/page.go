package publisher

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/errs"
	"otklik/internal/ru"
	"otklik/internal/social"
)

// Ability is something that a page's keys allow.
type Ability string

const (
	CanText   Ability = "text"
	CanPhoto  Ability = "photo"
	CanFile   Ability = "file"
	CanAttach Ability = "attach" // an address or a video of the network under a post
	CanPoll   Ability = "poll"
	CanEdit   Ability = "edit"
	CanDelete Ability = "delete"
	CanPin    Ability = "pin"
	CanStats  Ability = "stats"
)

// Abilities lists all abilities in the order in which people read them.
func Abilities() []Ability {
	return []Ability{CanText, CanPhoto, CanFile, CanAttach, CanPoll, CanEdit, CanDelete, CanPin, CanStats}
}

// Title is what the ability lets a press officer do.
func (a Ability) Title() string {
	switch a {
	case CanText:
		return "Публиковать текст"
	case CanPhoto:
		return "Публиковать фото"
	case CanFile:
		return "Прикладывать файлы"
	case CanAttach:
		return "Прикреплять ссылки и видео"
	case CanPoll:
		return "Проводить опросы"
	case CanEdit:
		return "Изменять опубликованное"
	case CanDelete:
		return "Удалять опубликованное"
	case CanPin:
		return "Закреплять"
	case CanStats:
		return "Читать статистику"
	}
	return ""
}

// Kit says which keys of a page are at hand and valid. VK knows three kinds,
// Telegram one.
type Kit struct {
	Service, Community, Admin bool // VK
	Bot                       bool // Telegram
}

// Missing says for every ability that the keys do not give why not, in words
// for people. An ability that is not in the map is there. What each kind of
// key may do in VK is measured: the community's key posts text and nothing
// else on a wall.
func Missing(n social.Network, k Kit) map[Ability]string {
	out := map[Ability]string{}
	lack := func(why string, list ...Ability) {
		for _, a := range list {
			out[a] = why
		}
	}
	switch n {
	case social.VK:
		if !k.Admin {
			lack("нет ключа администратора", CanPhoto, CanFile, CanAttach, CanPoll, CanEdit, CanDelete, CanPin, CanStats)
		}
		if !k.Community && !k.Admin {
			lack("нет ключа сообщества", CanText)
		}
	case social.Telegram:
		lack("Telegram не показывает статистику ботам", CanStats)
		if !k.Bot {
			lack("нет ключа бота", Abilities()...)
		}
	default:
		lack("эту сеть программа не знает", Abilities()...)
	}
	return out
}

// Category is how much is expected of a page.
type Category string

const (
	Flagship Category = "flagship" // флагманский
	Active   Category = "active"   // активный
	Card     Category = "card"     // визитка: no posts are expected
)

// Title is the category's name as people read it.
func (c Category) Title() string {
	switch c {
	case Flagship:
		return "флагманский"
	case Active:
		return "активный"
	case Card:
		return "визитка"
	}
	return ""
}

// Page is an official page of the register (реестр госпабликов).
type Page struct {
	ID      string // the source's id
	Network social.Network
	// Owner is the page as its source names it: a community's number in VK, a
	// channel's name or chat id in Telegram.
	Owner string
	// Chat is the owner under which its posts stand: the community's number with
	// a minus in VK, the channel's number in Telegram, "" until that is known.
	Chat string
	// Handle is the channel's public name without the @, "" where it has none.
	Handle string
	Title  string
	URL    string
	// Zone is the page's own time zone; nil stands for the agency's.
	Zone *time.Location

	Organisation string // owner organisation
	OGRN         string // 13 digits
	Level        string // уровень: министерство, муниципалитет, …
	Sphere       string
	Category     Category
	GosMark      bool // Госметка
	// Widgets are the links of the two ПОС widgets as they stand on the page.
	Widgets []string
	// Norm is how many posts a week are expected; zero means none.
	Norm int
	// Gap is how close two posts may come before the plan warns, in whole minutes;
	// zero stands for UsualGap.
	Gap time.Duration
	// Silent pages are in the register but nothing is published there by plan.
	Silent bool

	// Missing holds the abilities that the page's keys do not give, with why.
	Missing map[Ability]string
	// Ends says when an ability that the keys give now is lost, because the last
	// key that gives it expires; what is never lost is not in it.
	Ends map[Ability]time.Time
	// KeyEnds is when the first of the page's keys expires, zero for never.
	KeyEnds time.Time
}

// KeyEnd is one key of a page and when it expires, zero for never.
type KeyEnd struct {
	Kit  Kit // the kind of the key alone
	Ends time.Time
}

// Keys says what the keys of a page give: what is missing now, and when which
// ability is lost.
func (p *Page) Keys(list []KeyEnd) {
	p.Missing, p.Ends, p.KeyEnds = Missing(p.Network, kitAfter(list, time.Time{})), map[Ability]time.Time{}, time.Time{}
	for _, at := range expiries(list) {
		if p.KeyEnds.IsZero() {
			p.KeyEnds = at
		}
		for a := range Missing(p.Network, kitAfter(list, at)) {
			if _, lost := p.Ends[a]; !lost && p.Can(a) {
				p.Ends[a] = at
			}
		}
	}
}

func expiries(list []KeyEnd) []time.Time {
	var out []time.Time
	for _, k := range list {
		if !k.Ends.IsZero() {
			out = append(out, k.Ends)
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// kitAfter are the keys that outlive a moment.
func kitAfter(list []KeyEnd, at time.Time) Kit {
	var kit Kit
	for _, k := range list {
		if k.Ends.IsZero() || k.Ends.After(at) {
			kit.Service, kit.Community = kit.Service || k.Kit.Service, kit.Community || k.Kit.Community
			kit.Admin, kit.Bot = kit.Admin || k.Kit.Admin, kit.Bot || k.Kit.Bot
		}
	}
	return kit
}

// UsualGap is how close two posts of a page may come, where nothing else is set.
const UsualGap = 30 * time.Minute

// MaxGap bounds what can be set: a day.
const MaxGap = 24 * time.Hour

// LeastGap is the distance between two posts below which the plan warns.
func (p Page) LeastGap() time.Duration { return cmp.Or(p.Gap, UsualGap) }

// Can says that the page's keys allow something.
func (p Page) Can(a Ability) bool {
	_, lacking := p.Missing[a]
	return !lacking
}

// Check says what is wrong with what people wrote of a page. Errors: Invalid.
func (p Page) Check() error {
	switch {
	case p.OGRN != "" && (len(p.OGRN) != 13 || strings.Trim(p.OGRN, "0123456789") != ""):
		return errs.New(errs.Invalid, "ОГРН состоит из 13 цифр. Проверьте его.")
	case p.OGRN != "" && !rightOGRN(p.OGRN):
		return errs.New(errs.Invalid, "В ОГРН опечатка: последняя цифра не сходится с остальными. Сверьте его с выпиской.")
	case p.Category != "" && p.Category.Title() == "":
		return errs.New(errs.Invalid, "Выберите категорию: флагманский, активный или визитка.")
	case p.Norm < 0 || p.Norm > 100:
		return errs.New(errs.Invalid, "Норма — от 0 до 100 постов в неделю.")
	case p.Gap < 0 || p.Gap > MaxGap || p.Gap%time.Minute != 0:
		return errs.New(errs.Invalid, "Промежуток между постами — от 1 до 1440 минут. Пустое поле — 30 минут.")
	}
	for _, link := range p.Widgets {
		// Wrong marks and another organisation's number may be what really stands on
		// the page, and the register points at them; a link that no form of the ПОС
		// answers to is a slip.
		if v, _ := CheckWidgets([]string{link}, ""); v == WidgetForeign || v == WidgetSpaces {
			return errs.Newf(errs.Invalid, "Ссылка ПОС «%s» не годится. %s", ru.Cut(link, 80), WidgetFault(link, ""))
		}
	}
	return nil
}

// rightOGRN says that the thirteenth digit is the check digit of the twelve
// before it: the last digit of what is left when these are divided by 11.
func rightOGRN(ogrn string) bool {
	n, err := strconv.ParseInt(ogrn[:12], 10, 64)
	return err == nil && n%11%10 == int64(ogrn[12]-'0')
}
