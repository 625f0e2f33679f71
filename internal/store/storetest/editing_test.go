package storetest

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/errs"
	"otklik/internal/media"
	"otklik/publisher"
)

func TestUnsavedTextsOutliveTheWindow(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		want := publisher.Unsaved{PersonID: "press", Version: 2, Fields: map[string][]string{"text": {"Каток\x00 открыт"}, "page": {"a", "b"}}}
		if _, found, err := b.s.Unsaved(b.ctx, "", "press"); found || err != nil {
			t.Fatalf("found %v, %v", found, err)
		}
		b.must(b.s.SaveUnsaved(b.ctx, publisher.Unsaved{PersonID: "press", Fields: map[string][]string{"text": {"старое"}}}, b.now))
		b.must(b.s.SaveUnsaved(b.ctx, want, b.now.Add(time.Second)))
		got, found, err := b.s.Unsaved(b.ctx, "", "press")
		b.must(err)
		want.At = b.now.Add(time.Second)
		want.Fields["text"] = []string{"Каток\uFFFD открыт"} // PostgreSQL takes no zero bytes
		if diff := cmp.Diff(want, got); !found || diff != "" {
			t.Errorf("unsaved (-want +got):\n%s", diff)
		}
		for _, who := range [][2]string{{"", "head"}, {"p1", "press"}} {
			if _, found, _ := b.s.Unsaved(b.ctx, who[0], who[1]); found {
				t.Errorf("%v reads another's text", who)
			}
		}
		b.must(b.s.SaveUnsaved(b.ctx, publisher.Unsaved{PersonID: "press"}, b.now))
		if _, found, _ := b.s.Unsaved(b.ctx, "", "press"); found {
			t.Error("the text is not forgotten")
		}
	})
}

func TestUploadsAreKeptOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		var raw bytes.Buffer
		b.must(jpeg.Encode(&raw, image.NewGray(image.Rect(0, 0, 640, 480)), nil))
		p, err := media.Redraw(raw.Bytes())
		b.must(err)
		first, err := b.s.KeepUpload(b.ctx, press, "каток.jpg", p, b.now)
		b.must(err)
		_, err = b.s.KeepUpload(b.ctx, press, "ещё раз.jpg", p, b.now)
		b.must(err)
		list, err := b.s.Uploads(b.ctx, []string{first.Hash, "nothing"})
		b.must(err)
		if diff := cmp.Diff(map[string]publisher.Upload{first.Hash: first}, list); diff != "" || first.Width != 640 || first.Name != "каток.jpg" {
			t.Errorf("uploads (-want +got):\n%s", diff)
		}
		f, err := b.s.Picture(b.ctx, first.Thumb)
		if err != nil || len(f.Bytes) == 0 {
			t.Errorf("the small one: %v", err)
		}
		if none, err := b.s.Uploads(b.ctx, nil); err != nil || len(none) != 0 {
			t.Errorf("%v, %v", none, err)
		}
	})
}

func TestTemplatesOfPosts(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		x, err := b.s.SavePostTemplate(b.ctx, publisher.Template{Title: "Отключение", Content: publisher.Content{Text: "Не будет воды"}, Rubric: "ЖКХ", Tags: []string{"вода"}}, b.now)
		b.must(err)
		x.Title, x.EditedAt = "Отключение воды", b.now.Add(time.Minute)
		_, err = b.s.SavePostTemplate(b.ctx, x, b.now.Add(time.Minute))
		b.must(err)
		list, err := b.s.PostTemplates(b.ctx)
		b.must(err)
		if diff := cmp.Diff([]publisher.Template{x}, list); diff != "" {
			t.Errorf("templates (-want +got):\n%s", diff)
		}
		b.must(b.s.DropPostTemplate(b.ctx, x.ID, b.now))
		if err := b.s.DropPostTemplate(b.ctx, x.ID, b.now); errs.CodeOf(err) != errs.NotFound {
			t.Errorf("dropped twice: %v", err)
		}
	})
}

func TestWhatThePlanIsNarrowedBy(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		p := planOf(b)
		one := p.begin("О снеге", b.now.Add(time.Hour))
		p.begin("О воде", time.Time{})
		f, err := b.s.PlanFacets(b.ctx, b.now.AddDate(0, -1, 0))
		b.must(err)
		if diff := cmp.Diff(publisher.Facets{Rubrics: []string{"ЖКХ"}, Authors: []publisher.Author{{ID: press.ID, Name: press.Name}}}, f); diff != "" {
			t.Errorf("facets (-want +got):\n%s", diff)
		}
		for id, want := range map[string]int{press.ID: 2, "somebody": 0} {
			list, err := b.s.Plan(b.ctx, publisher.Filter{AuthorIDs: []string{id}, Limit: 10})
			if err != nil || list.Total != want {
				t.Errorf("by %s: %d, %v", id, list.Total, err)
			}
		}
		facts := p.facts()
		_, err = b.s.ChangePost(b.ctx, one.ID, 0, b.now, func(x publisher.Post) (publisher.Decision, error) {
			return publisher.Apply(x, publisher.Submit{}, press, facts)
		})
		b.must(err)
		for id, want := range map[string]int{press.ID: 0, "head": 1} {
			if w, err := b.s.PlanWaits(b.ctx, id); err != nil || w.Review != want || w.Stuck != 0 {
				t.Errorf("what waits for %s: %+v, %v", id, w, err)
			}
		}
		if list, err := b.s.Stopped(b.ctx, one.ID); err != nil || len(list) != 0 {
			t.Errorf("stopped: %v, %v", list, err)
		}
	})
}
