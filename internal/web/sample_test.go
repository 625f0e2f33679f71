package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"otklik/collectors"
	"otklik/incidents"
	"otklik/internal/auth"
	"otklik/internal/delivery"
	"otklik/internal/live"
	"otklik/internal/media"
	"otklik/internal/social"
)

func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func noon() time.Time { return time.Date(2025, 11, 24, 11, 5, 0, 0, time.UTC) } // 14:05 in Moscow

// bench is the handler over a board with sample data.
type bench struct {
	register *register
	board    *board
	crowds   *crowds
	hub      *live.Hub
	plan     *planBase
	school   *school
	server   *server
	handler  http.Handler
}

func setup(t testing.TB, now func() time.Time) *bench {
	t.Helper()
	b := sampleBoard(now())
	service, err := auth.NewService(vault{}, vault{}, now)
	if err != nil {
		t.Fatal(err)
	}
	reg, desk := newRegister(now)
	bn := &bench{register: reg, board: b, crowds: sampleCrowds(now()), hub: live.NewHub(), plan: newPlanBase(t, now), school: newSchool(now())}
	deps := Deps{
		Queue: b, Drafts: b, Directory: b, Changes: b, Sources: b, Registry: desk, Keys: reg, Alarms: b, Unread: b, Photos: b,
		Ledger: b, Desk: incidents.NewDesk(b, now), Staff: newStaff(), Invites: auth.NewInvitations(newStaff(), now), Promise: endOfDay, Guide: bn.plan.guide(), Masses: Masses{bn.crowds, bn.crowds, bn.crowds}, Planning: bn.plan.planning(), Press: bn.plan.press(), Timing: Timing{Clocks: bn.plan.s, Policies: bn.plan.s, Work: bn.plan.s, Notices: bn.plan.s}, Learning: bn.school.ports(), Rules: bn.plan.rules(t), Searching: shelf{}.ports(), Auth: service,
		Hub: bn.hub, Now: now, Zone: time.FixedZone("MSK", 3*3600), Agency: "Администрация города Приреченска", Version: "0.1.0",
		Ready: func(context.Context) ([]Wait, error) { return b.waits, nil }, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if bn.handler, err = New(deps); err != nil {
		t.Fatal(err)
	}
	if bn.server, err = newServer(deps); err != nil {
		t.Fatal(err)
	}
	return bn
}

type sample struct {
	id, text, mark, topic, topicID, dept, author string
	net                                          social.Network
	stage                                        incidents.Stage
	executor, executorID                         string
	left, ago                                    time.Duration
}

func samples() []sample {
	const vk, tg = social.VK, social.Telegram
	return []sample{
		{"r12", "Третий день нет горячей воды, в управляющей компании только автоответчик. Дом 18 на Литейной, двое маленьких детей, греем кастрюлями", "нет горячей воды", "Горячая вода", "water", "housing", "Оксана Рыжова", vk, incidents.Coordination, "", "", -130 * time.Minute, 26 * time.Hour},
		{"441", "Почему двенадцатый автобус опять не пришёл в 7:20? На остановке «Депо» человек сорок, все опаздывают на смену", "опять не пришёл", "Автобусы", "bus", "", "Пётр", tg, incidents.Moderation, "", "", -48 * time.Minute, 48 * time.Minute},
		{"r34", "Наледь на лестнице у школы № 5, сегодня упала первоклассница. Песок лежит мешками рядом, а рассыпать некому? Лестница со стороны Заводской, та, что от остановки. Третью неделю ходим по льду. Кто отвечает за эти ступени: школа или город?", "Наледь на лестнице", "Снег и наледь", "snow", "roads", "Наталья Трофимова", vk, incidents.Execution, "Антон Журавлёв", "executor", 28 * time.Minute, 92 * time.Minute},
		{"r40", "На Речной, 7 лифт стоит с субботы, бабушка 84 лет на восьмом этаже без прогулок и аптеки", "лифт стоит", "", "", "housing", "Инна Осипова", vk, incidents.Coordination, "", "", 54 * time.Minute, 3 * time.Hour},
		{"r41", "Обещали починить фонари в сквере к 20 ноября. Сегодня двадцать четвёртое, темнота полная, дети идут с музыки", "починить фонари", "Освещение", "light", "roads", "Глеб Носов", vk, incidents.Approval, "Антон Журавлёв", "executor", 5 * time.Hour, 30 * time.Hour},
		{"512", "Контейнеры у Затонской, 31 не вывозят с четверга, ветер разносит пакеты по детской площадке", "не вывозят", "Вывоз мусора", "waste", "housing", "Марат", tg, incidents.Publication, "Рената Бикташева", "other", 30 * time.Hour, 50 * time.Hour},
		{"r50", "Подскажите, будет ли каток на стадионе в этом году? В прошлом открыли только в январе", "будет ли каток", "Спорт", "sport", "", "Дина Валиева", vk, incidents.Moderation, "", "", 52 * time.Hour, 20 * time.Minute},
		{"r51", "Три пробитых колеса за неделю: яма на выезде с Лесозаводской, вместо знака ставим ветки", "пробитых колеса", "Дороги", "roads", "roads", "Сергей Козырев", vk, incidents.Execution, "", "", 76 * time.Hour, 2 * time.Hour},
		{"r52", "Собаки у гаражей на Ткацкой кидаются на детей, вызывали отлов в пятницу, никто не приехал", "кидаются на детей", "Безнадзорные животные", "dogs", "housing", "<script>alert(1)</script>", vk, incidents.Moderation, "", "", 98 * time.Hour, 4 * time.Hour},
		{"r53", "Урны на бульваре забыли поставить, всё уже в стаканчиках", "Урны", "Благоустройство", "yard", "roads", "Лиля", vk, incidents.Done, "Антон Журавлёв", "executor", 20 * time.Hour, 70 * time.Hour},
	}
}

func sampleBoard(now time.Time) *board {
	b := &board{views: map[string]*incidents.View{}, drafts: map[string]string{}}
	for i, s := range samples() {
		b.add(sampleView(s, int64(4120+i), now))
	}
	b.sources = sampleSources(now)
	b.alarms = sampleAlarms(now)
	b.entries = sampleEntries(now)
	b.unread = sampleUnread(now)
	return b
}

func sampleView(s sample, number int64, now time.Time) incidents.View {
	came := now.Add(-s.ago)
	message := social.Item{
		Ref: ref(s.net, s.id), Kind: social.Comment, Thread: ref(s.net, "7"), Text: s.text, PublishedAt: came,
		Author:    social.Author{ID: "55", Name: s.author, URL: "https://vk.com/id55"},
		Permalink: "https://vk.com/wall-101_7?reply=34", Media: []social.Media{{Kind: "photo", Title: "ступени", URL: "https://vk.com/photo1_2"}},
	}
	at := strings.Index(s.text, s.mark)
	spans := []incidents.Span{{Start: at, End: at + len(s.mark)}}
	c := incidents.Case{
		Number: number, Version: 3, Stage: s.stage, StageSince: came.Add(20 * time.Minute), Message: message, SourceID: "src",
		TopicID: s.topicID, DepartmentID: s.dept, ExecutorID: s.executorID, ExecutorName: s.executor, OpenedAt: came.Add(time.Minute), DueAt: now.Add(s.left),
	}
	v := incidents.View{
		TopicName: s.topic, Department: departmentName(s.dept), Source: "Приреченск сегодня", Earlier: 19,
		Why:     []incidents.Why{{RuleID: "rule", RuleName: "Правило: " + s.topic, Words: strings.Fields(s.mark), Marks: spans}},
		History: []incidents.Event{{At: came.Add(time.Minute), ActorName: "Отклик", Kind: incidents.EventOpened, Version: 1, Data: map[string]string{"rule": s.topic}}},
	}
	v.Case = c
	sampleHistory(&v, came)
	v.Thread = sampleThread(v, came, now)
	return v
}

// sampleHistory brings a case to its stage by the events that lead there.
func sampleHistory(v *incidents.View, came time.Time) {
	steps := []incidents.Event{
		{ActorID: "moderator", ActorName: "Дарья Кольцова", Kind: incidents.EventAccepted},
		{ActorID: "coordinator", ActorName: "Илья Гордеев", Kind: incidents.EventAssigned, Data: map[string]string{"department": v.Department, "executor": v.Case.ExecutorName}},
		{ActorID: "executor", ActorName: "Антон Журавлёв", Kind: incidents.EventSubmitted},
		{ActorID: "head", ActorName: "Вера Лаптева", Kind: incidents.EventApproved},
		{ActorName: "Отклик", Kind: incidents.EventPublished, Data: map[string]string{"link": "https://vk.com/wall-101_7?reply=99"}},
	}
	n := position(v.Case)
	if n > 2 {
		n-- // nobody asks for agreement here
	}
	for i, e := range steps[:n] {
		e.At, e.Version = came.Add(time.Duration(i+1)*9*time.Minute), i+2
		v.History = append(v.History, e)
	}
	note := incidents.Event{At: came.Add(14 * time.Minute), ActorID: "coordinator", ActorName: "Илья Гордеев", Kind: incidents.EventNote, Version: 3, Text: "Созвон с подрядчиком: бригада выезжает к 15:10, пришлют фото после."}
	if n >= 2 {
		v.History = append(v.History, note)
	}
	if n >= 3 {
		v.Case.Answer = incidents.Answer{Text: "Здравствуйте! Фонари в сквере заменят сегодня до 18:00, работает бригада «Горсвета». Отвечает мастер участка.", Version: 1, AuthorID: "executor", AuthorName: "Антон Журавлёв", WrittenAt: came.Add(27 * time.Minute)}
	}
	if n >= 4 {
		v.Case.Answer.ApprovedHash, v.Case.Answer.ApproverName, v.Case.Answer.ApprovedAt = v.Case.Answer.Hash(), "Вера Лаптева", came.Add(40*time.Minute)
		v.Delivery = incidents.Outgoing{ID: "d1", State: string(delivery.Unknown), Attempts: 1, SendingAt: came.Add(41 * time.Minute), Trouble: "Связь с Telegram оборвалась после отправки."}
		v.Case.PublicationTrouble = v.Delivery.Trouble
	}
	if n == 5 {
		v.Case.Outcome, v.Case.AnswerLink, v.Case.ClosedAt, v.Case.PublicationTrouble = incidents.Resolved, "https://vk.com/wall-101_7?reply=99", came.Add(50*time.Minute), ""
	}
	v.Case.Version = max(v.Case.Version, n+1)
}

func sampleThread(v incidents.View, came, now time.Time) []incidents.ThreadItem {
	net := v.Case.Message.Ref.Network
	say := func(id, name, text string, at time.Time) social.Item {
		return social.Item{Ref: ref(net, id), Kind: social.Comment, Thread: ref(net, "7"), Text: text, PublishedAt: at, Author: social.Author{ID: "9", Name: name}}
	}
	post := say("7", "Приреченск сегодня", "Уважаемые родители! С 25 ноября уроки второй смены начинаются в 13:40. Просим не ставить машины у главного входа.", came.Add(-20*time.Hour))
	post.Kind, post.Author.Own = social.Post, true
	message := v.Case.Message
	versions := []incidents.Version{{Text: message.Text, SeenAt: came}}
	if v.Case.Number == 4122 {
		message.EditedAt = came.Add(6 * time.Minute)
		message.Text = "Наледь на лестнице у школы № 5, сегодня упала первоклассница. Кто отвечает за эти ступени: школа или город?"
	}
	if message.Text != v.Case.Message.Text {
		versions = append(versions, incidents.Version{Text: message.Text, EditedAt: message.EditedAt, SeenAt: message.EditedAt})
	}
	reply := say("r35", "Алина Сидоркина", "Это мой ребёнок упал. Обошлось, но рука в лангете.", came.Add(3*time.Minute))
	reply.ReplyTo = v.Case.Message.Ref
	own := say("r36", "Приреченск сегодня", "Видим ваше сообщение, уточняем, кто обслуживает лестницу.", came.Add(50*time.Minute))
	own.ReplyTo, own.Author.Own = v.Case.Message.Ref, true
	more := say("r37", v.Case.Message.Author.Name, "И песок так никто и не рассыпал", came.Add(55*time.Minute))
	more.Author = v.Case.Message.Author
	return []incidents.ThreadItem{
		{Item: post},
		{Item: say("r30", "Виктор Ерохин", "Каток вместо ступенек, бабушки держатся за забор.", came.Add(-45*time.Minute))},
		{Item: message, IsMessage: true, Versions: versions, Photos: samplePhotos(came), Marks: v.Why[0].Marks},
		{Item: reply, DeletedAt: now.Add(-10 * time.Minute)},
		{Item: own},
		{Item: more, IsAttached: true},
	}
}

const sampleHash = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

// samplePhotos are one of each kind.
func samplePhotos(came time.Time) []incidents.Photo {
	kept := incidents.Photo{Key: "p1", State: string(media.Kept), Picture: sampleHash, Thumb: sampleHash, Width: 800, Height: 600, SeenAt: came, DoneAt: came.Add(time.Minute)}
	before := kept
	before.Key, before.Former = "p0", true
	return []incidents.Photo{
		before, kept, {Key: "p2", State: string(media.Waiting)}, {Key: "p3", State: string(media.Gone), Trouble: "Фото удалено в сети до загрузки."},
	}
}

func sampleUnread(now time.Time) []collectors.UnreadRow {
	row := func(key string, raw string) collectors.UnreadRow {
		return collectors.UnreadRow{
			SourceTitle: "ЖКХ города", Network: social.VK, Stream: "vk:7:live", Key: key, Reader: 1, Raw: []byte(raw),
			Reason: "Событие о комментарии не удалось разобрать.", ReceivedAt: now.Add(-time.Hour),
		}
	}
	return []collectors.UnreadRow{row("e1", `{"type":"wall_reply_new","object":"<script>alert(1)</script>"}`), row("e2", "\xff\x00{")}
}

func sampleSources(now time.Time) []collectors.SourceStatus {
	can := []collectors.Ability{{Kind: collectors.AbleToListen, Name: "Читать записи и комментарии", Can: true}, {Kind: collectors.AbleToAnswer, Name: "Отвечать в ветке", Can: true}, {Kind: collectors.AbleToList, Name: "Читать прошлое", Why: "Нужен сервисный ключ приложения: без него пробелы не дочитать."}}
	all := []collectors.Ability{{Kind: collectors.AbleToListen, Name: "Читать записи и комментарии", Can: true}, {Kind: collectors.AbleToAnswer, Name: "Отвечать в ветке", Can: true}}
	return []collectors.SourceStatus{
		{ID: "s1", Network: social.VK, Title: "Приреченск сегодня", Kind: "vk.community", URL: "https://vk.com/prirechensk", State: collectors.Healthy, CompleteTo: now.Add(-15 * time.Second), Items: 41230, LastHour: 212, Abilities: all, Since: now.Add(-400 * time.Hour)},
		{ID: "s2", Network: social.VK, Title: "Школы Приреченска", Kind: "vk.community", State: collectors.Healthy, CompleteTo: now.Add(-40 * time.Second), Items: 1021, LastHour: 9, Abilities: can, Gaps: []collectors.SourceGap{{From: now.Add(-7 * time.Hour), To: now.Add(-6 * time.Hour), Reason: "ВКонтакте не отвечал", FilledAt: now.Add(-5 * time.Hour)}}},
		{ID: "s3", Network: social.Telegram, Title: "Приреченск онлайн", Kind: "telegram.channel", State: collectors.Gapped, CompleteTo: now.Add(-time.Minute), Abilities: can, Gaps: []collectors.SourceGap{{From: now.Add(-11 * time.Hour), To: now.Add(-580 * time.Minute), Reason: "Бот был выключен больше суток", Hopeless: true}}},
		{ID: "s4", Network: social.Telegram, Title: "Затон. Чат соседей", Kind: "открытая группа", State: collectors.Lagging, CompleteTo: now.Add(-26 * time.Minute), CoolingUntil: now.Add(3 * time.Minute), Abilities: all},
		{ID: "s5", Network: social.VK, Title: "ЖКХ города", Kind: "vk.community", State: collectors.Sick, CompleteTo: now.Add(-95 * time.Minute), FailingSince: now.Add(-95 * time.Minute), Trouble: "ВКонтакте не принял ключ: он отозван. Выпустите новый ключ сообщества и впишите его в настройки.", Abilities: can, Broken: 2},
		{ID: "s6", Network: social.VK, Title: "Парки и скверы", Kind: "vk.community", State: collectors.Silent},
	}
}

func sampleEntries(now time.Time) []delivery.Entry {
	entry := func(id string, state delivery.State, title string, ago time.Duration, net social.Network) delivery.Entry {
		e := delivery.Entry{CaseTitle: title, SourceTitle: "Приреченск сегодня"}
		e.ID, e.Kind, e.State, e.Number, e.Network = id, delivery.KindAnswer, state, 4125, net
		e.PlannedAt, e.SendingAt, e.DoneAt = now.Add(-ago), now.Add(-ago), now.Add(-ago)
		return e
	}
	unknown := entry("d1", delivery.Unknown, "На Речной, 7 лифт стоит с субботы", 13*time.Minute, social.Telegram)
	unknown.Trouble = "Связь оборвалась после отправки"
	failed := entry("d2", delivery.Failed, "Фонари в сквере: темнота полная", 34*time.Minute, social.VK)
	failed.Trouble, failed.TroubleCode = "Автор закрыл комментарии под записью. Ответьте вручную или заберите ответ", "vk.213"
	waiting := entry("d3", delivery.Planned, "Лестница у школы № 5", 2*time.Minute, social.VK)
	waiting.NextTryAt, waiting.Trouble = now.Add(4*time.Minute), "ВКонтакте попросил подождать."
	sent := entry("d4", delivery.Sent, "Урны на бульваре забыли поставить", 7*time.Hour, social.VK)
	sent.Permalink = "https://vk.com/wall-101_7?reply=99"
	return []delivery.Entry{unknown, failed, waiting, entry("d5", delivery.Sending, "Контейнеры у Затонской", time.Minute, social.Telegram), sent}
}
