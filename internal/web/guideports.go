package web

import (
	"context"
	"time"

	"otklik/incidents"
	"otklik/incidents/answers"
	"otklik/incidents/rubricator"
	"otklik/index/places"
	"otklik/internal/rights"
)

// Atlas knows the territory.
type Atlas interface {
	// Finder finds places by the present gazetteer.
	Finder(ctx context.Context) (*places.Finder, error)
	// SaveGazetteer replaces the gazetteer. Errors: Forbidden, Invalid.
	SaveGazetteer(ctx context.Context, by rights.Actor, list []places.Place, now time.Time) error
	// PagePlaces are the territories of pages, by the ids of both.
	PagePlaces(ctx context.Context) (map[string]string, error)
	// SavePagePlace sets the territory of a page. Errors: Forbidden, NotFound, Invalid.
	SavePagePlace(ctx context.Context, by rights.Actor, sourceID, placeID string, now time.Time) error
}

// PlaceBook changes the gazetteer an entry at a time.
type PlaceBook interface {
	// SavePlace changes an entry, or adds one where the id is "", and returns its id.
	// Errors: Forbidden, Invalid, NotFound, Conflict.
	SavePlace(ctx context.Context, by rights.Actor, id string, e places.Entry, now time.Time) (string, error)
	// DropPlace takes a place away with all that lies in it. Errors: Forbidden, Conflict.
	DropPlace(ctx context.Context, by rights.Actor, id string, now time.Time) error
	PlaceUses(ctx context.Context, id string) (incidents.PlaceUses, error)
}

// RouteBook keeps who answers for what where.
type RouteBook interface {
	Routes(ctx context.Context) ([]incidents.Route, error)
	// SaveRoute sets a route, or takes it away where it names no department.
	// Errors: Forbidden, Invalid.
	SaveRoute(ctx context.Context, by rights.Actor, r incidents.Route, now time.Time) error
	// ReplaceRoutes makes the given routes the only ones. Errors: as SaveRoute.
	ReplaceRoutes(ctx context.Context, by rights.Actor, list []incidents.Route, now time.Time) error
}

// RubricBook keeps the rubricator.
type RubricBook interface {
	Rubricator(ctx context.Context) (rubricator.Rubricator, error)
	// SaveFact changes one fact. Errors: Forbidden, NotFound, Invalid.
	SaveFact(ctx context.Context, by rights.Actor, f rubricator.Fact, now time.Time) error
	// EditRubricator writes what edit makes of the tree. Errors: Forbidden, those of edit, Invalid.
	EditRubricator(ctx context.Context, by rights.Actor, now time.Time, edit func(rubricator.Rubricator) (rubricator.Rubricator, error)) error
	// SaveRubricator replaces the facts. Errors: Forbidden, Invalid.
	SaveRubricator(ctx context.Context, by rights.Actor, r rubricator.Rubricator, now time.Time) error
	MapBook
}

// MapBook keeps what facts correspond to in other classifiers.
type MapBook interface {
	Mappings(ctx context.Context) (map[string]rubricator.Mapping, error)
	// SaveMapping replaces one; an empty one is forgotten. Errors: Forbidden.
	SaveMapping(ctx context.Context, by rights.Actor, classifier string, m rubricator.Mapping, now time.Time) error
}

// AnswerBook keeps the texts to begin an answer with.
type AnswerBook interface {
	AnswerTemplates(ctx context.Context) ([]answers.Template, error)
	// SaveAnswerTemplate writes one; an empty id begins one. Errors: Forbidden, Invalid, NotFound.
	SaveAnswerTemplate(ctx context.Context, by rights.Actor, t answers.Template, now time.Time) error
	// DropAnswerTemplate forgets one. Errors: Forbidden, NotFound.
	DropAnswerTemplate(ctx context.Context, by rights.Actor, id string, now time.Time) error
}

// AnswerWords keeps what the agency says of its answers.
type AnswerWords interface {
	AnswerWords(ctx context.Context) (answers.Words, error)
	// SaveAnswerWords replaces all of it. Errors: Forbidden, Invalid.
	SaveAnswerWords(ctx context.Context, by rights.Actor, w answers.Words, now time.Time) error
}

// Seen is what rules say of a text; the zero value when none fires.
type Seen struct {
	// Rule is the name of the one that gives the topic.
	TopicID, Rule string
	// DeskRule is the name of the one that gives the department, "" for none.
	DepartmentID, DeskRule string
}

// Guide is what the pages of places, routes and the rubricator need.
type Guide struct {
	Atlas   Atlas
	Places  PlaceBook
	Routes  RouteBook
	Rubric  RubricBook
	Answers AnswerBook
	Words   AnswerWords
	// TopicOf says what the rules see in a text.
	TopicOf func(ctx context.Context, text string) (Seen, error)
}

func (g Guide) lacking() bool {
	return g.Atlas == nil || g.Places == nil || g.Routes == nil || g.Rubric == nil || g.Answers == nil || g.Words == nil || g.TopicOf == nil
}
