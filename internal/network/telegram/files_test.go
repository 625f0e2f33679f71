package telegram_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"otklik/internal/media"
	network "otklik/internal/network/telegram"
	sim "otklik/internal/sim/telegram"
)

func TestAPhotoIsDownloadedByItsName(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var drawn bytes.Buffer
	if err := png.Encode(&drawn, image.NewGray(image.Rect(0, 0, 30, 20))); err != nil {
		t.Fatal(err)
	}
	if _, err := b.sim.Comment(sim.Comment{ChannelID: b.channel.ID, PostID: b.posted.MessageID, FromID: b.user.ID, Photo: drawn.Bytes()}); err != nil {
		t.Fatal(err)
	}
	chat, _ := b.sim.Chat(b.channel.GroupID, 10)
	f := network.NewFiles(botToken, b.url)
	t.Cleanup(f.Close)
	var name string
	for _, m := range chat.Messages {
		if m.Photo {
			name = "AgACAg" + strings.TrimSuffix(strings.TrimPrefix(m.Picture, "photos/"), ".jpg")
		}
	}
	raw, err := f.Download(t.Context(), name)
	if err != nil || !bytes.Equal(raw, drawn.Bytes()) {
		t.Fatalf("%d bytes, %v", len(raw), err)
	}
	_, err = f.Download(t.Context(), "AgACAgunknown")
	if s := state(t, err); s != media.Gone {
		t.Fatal(err)
	}
}

func state(t *testing.T, err error) media.State {
	t.Helper()
	var tr *media.Trouble
	if !errors.As(err, &tr) || tr.Message == "" {
		t.Fatalf("%v is no Trouble", err)
	}
	if _, secret, _ := strings.Cut(botToken, ":"); strings.Contains(err.Error(), secret) {
		t.Fatalf("the error holds the token: %v", err)
	}
	return tr.State
}

// What a server may answer, and that no answer brings the token to light.
func TestDownloadsThatFail(t *testing.T) {
	t.Parallel()
	file := func(path string) string {
		return fmt.Sprintf(`{"ok":true,"result":{"file_id":"x","file_path":%q}}`, path)
	}
	for name, x := range map[string]struct {
		locate string
		status int
		file   http.HandlerFunc
		want   media.State
	}{
		"too big":          {`{"ok":false,"error_code":400,"description":"Bad Request: file is too big"}`, 400, nil, media.TooBig},
		"announced":        {`{"ok":true,"result":{"file_path":"a","file_size":99999999}}`, 200, nil, media.TooBig},
		"wrong":            {`{"ok":false,"error_code":400,"description":"Bad Request: wrong file_id or the file is temporarily unavailable"}`, 400, nil, media.Waiting},
		"invalid":          {`{"ok":false,"error_code":400,"description":"Bad Request: invalid file_id"}`, 400, nil, media.Gone},
		"revoked":          {`{"ok":false,"error_code":401,"description":"Unauthorized"}`, 401, nil, media.Waiting},
		"slow down":        {`{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":7}}`, 429, nil, media.Waiting},
		"a page":           {`<html>502</html>`, 502, nil, media.Waiting},
		"no path":          {`{"ok":true,"result":{}}`, 200, nil, media.Waiting},
		"a path that ups":  {file("../../getMe"), 200, nil, media.Waiting},
		"a path of a disk": {file("/var/lib/photo.jpg"), 200, nil, media.Waiting},
		"a query":          {file("photo.jpg?x=1"), 200, nil, media.Waiting},
		"expired":          {file("photos/a.jpg"), 200, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, media.Waiting},
		"elsewhere": {file("photos/a.jpg"), 200, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		}, media.Waiting},
		"endless": {file("photos/a.jpg"), 200, func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
		}, media.TooBig},
	} {
		mux := http.NewServeMux()
		mux.HandleFunc("POST /bot"+botToken+"/getFile", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(x.status)
			_, _ = w.Write([]byte(x.locate))
		})
		if x.file != nil {
			mux.HandleFunc("GET /file/bot"+botToken+"/photos/a.jpg", x.file)
		}
		server := httptest.NewServer(mux)
		f := network.NewFiles(botToken, server.URL)
		_, err := f.Download(t.Context(), "x")
		if s := state(t, err); s != x.want {
			t.Errorf("%s: %v, want %s", name, err, x.want)
		}
		var tr *media.Trouble
		if errors.As(err, &tr) && name == "slow down" && tr.RetryAfter != 7*time.Second {
			t.Errorf("%s: %v", name, tr.RetryAfter)
		}
		server.Close()
		// The connection refuses now: its error names the address.
		_, err = f.Download(t.Context(), "x")
		if s := state(t, err); s != media.Waiting {
			t.Errorf("%s: %v", name, err)
		}
		f.Close()
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := network.NewFiles(botToken, "http://127.0.0.1:1").Download(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
