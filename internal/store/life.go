package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"otklik/incidents"
	"otklik/internal/errs"
	"otklik/internal/rights"
)

// RootOrganisation is the id of the organisation above all others.
const RootOrganisation = "root"

// whoseOf says whose a card of a department is; the root's where there is no
// such department or its organisation works no more.
func (tx *Tx) whoseOf(ctx context.Context, departmentID string) (incidents.Whose, error) {
	var w incidents.Whose
	var path, policy string
	err := tx.QueryRowContext(ctx, `SELECT o.id, o.name, o.path, o.policy FROM organisations o
		WHERE o.id = COALESCE((SELECT x.id FROM organisations x JOIN departments d ON d.organisation_id = x.id WHERE d.id = $1 AND x.active = 1), $2)`,
		departmentID, RootOrganisation).Scan(&w.OrganisationID, &w.Organisation, &path, &policy)
	if err != nil {
		return w, err
	}
	w.Above = pathIDs(path)
	return w, json.Unmarshal([]byte(policy), &w.Policy)
}

// seatFree makes sure that a finished case may go on: its author must not have
// another open one in the same thread.
func (tx *Tx) seatFree(ctx context.Context, c incidents.Case) error {
	var other int64
	err := tx.QueryRowContext(ctx, `SELECT o.number FROM cases o JOIN cases c ON c.network = o.network AND c.thread_owner = o.thread_owner
		AND c.thread_id = o.thread_id AND c.author_id = o.author_id WHERE c.id = $1 AND o.id <> $1 AND o.stage <> 'done'`, c.ID).Scan(&other)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return errs.Newf(errs.Conflict, "У этого жителя в той же ветке уже есть открытая карточка № %d. Запишите туда, что вопрос не решён.", other)
}

// followUp is what a decision means for other cards.
func (tx *Tx) followUp(ctx context.Context, before incidents.Case, d incidents.Decision) error {
	if d.Events[0].Kind == incidents.EventAssigned {
		return tx.ownDepartment(ctx, d.Case)
	}
	by := rights.Actor{ID: d.Events[0].ActorID, Name: d.Events[0].ActorName}
	switch {
	case d.Opens != nil && d.Opens.ItemID != "":
		return tx.detach(ctx, d.Case, *d.Opens, by)
	case d.Opens != nil:
		return tx.handOver(ctx, d.Case, *d.Opens, by)
	case d.MergeInto != "":
		return tx.mergeInto(ctx, before, d.MergeInto, by)
	}
	return nil
}

// ownDepartment refuses to hand a card to a department of another organisation.
func (tx *Tx) ownDepartment(ctx context.Context, c incidents.Case) error {
	var abroad int
	err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM departments WHERE id = $1 AND organisation_id <> $2", c.DepartmentID, c.Whose.OrganisationID).Scan(&abroad)
	if err == nil && abroad > 0 {
		return errs.New(errs.Conflict, "Это ведомство другой организации. Перенаправьте карточку туда.")
	}
	return err
}

// handOver begins the card of the organisation that the case was redirected to;
// its messages go there with it.
func (tx *Tx) handOver(ctx context.Context, old incidents.Case, o incidents.Opening, by rights.Actor) error {
	var active int
	var path, policy string
	err := tx.QueryRowContext(ctx, "SELECT name, path, policy, active FROM organisations WHERE id = $1", o.Whose.OrganisationID).
		Scan(&o.Whose.Organisation, &path, &policy, &active)
	if errors.Is(err, sql.ErrNoRows) || err == nil && active == 0 {
		return errs.New(errs.Invalid, "Такой организации нет или она больше не работает. Выберите другую.")
	}
	if err != nil {
		return err
	}
	o.Whose.Above = pathIDs(path)
	if err := json.Unmarshal([]byte(policy), &o.Whose.Policy); err != nil {
		return err
	}
	var itemID, seat string
	if err := tx.QueryRowContext(ctx, "SELECT item_id, author_id FROM cases WHERE id = $1", old.ID).Scan(&itemID, &seat); err != nil {
		return err
	}
	c, err := tx.begin(ctx, old, o, itemID, seat, by)
	if err != nil {
		return err
	}
	if _, err := tx.exec(ctx, "UPDATE case_items SET case_id = $2 WHERE case_id = $1", old.ID, c.ID); err != nil {
		return err
	}
	if err := tx.revisedAll(ctx, c.ID); err != nil {
		return err
	}
	old.Life.Into = c.Number
	return tx.saveCase(ctx, old.Version, old)
}

