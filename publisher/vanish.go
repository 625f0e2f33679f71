package publisher

import (
	"slices"
	"time"

	"otklik/internal/errs"
)

// vanished takes a post off a page as the network told it. A part that is not
// the first leaves the post standing: people are told what is missing.
// Errors: Conflict when nothing follows from it.
func (d *Decision) vanished(x Vanished, f Facts) error {
	t, err := d.target(x.PageID)
	if err != nil {
		return err
	}
	if slices.Index(t.Refs, x.Ref) == 0 {
		if t.State == Taken || !t.VanishedAt.IsZero() {
			return errs.New(errs.Conflict, "Пост уже отмечен как удалённый.")
		}
		t.VanishedAt, t.Pinned, t.Trouble = f.Now, false, vanishedWhole
		if t.State == Out {
			t.State = Taken
		}
		return nil
	}
	if t.State != Out || t.Trouble == vanishedPart {
		return errs.New(errs.Conflict, "На этой странице пост не стоит.")
	}
	t.Trouble = vanishedPart
	return nil
}

// What people read of a target that the network has deleted.
const (
	vanishedWhole = "Пост удалён в сети, не программой. Откройте страницу и узнайте, кто и почему его удалил."
	vanishedPart  = "Часть поста удалена в сети, не программой: фото альбома или опрос. Откройте страницу и посмотрите."
)

// reappeared takes back what vanished has said. Errors: Conflict when it had
// said nothing.
func (d *Decision) reappeared(x Reappeared) error {
	t, err := d.target(x.PageID)
	if err != nil {
		return err
	}
	if slices.Index(t.Refs, x.Ref) == 0 {
		if t.VanishedAt.IsZero() {
			return errs.New(errs.Conflict, "Пост не отмечен как удалённый в сети.")
		}
		if t.State == Taken {
			t.State = Out
		}
		t.Trouble, t.VanishedAt = "", time.Time{}
		return nil
	}
	if t.Trouble != vanishedPart {
		return errs.New(errs.Conflict, "Часть поста не отмечена как удалённая в сети.")
	}
	t.Trouble = ""
	return nil
}
