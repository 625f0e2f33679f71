package demo

import (
	"context"
	"fmt"
	"time"

	"otklik/internal/media"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/internal/workcal"
	"otklik/publisher"
)

// planned is one post of the demo's plan.
type planned struct {
	day          int // from today
	hour, minute int
	title, text  string
	telegram     string // its own text there, "" for the same
	rubric       string
	pages        []social.Network
	photos       []shot
	poll         *publisher.PollForm
	end          ending
	remark       string
}

// shot is a photo with the words for those who cannot see it.
type shot struct {
	scene scene
	alt   string
}

// ending is how far a planned post has come.
type ending int

const (
	asDraft ending = iota
	undated
	inReview
	returned
	agreed
	outByHand
	asked // its time passed while nobody could send it
)

func both() []social.Network { return []social.Network{social.VK, social.Telegram} }

// week is the agency's plan around today, about a city that prepares for winter.
func week() []planned {
	vk, tg := []social.Network{social.VK}, []social.Network{social.Telegram}
	return []planned{
		{day: -5, hour: 10, title: "Как вызвать бригаду на наледь", text: "Скользко во дворе или у остановки? Напишите в комментариях адрес и, если можно, приложите фото. Бригады выезжают с 6:00 до 22:00.", rubric: "Благоустройство", pages: both(), end: outByHand},
		{day: -3, hour: 16, minute: 30, title: "Плановые отключения света на неделю", text: "С 24 по 27 ноября на улицах Полевой, Речной и Лесозаводской будут менять опоры. Свет отключат с 10:00 до 15:00, по домам — в таблице на сайте.", rubric: "ЖКХ", pages: vk, end: outByHand},
		{day: -1, hour: 12, title: "Посыпка дворов: что сделали за ночь", text: "За ночь посыпали 214 дворов и 38 лестниц. Не успели на Затонской: сломалась машина, закончим до обеда.", rubric: "Благоустройство", pages: both(), end: outByHand},
		{day: 0, hour: 7, title: "Сбор новогодних игрушек для ёлки в сквере", text: "До 10 декабря дети приносят в библиотеки игрушки, сделанные своими руками. Лучшие повесим на городскую ёлку.", rubric: "Культура", pages: tg, end: asked},
		{day: 1, hour: 10, title: "Субсидия на оплату газа: три документа", text: "Чтобы получить субсидию, нужны *паспорт*, *квитанция за последний месяц* и *справка о составе семьи*. Принимают в МФЦ с 8:00 до 20:00, в субботу до 17:00.", rubric: "ЖКХ", pages: both(), end: agreed},
		{day: 1, hour: 10, minute: 15, title: "График вывоза веток", text: "Ветки и спил деревьев вывезут из частного сектора с 1 по 5 декабря. Складывайте их у дороги так, чтобы прошёл трактор.", rubric: "Благоустройство", pages: vk, end: inReview, remark: "Проверьте, пожалуйста, улицы за железной дорогой: в прошлый раз их забыли."},
		{day: 2, hour: 12, title: "Экскурсия на водоканал для школ", text: "Покажем, как чистят воду: лаборатория, насосная и старая водонапорная башня. Запись для классов по средам.", rubric: "Образование", pages: both(), end: inReview},
		{
			day: 2, hour: 17, title: "Каток на стадионе: где ещё залить лёд", text: "Большой каток на стадионе откроем 5 декабря, если будет мороз. Ещё два зальём во дворах — там, где скажете вы.", telegram: "*Каток на стадионе откроем 5 декабря*, если будет мороз. Где залить ещё два — решаем вместе в опросе ниже.",
			rubric: "Спорт", pages: both(), photos: []shot{{rink, "Открытый каток вечером, на льду катаются люди"}}, poll: &publisher.PollForm{Question: "Где залить ещё один каток?", Options: []string{"Двор на Полевой, 8", "Сквер у школы № 5", "Площадка на Затонской"}, OpenFor: 5 * 24 * time.Hour}, end: inReview,
		},
		{day: 3, hour: 11, title: "Телефоны на случай аварии", text: "Сохраните номера: единая дежурная служба, водоканал, теплосеть, электросеть. Звонить можно в любое время, ответит диспетчер.", rubric: "ЖКХ", pages: both(), end: agreed},
		{day: 3, hour: 18, title: "Куда пойти в выходные", text: "Концерт духового оркестра, ярмарка мастеров и открытие выставки о старом Приреченске. Вход всюду свободный.", rubric: "Культура", pages: vk, end: asDraft, photos: []shot{{square, ""}}},
		{day: 5, hour: 10, title: "Истории медсестёр районной больницы", text: "Три истории о людях, которые каждый день рядом. Читайте и передавайте им привет в комментариях.", rubric: "Здоровье", pages: tg, end: agreed},
		{day: 6, hour: 10, title: "Перекрытие Набережной", text: "С понедельника Набережную закроют от моста до рынка: меняют трубы. Автобусы № 3 и № 12 поедут по Заводской.", rubric: "Транспорт", pages: both(), end: returned},
		{title: "Где обогреться ночью: пункты и часы", text: "В сильный мороз открыты три пункта обогрева. Там тепло, есть чай и дежурный врач.", rubric: "Соцзащита", pages: both(), end: undated},
		{title: "Как подать заявку на ремонт двора", text: "Соберите подписи соседей, приложите фото двора и принесите заявку до 15 января.", rubric: "Благоустройство", pages: vk, end: undated},
		{title: "Диспансеризация для тех, кому за 40", text: "Проверить здоровье можно за одно утро, запись через регистратуру.", rubric: "Здоровье", pages: tg, end: undated},
	}
}

