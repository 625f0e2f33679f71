package demo

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"otklik/collectors"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/publisher"
)

// bygone is a post of the past weeks with what people did under it in the end.
type bygone struct {
	daysAgo, hour   int
	text            string
	views           int
	likes, comments int
	reposts         int
	telegram        int // views there; 0 where it was not published
}

// pastWeeks are the agency's posts before the demo's day, from the oldest.
func pastWeeks() []bygone {
	return []bygone{
		{34, 10, "С понедельника в поликлинике на Садовой снова принимает кардиолог. Запись через регистратуру и «Госуслуги».", 6120, 84, 21, 46, 2310},
		{33, 16, "Собрали тридцать мешков листвы в сквере у вокзала. Спасибо всем, кто вышел на субботник!", 4870, 153, 18, 12, 1904},
		{31, 12, "Маршрут автобуса № 12 продлили до новой школы. Первый рейс в 6:40, последний в 22:15.", 8930, 121, 64, 88, 3420},
		{29, 18, "В музее открылась выставка о паровозах: два зала и настоящий свисток, в который можно дунуть.", 3980, 97, 9, 15, 0},
		{27, 11, "Тепло дали во все дома, кроме двух на Литейной. Их подключим сегодня к вечеру, пришлём слесарей и в выходные.", 11240, 63, 142, 71, 5110},
		{25, 15, "Как сообщить о яме: фото, адрес и один вопрос в сообщении. Так заявка попадёт к дорожникам за час.", 5410, 72, 33, 40, 2020},
		{24, 9, "Напоминаем: в среду с 9:00 отключат холодную воду на Речной и Мостовой. Подвоз у дома 14.", 7320, 28, 51, 95, 3870},
		{20, 17, "Наши пловцы привезли из области четыре медали. Тренер говорит, что весной ждёт пятую.", 4660, 201, 27, 19, 1730},
		{18, 12, "Спросили у дорожной службы, когда посыплют лестницу на Заводской. Ответ: сегодня ночью и дальше каждую ночь.", 9150, 77, 96, 34, 4280},
		{17, 10, "Открыли запись в кружки Дома творчества: робототехника, театр и шахматы для тех, кому за шестьдесят.", 5230, 110, 40, 62, 2190},
		{13, 19, "Двор на Полевой, 3 принят: новая площадка, лавочки и восемь фонарей. Гарантия подрядчика — пять лет.", 6840, 134, 58, 29, 2660},
		{11, 11, "Почему вывоз мусора сдвинули на утро: днём машина не проезжала между припаркованными автомобилями.", 7710, 41, 118, 22, 3050},
		{10, 16, "Библиотека на Почтовой теперь работает до 21:00. Есть розетки, тихий зал и кофе.", 4120, 166, 14, 37, 1980},
		{8, 12, "За неделю ответили на 214 сообщений. Чаще всего писали о наледи, автобусах и фонарях.", 5050, 52, 37, 11, 1820},
		{6, 10, "Первый снег: на улицах 26 машин и 80 дворников. Если ваш двор забыли, напишите адрес под этим постом.", 12380, 95, 207, 58, 6240},
		{4, 18, "Ёлку на площадь привезут 8 декабря. Какой ей быть, решаем вместе: голосуйте в опросе.", 6590, 148, 73, 24, 2870},
		{3, 9, "Приём граждан по вопросам соцподдержки — в четверг с 15:00 до 18:00, кабинет 12, без записи.", 3340, 17, 8, 26, 1450},
	}
}

// pressService seeds what the register, the statistics, the polls and the mandates
// show. It follows the plan, with which it shares the pages.
func (p *planner) pressService(ctx context.Context) error {
	for _, step := range []func(context.Context) error{p.describe, p.past, p.followers, p.polls, p.mandates} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("demo of the press service: %w", err)
		}
	}
	return nil
}

