package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"otklik/incidents"
	"otklik/incidents/mass"
	"otklik/internal/alarm"
	"otklik/internal/errs"
	"otklik/internal/rights"
	"otklik/internal/social"
)

const massRows = "SELECT " + incidentColumns + `, COALESCE(t.name, ''),
	(SELECT COUNT(*) FROM mass_cases m WHERE m.incident_id = n.id),
	(SELECT COUNT(DISTINCT m.author) FROM mass_cases m WHERE m.incident_id = n.id),
	(SELECT COUNT(*) FROM mass_cases m JOIN cases c ON c.id = m.case_id WHERE m.incident_id = n.id AND c.stage <> 'done')
	FROM mass_incidents n LEFT JOIN topics t ON t.id = n.topic_id`

func scanMassRow(r *sql.Rows) (mass.Row, error) {
	var x mass.Row
	var err error
	x.Incident, err = scanIncident(r.Scan, &x.Topic, &x.Members, &x.Authors, &x.Unanswered)
	return x, err
}

// Incidents lists mass incidents of the states: open ones by how fresh they
// are, finished ones by when they ended.
func (s *Store) Incidents(ctx context.Context, states []mass.State, limit, offset int, now time.Time) ([]mass.Row, error) {
	q := &query{}
	in(q, "n.state", states)
	clause := q.clause()
	rows, err := collect(ctx, s.read, scanMassRow, massRows+clause+" ORDER BY CASE WHEN n.state = 'open' THEN n.grew_us ELSE n.closed_us END DESC, n.number DESC LIMIT "+
		q.arg(limit)+" OFFSET "+q.arg(offset), q.args...)
	if err != nil {
		return nil, err
	}
	open, err := s.openIncidents(ctx)
	if err != nil {
		return nil, err
	}
	silences, err := s.Silences(ctx, now)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		weigh(&rows[i], open, silences, now)
	}
	return rows, nil
}

// weigh adds to a row what lies in narrower places, and who keeps it quiet.
func weigh(x *mass.Row, open []mass.Row, silences []mass.Silence, now time.Time) []mass.Row {
	var parts []mass.Row
	all := make([]mass.Incident, len(open))
	for i, o := range open {
		all[i] = o.Incident
		if x.Wider(subjectOf(o.Incident)) {
			parts = append(parts, o)
			x.Parts += o.Members
		}
	}
	if x.State == mass.Open {
		x.Muted = mass.Muted(subjectOf(x.Incident), silences, all, now)
	}
	return parts
}

func subjectOf(i mass.Incident) mass.Subject {
	return mass.Subject{TopicID: i.TopicID, Place: i.Place, Incident: i.Number}
}

func (s *Store) openIncidents(ctx context.Context) ([]mass.Row, error) {
	return collect(ctx, s.read, scanMassRow, massRows+" WHERE n.state = 'open' ORDER BY n.number")
}

// Incident returns one mass incident with its members. Errors: NotFound.
func (s *Store) Incident(ctx context.Context, number int64, now time.Time) (mass.View, error) {
	var v mass.View
	rows, err := collect(ctx, s.read, scanMassRow, massRows+" WHERE n.number = $1", number)
	if err != nil {
		return v, err
	}
	if len(rows) == 0 {
		return v, errs.Newf(errs.NotFound, "Массового инцидента № %d нет. Проверьте номер.", number)
	}
	v.Row = rows[0]
	open, err := s.openIncidents(ctx)
	if err != nil {
		return v, err
	}
	silences, err := s.Silences(ctx, now)
	if err != nil {
		return v, err
	}
	v.PartList = weigh(&v.Row, open, silences, now)
	if v.MemberList, err = s.massMembers(ctx, v.ID); err != nil {
		return v, err
	}
	v.Growth, err = collect(ctx, s.read, func(r *sql.Rows) (time.Time, error) {
		var at int64
		err := r.Scan(&at)
		return moment(at), err
	}, "SELECT i.published_us FROM mass_cases m JOIN cases c ON c.id = m.case_id JOIN items i ON i.id = c.item_id WHERE m.incident_id = $1 ORDER BY i.published_us", v.ID)
	if err != nil {
		return v, err
	}
	v.Events, err = collect(ctx, s.read, func(r *sql.Rows) (mass.Event, error) {
		var ev mass.Event
		var at int64
		var cases string
		if err := r.Scan(&at, &ev.ActorID, &ev.ActorName, &ev.Kind, &ev.Text, &cases); err != nil {
			return ev, err
		}
		ev.At = moment(at)
		return ev, json.Unmarshal([]byte(cases), &ev.Cases)
	}, "SELECT at_us, actor_id, actor_name, kind, note, cases FROM mass_events WHERE incident_id = $1 ORDER BY seq", v.ID)
	return v, err
}

func (s *Store) massMembers(ctx context.Context, id string) ([]mass.Member, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (mass.Member, error) {
		var m mass.Member
		var message string
		var due, added int64
		if err := r.Scan(&m.CaseID, &m.Number, &m.Stage, &m.Outcome, &message, &m.Source, &due, &added, &m.ByName); err != nil {
			return m, err
		}
		var it social.Item
		err := json.Unmarshal([]byte(message), &it)
		m.Network, m.Text, m.Author, m.Came = string(it.Ref.Network), it.Text, it.Author.Name, it.PublishedAt
		m.DueAt, m.AddedAt = dueMoment(due), moment(added)
		return m, err
	}, `SELECT c.id, c.number, c.stage, c.outcome, c.message, s.title, c.due_us, m.added_us, m.by_name
		FROM mass_cases m JOIN cases c ON c.id = m.case_id JOIN sources s ON s.id = c.source_id
		WHERE m.incident_id = $1 ORDER BY c.number DESC LIMIT $2`, id, mass.MostShown)
}