// planner seeds the plan as the press service and the head would have made it.
type planner struct {
	d     *Demo
	pages map[social.Network]string
	zone  *time.Location
	press rights.Actor
	head  rights.Actor
	now   time.Time
	// linked counts the links that were given, so that each is of another post.
	linked int
}

// plan fills the register of pages and the content plan. A plan of an earlier
// start stays as it is.
func (d *Demo) plan(ctx context.Context) error {
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		return err
	}
	p := planner{d: d, pages: map[social.Network]string{}, zone: zone, press: d.cast.byRole[rights.PressOfficer].Actor(), head: d.cast.byRole[rights.Head].Actor(), now: time.Now()}
	if err := p.register(ctx); err != nil {
		return err
	}
	have, err := d.app.Store().Plan(ctx, publisher.Filter{Limit: 1})
	if err != nil || have.Total > 0 {
		return err
	}
	for _, x := range week() {
		if err := p.make(ctx, x); err != nil {
			return fmt.Errorf("demo plan, %q: %w", x.title, err)
		}
	}
	if err := p.weekly(ctx); err != nil {
		return err
	}
	return p.pressService(ctx)
}

// register writes the agency's two pages into the register.
func (p *planner) register(ctx context.Context) error {
	s := p.d.app.Store()
	list, err := s.Registry(ctx)
	if err != nil {
		return err
	}
	for _, x := range list {
		page := publisher.Page{
			ID: x.ID, Organisation: Agency, OGRN: "1027700000019", Level: "муниципалитет", Sphere: "Городское управление", Category: publisher.Active, GosMark: true, Norm: 5,
		}
		if x.Kind.Network() == social.VK {
			page.Category, page.Norm = publisher.Flagship, 7
		}
		if err := s.SavePage(ctx, p.press, page, p.now); err != nil {
			return err
		}
		p.pages[x.Kind.Network()] = x.ID
	}
	return nil
}

// desk is the publisher's desk as it was at a moment.
func (p *planner) desk(at time.Time) *publisher.Desk {
	s := p.d.app.Store()
	return publisher.NewDesk(s, s, func() time.Time { return at })
}

func (p *planner) make(ctx context.Context, x planned) error {
	local := p.now.In(p.zone)
	at := time.Date(local.Year(), local.Month(), local.Day()+x.day, x.hour, x.minute, 0, 0, p.zone)
	if x.end == asked {
		at = p.now.Add(-2 * time.Hour).Truncate(30 * time.Minute)
	}
	written := p.now.Add(-3 * time.Hour)
	if at.Before(p.now) {
		written = at.Add(-20 * time.Hour)
	}
	if x.end == undated {
		at = time.Time{}
	}
	w, err := p.write(ctx, x)
	if err != nil {
		return err
	}
	post, err := p.desk(written).New(ctx, p.press, w, publisher.Plan{At: at, LateBy: 30 * time.Minute})
	if err != nil {
		return err
	}
	do := func(after time.Duration, by rights.Actor, cmd publisher.Command) {
		if err == nil {
			post, err = p.desk(written.Add(after)).Do(ctx, by, post.ID, 0, cmd)
		}
	}
	if x.end == asDraft || x.end == undated {
		return nil
	}
	do(5*time.Minute, p.press, publisher.Submit{})
	if x.remark != "" {
		do(9*time.Minute, p.head, publisher.Remark{Text: x.remark})
	}
	switch x.end {
	case returned:
		do(20*time.Minute, p.head, publisher.Rework{Reason: "Уточните у дорожников час закрытия и напишите, где будет пешеходный проход."})
	case agreed:
		do(40*time.Minute, p.head, publisher.Approve{Hash: post.Hash()})
	case outByHand, asked:
		do(40*time.Minute, p.head, publisher.Approve{Hash: post.Hash()})
		if err == nil {
			err = p.late(ctx, post, at)
		}
	}
	if err == nil && x.end == outByHand {
		for _, n := range x.pages {
			do(at.Add(15*time.Minute).Sub(written), p.press, publisher.ByHand{PageID: p.pages[n], Link: p.link(n)})
		}
	}
	return err
}