// describe gives the pages of the register their links of the ПОС and a norm that
// they do not keep in every week.
func (p *planner) describe(ctx context.Context) error {
	s := p.d.app.Store()
	pages, err := s.Pages(ctx)
	for _, x := range pages {
		const tail = "&utm_source=vk&utm_medium=64&utm_campaign="
		x.Widgets = []string{"https://pos.gosuslugi.ru/form/?opaId=214501" + tail + x.OGRN}
		x.Norm = 3
		if x.Network == social.VK {
			x.Norm = 4
			x.Widgets = append(x.Widgets, "https://pos.gosuslugi.ru/og/org-activities?mun_code=63650101"+tail+x.OGRN)
		}
		err = errors.Join(err, s.SavePage(ctx, p.press, x, p.now))
	}
	return err
}

// past puts the posts of the past weeks onto the walls, as if they had been
// collected, with counts that grew as counts do.
func (p *planner) past(ctx context.Context) error {
	s := p.d.app.Store()
	var numbers []publisher.PostStats
	for _, n := range []social.Network{social.VK, social.Telegram} {
		var list []social.Item
		for i, x := range pastWeeks() {
			item, ok := p.bygone(n, i, x)
			if !ok {
				continue
			}
			list = append(list, item)
			numbers = append(numbers, p.grown(n, item, x)...)
		}
		if err := p.collected(ctx, n, list); err != nil {
			return err
		}
	}
	return s.AddPostNumbers(ctx, numbers, p.now)
}

// bygone is a post as a collector would have seen it; false where it was not
// published in the network.
func (p *planner) bygone(n social.Network, i int, x bygone) (social.Item, bool) {
	local := p.now.In(p.zone)
	at := time.Date(local.Year(), local.Month(), local.Day()-x.daysAgo, x.hour, 0, 0, 0, p.zone)
	ref := social.Ref{Network: social.VK, Owner: strconv.Itoa(-groupID), ID: strconv.Itoa(11 + i)}
	link := fmt.Sprintf("%s/vk/wall%d", p.d.Networks(), -groupID)
	if n == social.Telegram {
		ref = social.Ref{Network: n, Owner: strconv.FormatInt(p.d.world.channel.ID, 10), ID: strconv.Itoa(11 + i)}
		link = p.d.Networks() + "/tg/" + channelName
	}
	return social.Item{
		Ref: ref, Kind: social.Post, Thread: ref, Text: x.text, PublishedAt: at, Permalink: link, Author: social.Author{ID: ref.Owner, Name: Agency, Own: true},
	}, n == social.VK || x.telegram > 0
}

// grown are the counts of a post over its first days.
func (p *planner) grown(n social.Network, item social.Item, x bygone) []publisher.PostStats {
	var out []publisher.PostStats
	for _, hours := range []float64{0.5, 1, 2, 3, 4.5, 6, 9, 12, 18, 24, 36, 48, 72} {
		at := item.PublishedAt.Add(time.Duration(hours * float64(time.Hour)))
		share := 1 - math.Exp(-hours/11)
		part := func(all int) int { return int(share * float64(all)) }
		r := publisher.Reactions{Views: part(x.views), Likes: part(x.likes), Comments: part(x.comments), Reposts: part(x.reposts)}
		if n == social.Telegram {
			r = publisher.Reactions{Views: part(x.telegram), Likes: part(x.likes / 2), Comments: part(x.comments / 3), Reposts: social.Untold}
		}
		out = append(out, publisher.PostStats{PageID: p.pages[n], Ref: item.Ref, At: at, Reactions: r})
	}
	return out
}

// collected stores items through the door by which all items come in.
func (p *planner) collected(ctx context.Context, n social.Network, list []social.Item) error {
	s := p.d.app.Store()
	// The page's own stream has not begun yet; another one would have to be
	// complete as well.
	st := collectors.Stream{Name: "vk:" + strconv.Itoa(groupID) + ":live", SourceID: p.pages[n]}
	if n == social.Telegram {
		st.Name = "telegram:@" + channelName + ":updates"
	}
	l, err := s.Take(ctx, st.Name, "demo", time.Minute, p.now)
	if err != nil {
		return err
	}
	var batch collectors.Batch
	for _, it := range list {
		batch.Updates = append(batch.Updates, collectors.Update{Changes: []collectors.Change{{Op: collectors.Listed, Item: it, AskedAt: p.now}}})
	}
	_, err = s.Commit(ctx, l, st, batch, p.now)
	return errors.Join(err, s.Release(ctx, l, p.now))
}

