package web

import (
	"context"
	"time"

	"otklik/incidents/mass"
	"otklik/internal/rights"
)

// Masses is what the pages of mass incidents need.
type Masses struct {
	Book     IncidentBook
	Limits   MassLimits
	Silences SilenceBook
}

func (m Masses) lacking() bool { return m.Book == nil || m.Limits == nil || m.Silences == nil }

// IncidentBook keeps mass incidents.
type IncidentBook interface {
	// Incidents lists those in the states, the freshest first.
	Incidents(ctx context.Context, states []mass.State, limit, offset int, now time.Time) ([]mass.Row, error)
	// Incident returns one by its number. Errors: NotFound.
	Incident(ctx context.Context, number int64, now time.Time) (mass.View, error)
	// BeginIncident makes one of chosen cases. Errors: Forbidden, Invalid, NotFound, Conflict.
	BeginIncident(ctx context.Context, by rights.Actor, i mass.Incident, cases []int64, now time.Time) (mass.Incident, error)
	// ChangeIncident carries out a command at the version that the person saw.
	// Errors: Forbidden, Invalid, NotFound, Conflict.
	ChangeIncident(ctx context.Context, by rights.Actor, number int64, expect int, cmd mass.Command, now time.Time) (mass.Incident, error)
}

// MassLimits keeps from when complaints are a mass incident.
type MassLimits interface {
	MassSettings(ctx context.Context) (mass.Settings, error)
	// SaveMassLimits sets those of a topic, "" for all others; nil takes them
	// back. Errors: Forbidden, Invalid.
	SaveMassLimits(ctx context.Context, by rights.Actor, topicID string, l *mass.Limits, now time.Time) error
}

// SilenceBook keeps what people are not told of.
type SilenceBook interface {
	Silences(ctx context.Context, now time.Time) ([]mass.Silence, error)
	PastSilences(ctx context.Context, now time.Time, limit int) ([]mass.Silence, error)
	// BeginSilence keeps notices from people. Errors: Forbidden, Invalid, NotFound.
	BeginSilence(ctx context.Context, by rights.Actor, z mass.Silence, now time.Time) error
	// EndSilence lets people hear again. Errors: Forbidden, NotFound, Conflict.
	EndSilence(ctx context.Context, by rights.Actor, id string, now time.Time) error
}
