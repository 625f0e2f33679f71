package demo

import (
	"context"
	"strings"
	"time"

	"otklik/incidents"
	"otklik/index/places"
	"otklik/internal/rights"
)

// gazetteer is the demo's city: kind, name, where it lies, houses, other names.
const gazetteer = `город|Приреченск|||Приречье
район|Центральный|Приреченск||центр города
район|Заречный|Приреченск||Заречье; за рекой
район|Заводской|Приреченск||Завод
микрорайон|Юбилейный|Заречный район||Юбилейка
микрорайон|3|Заводской район||третий микрорайон
посёлок|Дачный|Приреченск||
село|Ольховка|||
улица|Ленина|Центральный район|1-60|
улица|Ленина|Заречный район|61-|
улица|Полевая|Заводской район||
улица|Гагарина|Центральный район|1-40|
улица|Гагарина|Заводской район|41-|
улица|Чехова|Центральный район||
улица|Строителей|Заводской район||
улица|Школьная|Центральный район||
улица|Лермонтова|Заречный район||
улица|Заводская|Заводской район||
улица|Юбилейная|Заречный район||
улица|Мира|Заречный район|1-25 нечёт|
улица|Мира|Центральный район|2-60 чёт|
улица|Парковая|Центральный район||
набережная|Речная|Центральный район||Набережная
улица|Зелёная|Заречный район||
улица|Северная|Заводской район||
улица|Дачная|посёлок Дачный||
улица|Пушкина|Центральный район||
улица|Кольцевая|Заводской район||
улица|Комсомольская|Заречный район||
улица|Тракторная|Заводской район||
улица|Вокзальная|Центральный район||
улица|Садовая|Ольховка||
улица|Садовая|Центральный район||
улица|Речная|Центральный район||
улица|Кирова|Центральный район||
улица|Почтовая|Центральный район||
улица|Советская|Центральный район||
улица|Заречная|Заречный район||
улица|8 Марта|Заречный район||
проспект|Речников|Центральный район||
переулок|Тихий|Центральный район||
шоссе|Ольховское|Заводской район||`

// settle gives the program the map of the city and who answers where. What
// people have changed since an earlier start stays.
func (d *Demo) settle(ctx context.Context) error {
	s := d.app.Store()
	have, _, _, err := s.Gazetteer(ctx, -1)
	if err != nil || len(have) > 0 {
		return err
	}
	list, err := cityPlaces()
	if err != nil {
		return err
	}
	now := time.Now()
	if err := s.SaveGazetteer(ctx, rights.System(), list, now); err != nil {
		return err
	}
	if err := s.ReplaceRoutes(ctx, rights.System(), cityRoutes(list), now); err != nil {
		return err
	}
	pages, err := s.Registry(ctx)
	if err != nil {
		return err
	}
	for _, p := range pages {
		if err := s.SavePagePlace(ctx, rights.System(), p.ID, list[0].ID, now); err != nil {
			return err
		}
	}
	return nil
}

func cityPlaces() ([]places.Place, error) {
	var rows []places.Row
	for i, line := range strings.Split(gazetteer, "\n") {
		rows = append(rows, places.Row{Number: i + 1, Cells: strings.Split(line, "|")})
	}
	list, bad := places.Read(places.Columns(), rows)
	if len(bad) > 0 {
		return nil, bad[0]
	}
	return list, nil
}

// cityRoutes are a few routes of every kind, with one clash to be seen.
func cityRoutes(list []places.Place) []incidents.Route {
	at := map[string]string{}
	for _, p := range list {
		at[p.Title()] = p.ID
	}
	return []incidents.Route{
		{DepartmentID: "priemnaja"},
		{TopicID: "sneg", PlaceID: at["Заречный район"], DepartmentID: "blago"},
		{TopicID: "yamy", PlaceID: at["село Ольховка"], DepartmentID: "blago"},
		{PlaceID: at["посёлок Дачный"], DepartmentID: "gkh-energy"},
		{TopicID: "zhivotnye", DepartmentID: "blago"},
	}
}
