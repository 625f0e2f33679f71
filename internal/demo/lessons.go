package demo

import (
	"context"
	"fmt"
	"time"

	"otklik/incidents"
	"otklik/internal/learn"
	"otklik/internal/rights"
	"otklik/internal/social"
)

// lesson is what people of the demo have decided about messages of one kind
// before the demo begins.
type lesson struct {
	topic string // of the starter dictionary, "" for what was rejected
	texts []string
}

// lessons are made of these, once for each street.
func lessons() []lesson {
	return []lesson{
		{"yamy", []string{"На %s яма на яме, асфальт разбит, машины бьют подвеску", "Когда отремонтируют дорогу на %s? Колея такая, что не проехать", "После раскопок на %s дорогу не восстановили, осталась яма"}},
		{"sneg", []string{"На %s тротуар не чищен, лёд, люди падают", "Снег с %s не вывозят, горы у пешеходного перехода", "Посыпьте лестницу на %s, сплошная наледь"}},
		{"voda", []string{"На %s нет горячей воды второй день, когда дадут?", "Из крана на %s идёт ржавая вода", "Опять отключили холодную воду на %s без предупреждения"}},
		{"otoplenie", []string{"На %s батареи холодные, в квартире шестнадцать градусов", "Отопление на %s еле греет, дети мёрзнут", "Когда пустят тепло на %s?"}},
		{"osveshhenie", []string{"На %s не горят фонари, вечером темно идти от остановки", "Освещение на %s не работает вторую неделю", "Фонарь у школы на %s мигает и гаснет"}},
		{"musor", []string{"Мусор на %s не вывозят третий день, контейнеры полные", "На %s свалка у гаражей, запах и крысы", "Разбитые контейнеры на %s, мешки летают по двору"}},
		{"transport", []string{"Автобус на %s опять не пришёл, ждали сорок минут", "Маршрутка проезжает остановку на %s мимо", "Отменили рейс автобуса с %s, как добираться на работу?"}},
		{"", []string{"На %s вчера красивый закат", "Кто потерял ключи на %s, лежат на лавке", "Поздравляю всех жителей %s с праздником"}},
	}
}

func streets() []string {
	return []string{"улице Речной", "Полевой", "проспекте Труда", "Садовой", "Заводской", "Липовой аллее", "Береговой", "Школьной"}
}

// teach keeps what people have decided in the month before and lets the program
// learn from it. Of what an earlier start of the demo has kept nothing is added.
func (d *Demo) teach(ctx context.Context) error {
	s, now := d.app.Store(), time.Now()
	topics, err := s.Topics(ctx)
	if err != nil {
		return err
	}
	added, err := s.ImportDecisions(ctx, d.pastDecisions(topics, now), now)
	if err != nil || added == 0 {
		return err
	}
	return s.AskTraining(ctx, d.cast.byRole[rights.Curator].Actor(), now)
}

func (d *Demo) pastDecisions(topics []incidents.Topic, now time.Time) []learn.Decision {
	department := map[string]string{}
	for _, t := range topics {
		department[t.ID] = t.DepartmentID
	}
	moderator, coordinator := d.cast.byRole[rights.Moderator], d.cast.byRole[rights.Coordinator]
	var list []learn.Decision
	for i, street := range streets() {
		for _, l := range lessons() {
			for j, text := range l.texts {
				x := learn.Decision{Kind: learn.Assigned, TopicID: l.topic, DepartmentID: department[l.topic], PersonID: coordinator.ID, PersonName: coordinator.Name}
				if l.topic == "" {
					x.Kind, x.PersonID, x.PersonName = learn.Dismissed, moderator.ID, moderator.Name
				}
				x.Item.Text, x.Item.Kind, x.Item.OwnPage, x.Item.Depth = fmt.Sprintf(text, street), social.Comment, true, 1
				x.Subject = fmt.Sprintf("demo %s %d %d", l.topic, i, j)
				x.Key = x.Subject
				// The texts of a topic are spread over the month, so that the
				// newest decisions are of all topics.
				x.At = now.Add(-time.Duration(1+(i*len(l.texts)+j)*26) * time.Hour)
				list = append(list, x)
			}
		}
	}
	return list
}