// viewMass reads which mass incident a case is a member of.
func (s *Store) viewMass(ctx context.Context, v *incidents.View) error {
	var state string
	err := s.read.QueryRowContext(ctx, `SELECT n.number, n.title, n.state, (SELECT COUNT(*) FROM mass_cases x WHERE x.incident_id = n.id)
		FROM mass_cases m JOIN mass_incidents n ON n.id = m.incident_id WHERE m.case_id = $1`, v.Case.ID).
		Scan(&v.Mass.Number, &v.Mass.Title, &state, &v.Mass.Members)
	v.Mass.Closed = mass.State(state) != mass.Open
	if errors.Is(err, sql.ErrNoRows) {
		v.Mass = incidents.Mass{}
		return nil
	}
	return err
}

const silenceColumns = `z.id, z.topic_id, z.place_id, z.place, z.incident, z.by_id, z.by_name, z.why, z.from_us, z.until_us, z.ended_us, z.ended_by,
	COALESCE((SELECT t.name FROM topics t WHERE t.id = z.topic_id), '')`

func scanSilence(scan func(...any) error) (mass.Silence, error) {
	var z mass.Silence
	var from, until, ended int64
	err := scan(&z.ID, &z.TopicID, &z.PlaceID, &z.Place, &z.Incident, &z.ByID, &z.ByName, &z.Why, &from, &until, &ended, &z.EndedBy, &z.Topic)
	z.From, z.Until, z.EndedAt = moment(from), moment(until), moment(ended)
	return z, err
}

// Silences lists the silences that hold, the one that ends first first.
func (s *Store) Silences(ctx context.Context, now time.Time) ([]mass.Silence, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (mass.Silence, error) { return scanSilence(r.Scan) },
		"SELECT "+silenceColumns+" FROM silences z WHERE z.until_us > $1 AND z.ended_us = 0 ORDER BY z.until_us, z.id", micros(now))
}

// PastSilences lists those that are over, the newest first.
func (s *Store) PastSilences(ctx context.Context, now time.Time, limit int) ([]mass.Silence, error) {
	return collect(ctx, s.read, func(r *sql.Rows) (mass.Silence, error) { return scanSilence(r.Scan) },
		"SELECT "+silenceColumns+" FROM silences z WHERE z.until_us <= $1 OR z.ended_us <> 0 ORDER BY z.from_us DESC, z.id LIMIT $2", micros(now), limit)
}

// BeginSilence keeps notices from people. Errors: those of mass.Hush.
func (s *Store) BeginSilence(ctx context.Context, by rights.Actor, z mass.Silence, now time.Time) error {
	z, err := mass.Hush(z, by, now)
	if err != nil {
		return err
	}
	return s.inTx(ctx, now, func(tx *Tx) error {
		if z.Incident != 0 {
			if _, err := loadIncident(ctx, tx, z.Incident); err != nil {
				return err
			}
		}
		id, err := newID()
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, `INSERT INTO silences (id, topic_id, place_id, place, incident, by_id, by_name, why, from_us, until_us, ended_us, ended_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, '')`,
			id, z.TopicID, z.PlaceID, clean(z.Place), z.Incident, z.ByID, z.ByName, z.Why, micros(z.From), micros(z.Until))
		return errors.Join(err, tx.bump(ctx, "incidents"))
	})
}

// EndSilence lets people hear again. Errors: NotFound, and those of mass.Unhush.
func (s *Store) EndSilence(ctx context.Context, by rights.Actor, id string, now time.Time) error {
	return s.inTx(ctx, now, func(tx *Tx) error {
		z, err := scanSilence(tx.QueryRowContext(ctx, "SELECT "+silenceColumns+" FROM silences z WHERE z.id = $1", id).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			return errs.New(errs.NotFound, "Такой тишины нет. Обновите страницу.")
		}
		if err != nil {
			return err
		}
		if z, err = mass.Unhush(z, by, now); err != nil {
			return err
		}
		n, err := tx.exec(ctx, "UPDATE silences SET ended_us = $2, ended_by = $3 WHERE id = $1 AND ended_us = 0", id, micros(z.EndedAt), z.EndedBy)
		if err == nil && n == 0 {
			return errStale
		}
		return errors.Join(err, tx.bump(ctx, "incidents"))
	})
}

// massFacts are what the auditor judges mass incidents and surges by.
func (s *Store) massFacts(ctx context.Context, f *alarm.Facts, now time.Time) error {
	open, err := s.openIncidents(ctx)
	if err != nil {
		return err
	}
	silences, err := s.Silences(ctx, now)
	if err != nil {
		return err
	}
	all := make([]mass.Incident, len(open))
	for i, o := range open {
		all[i] = o.Incident
	}
	for _, x := range open {
		if x.ByID != "" && x.Members < 2 || !x.Attracts(now) {
			continue // nothing is going on there
		}
		weigh(&x, open, silences, now)
		f.Masses = append(f.Masses, alarm.Mass{
			ID: x.ID, Number: x.Number, Title: x.Title, TopicID: x.TopicID, PlaceID: x.Place.ID, Members: x.Members + x.Parts, At: x.OpenedAt, Muted: x.Muted,
		})
	}
	f.Surges, err = s.surges(ctx, now, func(x mass.Subject) string {
		// A surge is told of by the incident it has grown into.
		if i := slices.IndexFunc(all, func(i mass.Incident) bool {
			return i.TopicID == x.TopicID && (x.Place.ID == "" || i.Place.ID == x.Place.ID)
		}); i >= 0 {
			return "об этом говорит инцидент №\u00a0" + strconv.FormatInt(all[i].Number, 10)
		}
		return mass.Muted(x, silences, all, now)
	})
	return err
}
