package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"otklik/incidents"
	"otklik/internal/detect"
	"otklik/internal/errs"
	"otklik/internal/learn"
	"otklik/internal/rights"
)

func itoa(n int) string { return strconv.Itoa(n) }

func errForbidden() error {
	return errs.New(errs.Forbidden, "Для этого действия нужна другая роль. Обратитесь к администратору, если она должна быть у вас.")
}

func errDecided() error {
	return errs.New(errs.Conflict, "По этому сообщению уже решил другой человек. Обновите страницу.")
}

// keepVerdict stores what the program thinks of an item. What a person said of
// it stays, unless a new text is now due a reaction.
func (tx *Tx) keepVerdict(ctx context.Context, f detect.Conclusion) error {
	o := f.Opinion
	if !o.Judged {
		return nil
	}
	state := "none"
	switch {
	case o.Due:
		state = "due"
	case len(f.Hits) > 0:
		state = "unlikely"
	}
	reasons, err := json.Marshal(o.Reasons)
	if err != nil {
		return err
	}
	place, err := placeText(placeOf(f.Item.Place))
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO verdicts (item_id, item_version, probability, state, reasons, topic_id, topic_p, department_id, department_p, judged_us, place)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (item_id) DO UPDATE SET
		item_version = excluded.item_version, probability = excluded.probability, reasons = excluded.reasons,
		topic_id = excluded.topic_id, topic_p = excluded.topic_p, department_id = excluded.department_id, department_p = excluded.department_p,
		judged_us = excluded.judged_us, place = excluded.place,
		state = CASE WHEN verdicts.state = 'taken' OR verdicts.state = 'dismissed' AND excluded.state <> 'due' THEN verdicts.state ELSE excluded.state END`,
		f.Item.ID, f.Item.Version, o.Probability, state, string(reasons), o.TopicID, o.TopicP, o.DepartmentID, o.DepartmentP, tx.us, place)
	return err
}

// placeText is a place as it is stored, "" where none is known.
func placeText(p incidents.Place) (string, error) {
	if !p.Known() {
		return "", nil
	}
	text, err := json.Marshal(p)
	return clean(string(text)), err
}

// foundPlace is where an item happens, as detection found it.
func (tx *Tx) foundPlace(ctx context.Context, itemID string) (detect.Place, error) {
	var text string
	err := tx.QueryRowContext(ctx, "SELECT place FROM verdicts WHERE item_id = $1", itemID).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) || err == nil && text == "" {
		return detect.Place{}, nil
	}
	if err != nil {
		return detect.Place{}, err
	}
	var p incidents.Place
	err = json.Unmarshal([]byte(text), &p)
	return detect.Place{Territory: p.ID, Title: p.Title, From: p.From, Path: p.Path, Words: []string{p.Words}}, err
}

// forHand loads an item of which a person wants a case, with what was found in it.
func (tx *Tx) forHand(ctx context.Context, by rights.Actor, itemID string) (detect.Conclusion, error) {
	var f detect.Conclusion
	if !by.Can(rights.AcceptCase) {
		return f, errForbidden()
	}
	// Whoever comes second waits here, and detection does not come between.
	if _, err := tx.exec(ctx, "UPDATE items SET pending = 0 WHERE id = $1", itemID); err != nil {
		return f, err
	}
	var public int
	var err error
	f.Item.Item, _, _, err = scanItem(tx.QueryRowContext(ctx, "SELECT "+itemColumns+", i.id, i.version, i.source_id, s.public FROM items i JOIN sources s ON s.id = i.source_id WHERE i.id = $1", itemID).Scan,
		&f.Item.ID, &f.Item.Version, &f.Item.SourceID, &public)
	if errors.Is(err, sql.ErrNoRows) {
		return f, errs.New(errs.NotFound, "Такого сообщения нет. Возможно, ссылка устарела.")
	}
	if err != nil {
		return f, err
	}
	f.Item.OwnPage = public == 0
	if f.Item.Author.Own {
		return f, errs.New(errs.Invalid, "Это написало само ведомство: карточку по нему не заводят.")
	}
	var number int64
	err = tx.QueryRowContext(ctx, "SELECT c.number FROM case_items x JOIN cases c ON c.id = x.case_id WHERE x.item_id = $1", itemID).Scan(&number)
	if err == nil {
		return f, errs.Newf(errs.Conflict, "Это сообщение уже в карточке № %d.", number)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return f, err
	}
	if f.Item.Place, err = tx.foundPlace(ctx, itemID); err != nil {
		return f, err
	}
	return f, tx.topicOf(ctx, &f)
}

// topicOf finds the topic of a message: that of its best rule, else the model's,
// else the last one, which takes what nothing else does.
func (tx *Tx) topicOf(ctx context.Context, f *detect.Conclusion) error {
	var rule string
	t := &f.Topic
	err := tx.QueryRowContext(ctx, `SELECT t.id, t.name, t.department_id, t.due_hours, COALESCE(m.rule_name, '') FROM topics t
		LEFT JOIN matches m ON m.topic_id = t.id AND m.item_id = $1
		LEFT JOIN verdicts v ON v.topic_id = t.id AND v.item_id = $1
		ORDER BY CASE WHEN m.rank IS NOT NULL THEN 0 WHEN v.item_id IS NOT NULL THEN 1 ELSE 2 END,
			COALESCE(m.item_version, 0) DESC, COALESCE(m.rank, 0), t.position DESC LIMIT 1`, f.Item.ID).
		Scan(&t.ID, &t.Name, &t.DepartmentID, &t.DueHours, &rule)
	if errors.Is(err, sql.ErrNoRows) {
		return errs.New(errs.Conflict, "В словаре нет ни одной темы. Добавьте её, и карточку можно будет завести.")
	}
	if rule != "" {
		f.Hits = []detect.Hit{{RuleName: rule}}
	}
	return err
}

// unlikelyKept is for how long what is unlikely is offered to people.
const unlikelyKept = 30 * 24 * time.Hour

// Unlikely returns what rules found and the program holds unlikely, the most
// probable first, and how much there is of it.
func (s *Store) Unlikely(ctx context.Context, limit, offset int, now time.Time) ([]learn.Unlikely, int, error) {
	since := micros(now.Add(-unlikelyKept))
	const from = ` FROM verdicts v JOIN items i ON i.id = v.item_id JOIN sources s ON s.id = i.source_id
		WHERE v.state = 'unlikely' AND v.judged_us >= $1 AND i.deleted_us = 0
		AND NOT EXISTS (SELECT 1 FROM case_items x WHERE x.item_id = i.id)`
	var total int
	if err := s.read.QueryRowContext(ctx, "SELECT COUNT(*)"+from, since).Scan(&total); err != nil || limit == 0 {
		return nil, total, err
	}
	list, err := collect(ctx, s.read, func(r *sql.Rows) (learn.Unlikely, error) {
		var x learn.Unlikely
		var reasons, marks string
		var err error
		x.Item, x.SeenAt, _, err = scanItem(r.Scan, &x.ItemID, &x.Source, &x.Probability, &reasons, &x.Rule, &x.Topic, &marks)
		if err != nil {
			return x, err
		}
		return x, errors.Join(json.Unmarshal([]byte(reasons), &x.Reasons), json.Unmarshal([]byte(marks), &x.Marks))
	}, "SELECT "+itemColumns+`, i.id, s.title, v.probability, v.reasons,
		COALESCE((SELECT m.rule_name FROM matches m WHERE m.item_id = i.id AND m.item_version = i.version ORDER BY m.rank LIMIT 1), ''),
		COALESCE((SELECT t.name FROM matches m JOIN topics t ON t.id = m.topic_id WHERE m.item_id = i.id AND m.item_version = i.version ORDER BY m.rank LIMIT 1), ''),
		COALESCE((SELECT m.marks FROM matches m WHERE m.item_id = i.id AND m.item_version = i.version ORDER BY m.rank LIMIT 1), '[]')`+
		from+" ORDER BY v.probability DESC, i.seq DESC LIMIT $2 OFFSET $3", since, limit, offset)
	return list, total, err
}

// viewVerdict reads what the program thought of the message of a case.
func (s *Store) viewVerdict(ctx context.Context, v *incidents.View) error {
	var reasons string
	err := s.read.QueryRowContext(ctx, `SELECT v.probability, v.reasons FROM verdicts v JOIN cases c ON c.item_id = v.item_id WHERE c.id = $1`, v.Case.ID).
		Scan(&v.Probability, &reasons)
	if errors.Is(err, sql.ErrNoRows) {
		v.Probability = -1
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(reasons), &v.Reasons)
}
