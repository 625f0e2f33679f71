package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"otklik/internal/delivery"
	"otklik/internal/errs"
	"otklik/internal/live"
	"otklik/internal/rights"
	"otklik/internal/ru"
	"otklik/publisher"
)

// heldShown bounds the list of what a stop holds.
const heldShown = 100

// stopPage is the page of the emergency stop.
type stopPage struct {
	Shell   shell
	Halts   []haltNote
	Pages   []menuChoice
	Reason  string
	All     bool
	Held    []planCard // what a stop would hold, or holds
	Acts    []heldAct  // the same of what stands in the ledger already
	HeldAll int
	Problem string
	Past    []haltNote
}

// heldAct is something that stands in the ledger and waits for a stop to end.
type heldAct struct {
	What, Page string
	Net        netIcon
	At         stamp
}

// menuChoice is a page to be chosen, with its network.
type menuChoice struct {
	choice
	Net netIcon
}

func (s *server) stopView(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, err := s.stopPage(r, v)
	if err != nil {
		return err
	}
	page.All = true
	page.Shell.Flash = s.takeFlash(w, r)
	s.show(w, v, http.StatusOK, "plan-stop", page)
	return nil
}

func (s *server) stopPage(r *http.Request, v *visit) (*stopPage, error) {
	ctx := r.Context()
	pages, err := s.Planning.Register.Pages(ctx)
	if err != nil {
		return nil, err
	}
	halts, err := s.Planning.Halts.Halts(ctx)
	if err != nil {
		return nil, err
	}
	page := &stopPage{Shell: s.shell(r, v, "plan-stop", "Экстренная остановка")}
	if page.Halts, err = s.haltNotes(ctx, pages, halts, v); err != nil {
		return nil, err
	}
	for _, p := range pages {
		page.Pages = append(page.Pages, menuChoice{choice{Title: p.Title, Value: p.ID}, iconOfNet(p.Network)})
	}
	// Where nothing is stopped, the list is what a stop of all would hold.
	list := halts
	if len(list) == 0 {
		list = []publisher.Halt{{Cause: publisher.ByPerson}}
	}
	w, err := s.waiting(ctx, list)
	if err != nil {
		return nil, err
	}
	page.HeldAll = len(w.posts) + len(w.acts)
	page.Held = s.cards(w.posts[:min(len(w.posts), heldShown)], pages, halts, v)
	names := pageNames(pages)
	for _, d := range w.acts[:min(len(w.acts), heldShown)] {
		what := cmp.Or(whatLeaves(d.Kind), "Ответ жителю")
		page.Acts = append(page.Acts, heldAct{What: what + " №\u00a0" + strconv.FormatInt(d.Number, 10), Page: cmp.Or(names[d.SourceID].Title, "Страница отключена"), Net: iconOfNet(d.Network), At: s.stamp(d.PlannedAt, v.now)})
	}
	return page, nil
}

// heldUp is what stops hold: posts of the plan, and what stands in the ledger
// already.
type heldUp struct {
	posts []publisher.Post
	acts  []delivery.Delivery
}

// waiting is what any of the stops covers.
func (s *server) waiting(ctx context.Context, halts []publisher.Halt) (heldUp, error) {
	var ids []string
	for _, h := range halts {
		if len(h.PageIDs) == 0 {
			ids = nil
			break
		}
		ids = append(ids, h.PageIDs...)
	}
	var w heldUp
	var err error
	if w.posts, err = s.Planning.Halts.HeldPosts(ctx, ids, plannedAtOnce); err != nil {
		return w, err
	}
	w.acts, err = s.Planning.Halts.HeldDeliveries(ctx, halts, plannedAtOnce)
	return w, err
}