func (tx *Tx) begin(ctx context.Context, old incidents.Case, o incidents.Opening, itemID, seat string, by rights.Actor) (incidents.Case, error) {
	id, err := newID()
	if err != nil {
		return incidents.Case{}, err
	}
	number, err := tx.take(ctx, "case", 1)
	if err != nil {
		return incidents.Case{}, err
	}
	c, ev := incidents.OpenFrom(old, o, id, number, by, tx.now)
	if err := tx.insertCase(ctx, c, itemID, seat); err != nil {
		return c, err
	}
	return c, tx.addEvent(ctx, id, ev)
}

// detach makes a card of its own out of a further message of a case.
func (tx *Tx) detach(ctx context.Context, old incidents.Case, o incidents.Opening, by rights.Actor) error {
	it, _, _, err := scanItem(tx.QueryRowContext(ctx, "SELECT "+itemColumns+` FROM items i JOIN case_items x ON x.item_id = i.id
		JOIN cases c ON c.id = x.case_id WHERE i.id = $1 AND x.case_id = $2 AND c.item_id <> i.id`, o.ItemID, old.ID).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return errs.New(errs.Conflict, "Этого сообщения в карточке уже нет. Обновите страницу.")
	}
	if err != nil {
		return err
	}
	from := old
	from.Message = it
	c, err := tx.begin(ctx, from, o, o.ItemID, "item "+it.Ref.ID, by)
	if err != nil {
		return err
	}
	if _, err := tx.exec(ctx, "UPDATE case_items SET case_id = $2, added_us = $3 WHERE item_id = $1", o.ItemID, c.ID, tx.us); err != nil {
		return err
	}
	return tx.revised(ctx, o.ItemID)
}

// mergeInto gives the messages of a double to the card that goes on. The double
// is locked already; two that are merged into each other at once meet in the
// database, and one of them is told to try again.
func (tx *Tx) mergeInto(ctx context.Context, double incidents.Case, intoID string, by rights.Actor) error {
	into, err := tx.lockCase(ctx, intoID)
	if err != nil {
		return err
	}
	if into.Stage == incidents.Done {
		return errs.Newf(errs.Conflict, "Карточка № %d уже закрыта, объединить с ней нельзя.", into.Number)
	}
	if into.Whose.OrganisationID != double.Whose.OrganisationID {
		return errs.Newf(errs.Conflict, "Карточка № %d в другой организации. Сначала перенаправьте эту туда.", into.Number)
	}
	after, ev := incidents.JoinDouble(into, double.Number, by, tx.now)
	if err := tx.saveCase(ctx, into.Version, after); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, "UPDATE case_items SET case_id = $2 WHERE case_id = $1", double.ID, intoID); err != nil {
		return err
	}
	if err := tx.revisedAll(ctx, intoID); err != nil {
		return err
	}
	return tx.addEvent(ctx, intoID, ev)
}

// viewHistory is the card's own history after that of the cards from which it
// was redirected, so that nobody has to look for what was before.
func (s *Store) viewHistory(ctx context.Context, c incidents.Case) ([]incidents.Event, error) {
	return chainOf(ctx, s.read, c)
}

func chainOf(ctx context.Context, q querier, c incidents.Case) ([]incidents.Event, error) {
	all, err := events(ctx, q, c.ID, 0)
	for n := 0; err == nil && len(all) > 0 && all[0].Kind == incidents.EventReceived && c.Life.From > 0 && n < maxChain; n++ {
		c, err = scanCase(q.QueryRowContext(ctx, "SELECT "+caseColumns+" FROM cases c WHERE c.number = $1", c.Life.From).Scan)
		if err != nil {
			return nil, err
		}
		var before []incidents.Event
		before, err = events(ctx, q, c.ID, 0)
		all = append(before, all...)
	}
	return all, err
}

// maxChain bounds how many redirections back a history reaches.
const maxChain = 20