// followers are how many people followed and saw the pages, day by day.
func (p *planner) followers(ctx context.Context) error {
	s := p.d.app.Store()
	var err error
	const days = 35
	for day := days; day >= 1; day-- {
		at := p.now.AddDate(0, 0, -day)
		swing := math.Sin(float64(day)) + math.Cos(float64(day)/3)
		known := 23 * day
		vk := publisher.PageStats{PageID: p.pages[social.VK], At: at, Subscribers: vkFollowers - known, Reach: 1900 + int(350*swing)}
		tg := publisher.PageStats{PageID: p.pages[social.Telegram], At: at, Subscribers: telegramFollowers - known*3/5, Reach: social.Untold}
		y, m, d := at.In(p.zone).Date()
		from := time.Date(y, m, d, 0, 0, 0, 0, p.zone)
		reach := social.PageDay{From: from, To: from.Add(24*time.Hour - time.Second), Views: vk.Reach * 3 / 2, Visitors: vk.Reach / 4, Reach: vk.Reach, Subscribed: 31, Unsubscribed: 8}
		err = errors.Join(err, s.AddPageStats(ctx, vk, p.now), s.AddPageStats(ctx, tg, p.now),
			s.AddPageDays(ctx, publisher.PageDays{PageID: vk.PageID, Days: []social.PageDay{reach}}, p.now))
	}
	return err
}

// polls are one that is open and one that is over.
func (p *planner) polls(ctx context.Context) error {
	s := p.d.app.Store()
	list, err := s.Plan(ctx, publisher.Filter{States: []publisher.State{publisher.Published}, Limit: 2})
	if err != nil || len(list.Posts) < 2 {
		return err
	}
	place := func(n social.Network, id string, closed bool) publisher.Place {
		link := fmt.Sprintf("%s/vk/wall%d", p.d.Networks(), -groupID)
		if n == social.Telegram {
			link = p.d.Networks() + "/tg/" + channelName
		}
		return publisher.Place{PageID: p.pages[n], Network: n, RemoteID: "demo-" + id, Link: link, Closed: closed}
	}
	open := publisher.Poll{
		PostID: list.Posts[0].ID, State: publisher.PollOpen, OpenedAt: p.now.Add(-50 * time.Hour), ClosesAt: p.now.Add(70 * time.Hour).Truncate(time.Hour),
		Form:   publisher.PollForm{Question: "Какой быть городской ёлке в этом году?", Options: []string{"Живая ель с игрушками детей", "Световая конусом", "Большая, как в прошлом году", "Несколько маленьких по районам"}},
		Places: []publisher.Place{place(social.VK, "1", false), place(social.Telegram, "2", false)},
	}
	over := publisher.Poll{
		PostID: list.Posts[1].ID, State: publisher.PollClosed, OpenedAt: p.now.Add(-16 * 24 * time.Hour), ClosesAt: p.now.Add(-9 * 24 * time.Hour), ClosedAt: p.now.Add(-9 * 24 * time.Hour),
		Form:   publisher.PollForm{Question: "До какого часа открывать библиотеку на Почтовой?", Options: []string{"До 20:00", "До 21:00", "До 22:00"}},
		Places: []publisher.Place{place(social.VK, "3", true), place(social.Telegram, "4", true)},
	}
	return errors.Join(p.voted(ctx, over, 168, []int{214, 688, 301}, []int{97, 264, 180}), p.voted(ctx, open, 50, []int{642, 188, 95, 377}, []int{203, 141, 22, 166}))
}