// words is how much waits, in a sentence.
func (w heldUp) words() string {
	posts, acts := len(w.posts), len(w.acts)
	var said string
	switch {
	case posts == 0 && acts == 0:
		return "Ничего не ждёт."
	case posts > 0:
		said = ru.Plural(posts, "Ждёт ", "Ждут ", "Ждут ") + ru.Count(posts, "пост", "поста", "постов")
		if acts > 0 {
			said += ", в\u00a0отправке ещё " + ru.Number(acts)
		}
	default:
		said = "В\u00a0отправке " + ru.Plural(acts, "ждёт ", "ждут ", "ждут ") + ru.Count(acts, "действие", "действия", "действий")
	}
	return said + "."
}

// haltNotes tells of the stops that hold now and of what they hold.
func (s *server) haltNotes(ctx context.Context, pages []publisher.Page, halts []publisher.Halt, v *visit) ([]haltNote, error) {
	var out []haltNote
	for _, h := range halts {
		w, err := s.waiting(ctx, []publisher.Halt{h})
		if err != nil {
			return nil, err
		}
		n := haltNote{
			ID: h.ID, Title: strings.TrimSuffix(h.Cause.Title(), ".") + ".", Who: h.ByName, At: s.stamp(h.At, v.now), Reason: h.Reason,
			May: v.person.Actor().Can(rights.StopPublishing), Own: h.Cause != publisher.ByPerson, Pages: "Остановлены все страницы.",
		}
		if len(h.PageIDs) > 0 {
			var names []string
			for _, p := range pages {
				if slices.Contains(h.PageIDs, p.ID) {
					names = append(names, p.Title)
				}
			}
			n.Pages = "Остановлено: " + strings.Join(names, ", ") + "."
		}
		n.Held = w.words()
		out = append(out, n)
	}
	return out, nil
}

// stop is the emergency stop.
func (s *server) stop(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	ids := some(f["page"])
	all := f.Get("what") != "pages"
	if all {
		ids = nil
	}
	refuse := func(cause error) error {
		page, err := s.stopPage(r, v)
		if err != nil {
			return err
		}
		page.Problem, page.Reason, page.All = errs.MessageOf(cause), f.Get("reason"), all
		for i := range page.Pages {
			page.Pages[i].Checked = slices.Contains(ids, page.Pages[i].Value)
		}
		s.show(w, v, statusOf(errs.CodeOf(cause)), "plan-stop", page)
		return nil
	}
	if !all && len(ids) == 0 {
		return refuse(errs.New(errs.Invalid, "Отметьте страницы, которые надо остановить, или остановите все."))
	}
	pages, err := s.Planning.Register.Pages(r.Context())
	if err != nil {
		return err
	}
	h, err := publisher.NewHalt(ids, f.Get("reason"), v.person.Actor(), publisher.Facts{Now: v.now, Pages: pages})
	if err != nil {
		return refuse(err)
	}
	if err := s.Planning.Halts.AddHalt(r.Context(), h, v.now); err != nil {
		return err
	}
	s.Hub.Publish(live.Posts)
	s.setFlash(w, "stopped", 0)
	http.Redirect(w, r, "/plan/stop", http.StatusSeeOther)
	return nil
}

// release ends a stop; the person has to say that they have looked.
func (s *server) release(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	if f.Get("sure") != "1" {
		page, err := s.stopPage(r, v)
		if err != nil {
			return err
		}
		page.All, page.Problem = true, "Отметьте, что вы проверили список: после этого посты начнут уходить."
		s.show(w, v, http.StatusUnprocessableEntity, "plan-stop", page)
		return nil
	}
	err = s.Planning.Halts.EndHalt(r.Context(), r.PathValue("id"), v.now, func(h publisher.Halt) (publisher.Halt, error) {
		return h.End(v.person.Actor(), v.now)
	})
	if err != nil {
		return err
	}
	s.Hub.Publish(live.Posts)
	s.Planning.Changed()
	s.setFlash(w, "released", 0)
	http.Redirect(w, r, "/plan", http.StatusSeeOther)
	return nil
}
