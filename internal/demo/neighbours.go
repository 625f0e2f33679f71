package demo

import (
	"time"

	"otklik/internal/sim/telegram"
	"otklik/internal/sim/vk"
)

// Pages of the city that are not the agency's own. Nobody reads them until an
// administrator connects them; the service key opens the first.
const (
	neighbourID      = 217400300
	neighbourName    = "podslushano_prirechensk"
	neighbourChannel = "prirechensk_novosti"
)

// settleNeighbours founds them with what was written there before the hour.
func (w *World) settleNeighbours() error {
	v, t := w.Sim.VK, w.Sim.Telegram
	v.AddCommunity(vk.Community{ID: neighbourID, Name: "Подслушано. Приреченск", ScreenName: neighbourName})
	channel, err := t.AddChannel(telegram.Channel{Title: "Приреченск. Новости", Username: neighbourChannel})
	if err != nil {
		return err
	}
	now := w.clock.now()
	for i, text := range []string{
		"Соседи, кто ещё без воды на Заречной? С утра сухие краны, аварийная трубку не берёт",
		"На Кузнечной, 21 яма у самого пешеходного перехода, вчера велосипедист упал. Когда заделают?",
		"Нашёлся рыжий кот с белым ухом, ждёт хозяев в магазине на Луговой",
	} {
		ago := time.Duration(80-10*i) * time.Minute
		if _, err := v.AddPost(vk.NewPost{OwnerID: -neighbourID, Text: text, Date: now.Add(-ago)}); err != nil {
			return err
		}
	}
	for _, text := range []string{
		"На Привокзальной открыли новую остановку: навес, скамейки и расписание.",
		"Жители Полевой пишут, что во дворах третью неделю не вывозят мусор, контейнеры переполнены.",
	} {
		if _, err := t.Post(channel.ID, text); err != nil {
			return err
		}
	}
	return nil
}
