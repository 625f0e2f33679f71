// Package sim is both simulated networks behind one address: their APIs as the
// real clients call them, an admin API that injects what citizens do and what
// goes wrong, and small pages on which a person sees the threads.
package sim

import (
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"otklik/internal/sim/page"
	"otklik/internal/sim/record"
	"otklik/internal/sim/telegram"
	"otklik/internal/sim/vk"
)

// keptCalls is how many calls the log holds for inspection.
const keptCalls = 20000

// World is both networks and what they have in common.
type World struct {
	VK       *vk.Server
	Telegram *telegram.Server
	Log      *record.Log
}

// Options configure a World.
type Options struct {
	Now func() time.Time
	// BaseURL is where Handler is reachable; it is asked when it is known.
	BaseURL func() string
	Zone    *time.Location
	// Limits turns on the networks' own limits.
	Limits bool
	// FirstID is above which the numbers of what is written begin.
	FirstID int
}

// New returns two empty networks.
func New(o Options) *World {
	log := record.NewLog(keptCalls)
	return &World{
		VK:       vk.New(vk.Options{Now: o.Now, Log: log, BaseURL: o.BaseURL, Zone: o.Zone, Limits: o.Limits, FirstID: o.FirstID}),
		Telegram: telegram.New(telegram.Options{Now: o.Now, Log: log, Limits: o.Limits, FirstID: int64(o.FirstID)}),
		Log:      log,
	}
}

// Play starts a scenario of faults now, in both networks.
func (w *World) Play(s record.Scenario) {
	w.VK.Play(s)
	w.Telegram.Play(s)
}

// Close lets go of every waiting client.
func (w *World) Close() {
	w.VK.Close()
	w.Telegram.Close()
}

// Handler serves both networks, the admin API and the pages. It is meant for a
// loopback address only: the admin API asks nobody who they are.
func (w *World) Handler() http.Handler {
	frame := page.NewFrame()
	mux := http.NewServeMux()
	mux.Handle("/admin/vk/", w.VK.AdminHandler())
	mux.Handle("/admin/telegram/", w.Telegram.AdminHandler())
	mux.HandleFunc("GET /admin/calls", w.calls)
	mux.HandleFunc("GET /admin/counts", func(rw http.ResponseWriter, _ *http.Request) { writeJSON(rw, w.Log.Counts()) })
	mux.Handle("/vk/", w.VK.PagesHandler(frame))
	mux.Handle("/tg/", w.Telegram.PagesHandler(frame))
	mux.Handle("/s/", w.Telegram.PreviewHandler())
	mux.HandleFunc("GET /sim.css", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = rw.Write([]byte(page.CSS))
	})
	mux.HandleFunc("GET /{$}", func(rw http.ResponseWriter, _ *http.Request) {
		frame.Write(rw, "Имитатор сетей", "", home)
	})
	mux.Handle("/method/", w.VK.APIHandler())
	mux.Handle("/longpoll/", w.VK.APIHandler())
	mux.Handle("/vkupload/", w.VK.APIHandler())
	mux.Handle("/vkfile/", w.VK.APIHandler())
	mux.Handle("/", w.Telegram.APIHandler())
	return mux
}

const home template.HTML = `<article><p class="by"><a href="/vk/">ВКонтакте</a></p><p class="text">Сообщество, его стена и комментарии. Можно написать за жителя.</p></article>
<article><p class="by"><a href="/tg/">Telegram</a></p><p class="text">Канал и привязанная к нему группа обсуждений.</p></article>
<article><p class="by"><a href="/admin/calls?since=0">Журнал вызовов</a></p><p class="text">Что программа спрашивала у сетей и что они ответили, в виде JSON.</p></article>`

// calls answers with the recorded calls numbered above ?since=, of the methods
// that match ?method=.
func (w *World) calls(rw http.ResponseWriter, r *http.Request) {
	since, err := strconv.ParseInt(r.FormValue("since"), 10, 64)
	if err != nil && r.FormValue("since") != "" {
		http.Error(rw, "since — это номер вызова", http.StatusBadRequest)
		return
	}
	writeJSON(rw, w.Log.Since(since, r.FormValue("method")))
}

func writeJSON(rw http.ResponseWriter, v any) {
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	// The client may be gone; there is nobody to tell.
	_ = json.NewEncoder(rw).Encode(v)
}