// late says that the time of a post has passed, as the program says it.
func (p *planner) late(ctx context.Context, post publisher.Post, at time.Time) error {
	now := at.Add(10 * time.Minute)
	_, err := p.d.app.Store().ChangePost(ctx, post.ID, 0, now, func(x publisher.Post) (publisher.Decision, error) {
		return publisher.Apply(x, publisher.AskLate{}, rights.System(), publisher.Facts{Now: now})
	})
	return err
}

// link is one more post on a page of the simulator, as a person would copy it.
func (p *planner) link(n social.Network) string {
	p.linked++
	if n == social.VK {
		return fmt.Sprintf("%s/vk/wall%d_%d", p.d.Networks(), -groupID, 40+p.linked)
	}
	return fmt.Sprintf("%s/tg/%s/%d", p.d.Networks(), channelName, 40+p.linked)
}

func (p *planner) write(ctx context.Context, x planned) (publisher.Write, error) {
	w := publisher.Write{Title: x.title, Rubric: x.rubric, Content: publisher.Content{Text: x.text, Poll: x.poll}}
	if x.telegram != "" {
		w.Content.Versions = map[social.Network]string{social.Telegram: x.telegram}
	}
	for _, n := range x.pages {
		w.PageIDs = append(w.PageIDs, p.pages[n])
	}
	for _, s := range x.photos {
		raw, err := picture(s.scene)
		if err != nil {
			return w, err
		}
		drawn, err := media.Redraw(raw)
		if err != nil {
			return w, err
		}
		u, err := p.d.app.Store().KeepUpload(ctx, p.press, string(s.scene)+".jpg", drawn, p.now)
		if err != nil {
			return w, err
		}
		w.Content.Media = append(w.Content.Media, publisher.Media{Kind: publisher.Photo, Hash: u.Hash, Alt: s.alt, Width: u.Width, Height: u.Height, Size: u.Size})
	}
	return w, nil
}

// weekly is a post that repeats, agreed for all its days.
func (p *planner) weekly(ctx context.Context) error {
	s := p.d.app.Store()
	pages, err := s.Pages(ctx)
	if err != nil {
		return err
	}
	facts := publisher.Facts{Now: p.now, Pages: pages}
	form := publisher.SeriesForm{
		Write: publisher.Write{
			Title: "Приём граждан в четверг", Rubric: "Администрация", PageIDs: []string{p.pages[social.VK]},
			Content: publisher.Content{Text: "Завтра, в четверг, с 15:00 до 18:00 приём граждан в здании администрации. Записываться не нужно, возьмите паспорт."},
		},
		Rule: publisher.Rule{Repeat: publisher.Weekly, Weekdays: []time.Weekday{time.Wednesday}, Hour: 15, OnDayOff: publisher.MoveBackwards}, Zone: zoneName, LateBy: time.Hour, Active: true,
	}
	x, err := s.ChangeSeries(ctx, "", 0, p.now, func(x publisher.Series) (publisher.Series, error) {
		return publisher.ChangeSeries(x, form, p.press, facts)
	})
	if err != nil {
		return err
	}
	if x, err = s.ChangeSeries(ctx, x.ID, 0, p.now, func(x publisher.Series) (publisher.Series, error) {
		return publisher.ApproveSeries(x, x.Hash(), p.head, facts)
	}); err != nil {
		return err
	}
	const ahead = 60 * 24 * time.Hour
	_, err = s.UnfoldSeries(ctx, x.ID, workcal.Calendar{}, facts, ahead)
	return err
}