// voted keeps a poll with what was seen of it, hour by hour.
func (p *planner) voted(ctx context.Context, x publisher.Poll, hours int, vk, tg []int) error {
	s := p.d.app.Store()
	x, err := s.AddPoll(ctx, x, p.now)
	if err != nil {
		return err
	}
	for hour := 0; hour <= hours; hour += max(1, hours/24) {
		share := 1 - math.Exp(-3*float64(hour)/float64(hours))
		for page, all := range map[string][]int{p.pages[social.VK]: vk, p.pages[social.Telegram]: tg} {
			seen := publisher.Snapshot{PollID: x.ID, PageID: page, At: x.OpenedAt.Add(time.Duration(hour) * time.Hour)}
			for _, n := range all {
				seen.Votes = append(seen.Votes, int(share*float64(n)))
				seen.Voters += int(share * float64(n))
			}
			if err := s.AddSnapshot(ctx, seen, p.now); err != nil {
				return err
			}
		}
	}
	return nil
}

// mandates are one whose time is over on one of its pages and one that has time.
func (p *planner) mandates(ctx context.Context) error {
	s := p.d.app.Store()
	curator := p.d.cast.byRole[rights.Curator].Actor()
	issue := func(at, due time.Time, m publisher.Mandate) (publisher.MandateView, error) {
		pages, err := s.Pages(ctx)
		if err != nil {
			return publisher.MandateView{}, err
		}
		m.DueAt, m.PageIDs = due, []string{p.pages[social.VK], p.pages[social.Telegram]}
		m, posts, err := publisher.Issue(m, curator, publisher.Facts{Now: at, Pages: pages})
		if err != nil {
			return publisher.MandateView{}, err
		}
		if m, err = s.Issue(ctx, m, posts, at); err != nil {
			return publisher.MandateView{}, err
		}
		return s.Mandate(ctx, m.Number)
	}
	hour := p.now.Truncate(time.Hour)
	late, err := issue(hour.Add(-30*time.Hour), hour.Add(-3*time.Hour), publisher.Mandate{
		Title: "Прививка от гриппа: последняя неделя", From: "Министерство здравоохранения области", Adapt: publisher.Around,
		Content: publisher.Content{Text: "До 30 ноября прививку от гриппа делают бесплатно во всех поликлиниках. С собой — паспорт и полис. Детям нужно согласие родителей."},
	})
	if err != nil {
		return err
	}
	if err := p.obeyed(ctx, late.Posts[0], hour.Add(-6*time.Hour)); err != nil {
		return err
	}
	_, err = issue(hour.Add(-2*time.Hour), hour.Add(46*time.Hour), publisher.Mandate{
		Title: "Горячая линия о перерасчёте за отопление", From: "Министерство ЖКХ области", Adapt: publisher.AsIs,
		Content: publisher.Content{Text: "С 25 по 29 ноября работает горячая линия о перерасчёте платы за отопление. Звоните с 9:00 до 18:00 по номеру единой дежурной службы."},
	})
	return err
}

// obeyed is a mandated post that its page has added to, agreed and published.
func (p *planner) obeyed(ctx context.Context, post publisher.Post, at time.Time) error {
	var err error
	do := func(when time.Time, by rights.Actor, cmd publisher.Command) {
		if err == nil {
			post, err = p.desk(when).Do(ctx, by, post.ID, 0, cmd)
		}
	}
	more := publisher.Write{Title: post.Title, PageIDs: post.PageIDs(), Content: publisher.Content{Text: post.Content.Text + "\n\nВ Приреченске прививочные кабинеты открыты и в субботу, с 9:00 до 14:00."}}
	do(at.Add(-2*time.Hour), p.press, more)
	do(at.Add(-2*time.Hour), p.press, publisher.Plan{At: at, LateBy: time.Hour})
	do(at.Add(-2*time.Hour), p.press, publisher.Submit{})
	do(at.Add(-time.Hour), p.head, publisher.Approve{Hash: post.Hash()})
	if err == nil {
		err = p.late(ctx, post, at)
	}
	do(at.Add(12*time.Minute), p.press, publisher.ByHand{PageID: p.pages[social.VK], Link: p.link(social.VK)})
	return err
}
