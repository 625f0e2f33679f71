package app

import (
	"context"
	"crypto/subtle"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metricsTime bounds one reading of the base for the metrics.
const metricsTime = 5 * time.Second

// withMetrics serves /metrics to whoever shows the token of the configuration;
// without a token there is no such page.
func (a *App) withMetrics(next http.Handler) http.Handler {
	if a.cfg.MetricsToken.IsZero() {
		return next
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(newGauges(a))
	metrics := promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError, MaxRequestsInFlight: 2})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path != "/metrics":
			next.ServeHTTP(w, r)
		case !bearer(r, a.cfg.MetricsToken.Reveal()):
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "Нужен ключ из настройки metrics_token.", http.StatusUnauthorized)
		default:
			metrics.ServeHTTP(w, r)
		}
	})
}

// bearer says that a request carries the token.
func bearer(r *http.Request, token string) bool {
	got, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && subtle.ConstantTimeCompare([]byte(got), []byte(token)) == 1
}

// gauges read the base when they are asked; nothing is counted twice.
type gauges struct {
	a                                             *App
	waiting, lag, items, hour, deliveries, alarms *prometheus.Desc
}

func newGauges(a *App) *gauges {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("otklik_"+name, help, labels, nil)
	}
	return &gauges{
		a:          a,
		waiting:    desc("oldest_waiting_seconds", "How long the oldest work of a kind has been waiting.", "work"),
		lag:        desc("source_lag_seconds", "How long ago the moment is up to which a source is completely read.", "network", "source"),
		items:      desc("source_items", "Stored items of a source.", "network", "source"),
		hour:       desc("source_items_last_hour", "Items of a source that were written in the last hour.", "network", "source"),
		deliveries: desc("deliveries", "Deliveries by their state.", "state"),
		alarms:     desc("alarms_open", "Alarms that have not passed, by kind.", "kind"),
	}
}

// Describe implements prometheus.Collector.
func (g *gauges) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{g.waiting, g.lag, g.items, g.hour, g.deliveries, g.alarms} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (g *gauges) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), metricsTime)
	defer cancel()
	if err := g.collect(ctx, out); err != nil {
		g.a.log.Error("metrics not read", "err", err)
		out <- prometheus.NewInvalidMetric(g.waiting, err)
	}
}

func (g *gauges) collect(ctx context.Context, out chan<- prometheus.Metric) error {
	put := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	waits, err := g.a.ready(ctx)
	if err != nil {
		return err
	}
	for _, w := range waits {
		put(g.waiting, w.Age.Seconds(), w.Name)
	}
	now := g.a.now()
	list, err := g.a.store.Sources(ctx, now)
	if err != nil {
		return err
	}
	for _, x := range list {
		if !x.CompleteTo.IsZero() {
			put(g.lag, now.Sub(x.CompleteTo).Seconds(), string(x.Network), x.ID)
		}
		put(g.items, float64(x.Items), string(x.Network), x.ID)
		put(g.hour, float64(x.LastHour), string(x.Network), x.ID)
	}
	states, err := g.a.store.DeliveryStates(ctx)
	if err != nil {
		return err
	}
	for state, n := range states {
		put(g.deliveries, float64(n), string(state))
	}
	open, err := g.a.store.OpenAlarms(ctx)
	if err != nil {
		return err
	}
	kinds := map[string]int{}
	for _, a := range open {
		kinds[string(a.Kind)]++
	}
	for kind, n := range kinds {
		put(g.alarms, float64(n), kind)
	}
	return nil
}
