package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"otklik/incidents"
	"otklik/internal/rights"
	"otklik/internal/social"
	"otklik/internal/store"
)

const oldCases = `№;Дата поступления;Текст обращения;Статус;Тема;Ответ;Дата ответа;Крайний срок;Ведомство;Адрес
А-1;18.10.2025 14:50;Не горит фонарь во дворе;Завершено: автоматически;Уличное освещение;Фонарь починили.;20.10.2025;;;улица Мира, 3
А-2;2025-10-19T10:00:01.250;Не вывозят мусор;В работе;Старая тема;;;01.11.2025 18:00;;
А-3;завтра;Яма на дороге;В работе;;;;;;
;19.10.2025;Яма на дороге;Не пойми что;;;;;;
А-4;19.10.2025 09:00;Не туда написали;Отказано;;;20.10.2025;;;
А-1;18.10.2025 14:50;Не горит фонарь во дворе;Завершено;;;;;;
`

func TestImportCases(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	file := write(t, "старые.csv", oldCases)

	out, said := call(t, "import", "cases", "--data", data, "--csv", file, "--check")
	if !strings.Contains(out, "Ничего не загружено") {
		t.Fatalf("%s %s", out, said)
	}
	for _, want := range []string{"Строка 4, столбец «Дата поступления»", "Строка 5, столбец «№»", "статус «Не пойми что» непонятен", "Темы «Старая тема» нет"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in %s", want, out)
		}
	}
	topic := anyTopic(t, data)
	topics := write(t, "темы.csv", "название,тема\nСтарая тема,"+topic.Name+"\n")
	out, said = call(t, "import", "cases", "--data", data, "--csv", file, "--topics", topics, "--batch", "2")
	if !strings.Contains(out, "Строк: 6. Загружено карточек: 3. Уже были: 1. С ошибками: 2.") {
		t.Fatalf("%s %s", out, said)
	}
	out, _ = call(t, "import", "cases", "--data", data, "--csv", file, "--topics", topics)
	if !strings.Contains(out, "Загружено карточек: 0. Уже были: 4.") {
		t.Errorf("the second time: %s", out)
	}
	importedAsTold(t, data, topic)
}

func anyTopic(t *testing.T, data string) (topic incidents.Topic) {
	t.Helper()
	with(t, data, func(ctx context.Context, s *store.Store) {
		list, err := s.Topics(ctx)
		if err != nil || len(list) == 0 {
			t.Fatal(len(list), err)
		}
		topic = list[0]
	})
	return topic
}

func with(t *testing.T, data string, do func(context.Context, *store.Store)) {
	t.Helper()
	s, err := store.OpenBeside(t.Context(), store.FileIn(data))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	do(t.Context(), s)
}

func importedAsTold(t *testing.T, data string, topic incidents.Topic) {
	t.Helper()
	now := time.Now()
	with(t, data, func(ctx context.Context, s *store.Store) {
		page, err := s.Inbox(ctx, incidents.Filter{By: rights.System(), Closed: true, Sort: incidents.Newest, Now: now, TodayEnds: now, Limit: 10})
		if err != nil || page.Total != 3 {
			t.Fatal(page.Total, err)
		}
		rejected, open, solved := page.Rows[0], page.Rows[1], page.Rows[2]
		if rejected.Outcome != incidents.Rejected || solved.Outcome != incidents.Resolved || solved.Place != "улица Мира, 3" {
			t.Errorf("%+v\n%+v", rejected, solved)
		}
		if open.Stage != incidents.Execution || open.TopicID != topic.ID || open.DepartmentID != topic.DepartmentID || open.Network != social.Imported {
			t.Errorf("open: %+v", open)
		}
		if want := time.Date(2025, 11, 1, 15, 0, 0, 0, time.UTC); !open.DueAt.Equal(want) {
			t.Errorf("due %v, want %v", open.DueAt, want)
		}
		view, err := s.View(ctx, solved.ID, rights.System(), now)
		if err != nil || view.Case.Answer.Text != "Фонарь починили." || len(view.History) != 2 {
			t.Errorf("%+v %v", view, err)
		}
		found, err := s.Inbox(ctx, incidents.Filter{By: rights.System(), Text: "№А-2", Now: now, TodayEnds: now, Limit: 10})
		if err != nil || found.Total != 1 {
			t.Errorf("by the old number: %d, %v", found.Total, err)
		}
		facts, err := s.Facts(ctx, now)
		if err != nil || len(facts.Overdue) != 1 || facts.Overdue[0].Untold != 0 {
			t.Errorf("what was overdue before alarms: %+v %v", facts.Overdue, err)
		}
	})
}

func TestImportRefuses(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	refuse := func(want, file string, more ...string) {
		t.Helper()
		args := append([]string{"import", "cases", "--data", data, "--csv", file}, more...)
		if out, said := call(t, args...); !strings.Contains(said, want) {
			t.Errorf("%v: %q %q, want %q", more, out, said, want)
		}
	}
	good := write(t, "good.csv", "id,created,text,state\n1,2025-10-19,Яма,ждёт\n")
	refuse("Не видно, в каком столбце создано", write(t, "bad.csv", "id,text\n1,Яма\n"))
	refuse("Поля «нет» нет", good, "--map", "нет=text")
	refuse("нет столбца «нет»", good, "--map", "текст=нет")
	refuse("Стадия «полёт» непонятна", good, "--status", "ждёт=полёт")
	refuse("Часового пояса", good, "--zone", "Луна")
	out, said := call(t, "import", "cases", "--data", data, "--csv", good, "--map", "статус=state", "--status", "ждёт=координация")
	if !strings.Contains(out, "Загружено карточек: 1") {
		t.Error(out, said)
	}
}
