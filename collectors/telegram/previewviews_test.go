package telegram_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"otklik/collectors"
	"otklik/collectors/telegram"
)

func TestViewsOfPosts(t *testing.T) {
	t.Parallel()
	s := setupPreview(t)
	var ids []int64
	for i := range 50 {
		m, err := s.sim.Post(s.channel.ID, "Пост")
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.MessageID)
		if err := s.sim.SetViews(s.channel.ID, m.MessageID, 100+i); err != nil {
			t.Fatal(err)
		}
	}
	o := telegram.PreviewOptions{Channel: "@" + s.channel.Username, BaseURL: s.page}
	got, err := telegram.Views(t.Context(), o, []int64{ids[0], ids[49], ids[20], 999_999})
	if err != nil || len(got) != 3 || got[ids[0]] != 100 || got[ids[20]] != 120 || got[ids[49]] != 149 {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := telegram.Views(t.Context(), o, nil); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
	strange := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<p>Не канал")) }))
	t.Cleanup(strange.Close)
	_, err = telegram.Views(t.Context(), telegram.PreviewOptions{Channel: "x", BaseURL: strange.URL}, ids)
	var trouble *collectors.Trouble
	if !errors.As(err, &trouble) || trouble.Kind != collectors.Denied {
		t.Errorf("%v", err)
	}
}
