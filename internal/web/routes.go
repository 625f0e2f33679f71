package web

import (
	"fmt"
	"net/http"

	"otklik/internal/delivery"
	"otklik/internal/rights"
)

// handler serves one route. What it returns is shown as the error page.
type handler func(w http.ResponseWriter, r *http.Request, v *visit) error

// access says who may take a route. Its zero value is nobody, so a route that
// forgets it does not register.
type access struct {
	kind   string
	action rights.Action
	// body bounds the request of whoever is let through, in bytes; 0 stands for
	// the bound of forms without files.
	body int64
}

const (
	accessOpen   = "open"
	accessPerson = "person"
	accessAction = "action"
)

func open() access                    { return access{kind: accessOpen} }
func signedIn() access                { return access{kind: accessPerson} }
func may(action rights.Action) access { return access{kind: accessAction, action: action} }

// withFiles lets the route take photos.
func (a access) withFiles() access {
	a.body = maxUpload
	return a
}

// route is one row of the table of who may do what over HTTP.
type route struct {
	pattern string
	access  access
	handle  handler
}

// routes is the whole table.
func (s *server) routes() []route {
	list := []route{
		{"GET /healthz", open(), s.healthz},
		{"GET /readyz", open(), s.readyz},
		{"GET /static/{version}/{path...}", open(), s.static},
		{"GET /signin", open(), s.signInPage},
		{"POST /signin", open(), s.signIn},
		{"POST /signout", signedIn(), s.signOut},
		{"POST /theme", open(), s.theme},
		{"GET /{$}", signedIn(), s.home},
		{"GET /rail", signedIn(), s.rail},
		{"GET /live", signedIn(), s.live},
		{"GET /inbox", may(rights.ViewCases), s.inbox},
		{"GET /inbox/rows", may(rights.ViewCases), s.inboxRows},
		{"GET /cases/{number}", may(rights.ViewCases), s.caseView},
		{"GET /cases/{number}/preview", may(rights.ViewCases), s.casePreview},
		{"POST /cases/{number}/draft", may(rights.WriteAnswer), s.draft},
		{"POST /cases/{number}/sample", may(rights.WriteAnswer), s.sample},
		{"GET /sources", may(rights.ViewSources), s.sources},
		{"GET /connect", may(rights.ManageSources), s.newSource},
		{"GET /connect/{kind}", may(rights.ManageSources), s.sourceForm},
		{"POST /connect/{kind}", may(rights.ManageSources), s.checkSource},
		{"POST /connect", may(rights.ManageSources), s.saveSource},
		{"GET /sources/{id}", may(rights.ViewSources), s.source},
		{"POST /sources/{id}/keys/{key}/replace", may(rights.ManageSources), s.keyDeed("replace")},
		{"POST /sources/{id}/keys/{key}/expiry", may(rights.ManageSources), s.keyDeed("expiry")},
		{"POST /sources/{id}/keys/{key}/remove", may(rights.ManageSources), s.keyDeed("remove")},
		{"GET /sources/unread", may(rights.ViewRaw), s.unread},
		{"GET /media/{hash}", may(rights.ViewCases), s.picture},
		{"POST /sources/{id}/shelf", may(rights.ManageSources), s.setShelf},
		{"POST /sources/{id}/stop-history", may(rights.ManageSources), s.stopHistory},
		{"POST /sources/{id}/read-history", may(rights.ManageSources), s.readHistory},
		{"GET /alarms", may(rights.ViewAlarms), s.alarms},
		{"POST /alarms/{id}/take", may(rights.TakeAlarm), s.takeAlarm},
		{"GET /deliveries", may(rights.ViewDeliveries), s.deliveries},
		{"POST /deliveries/{id}/" + string(delivery.Appeared), may(rights.ResolveDelivery), s.resolve(delivery.Appeared)},
		{"POST /deliveries/{id}/" + string(delivery.SendAgain), may(rights.ResolveDelivery), s.resolve(delivery.SendAgain)},
		{"/", open(), s.nothing},
	}
	list = append(list, s.massRoutes()...)
	list = append(list, s.planRoutes()...)
	list = append(list, s.pressRoutes()...)
	list = append(list, s.timingRoutes()...)
	list = append(list, s.guideRoutes()...)
	list = append(list, s.staffRoutes()...)
	list = append(list, s.learnRoutes()...)
	list = append(list, s.ruleRoutes()...)
	list = append(list, s.searchRoutes()...)
	for _, d := range s.sourceDeeds() {
		list = append(list, route{"POST /sources/{id}/" + d.name, may(rights.ManageSources), s.sourceDeed(d)})
	}
	for _, c := range s.commands() {
		list = append(list, route{"POST /cases/{number}/" + c.name, may(c.action), s.command(c)})
	}
	return list
}

// register puts the routes on the mux, each behind its guard.
func (s *server) register(mux *http.ServeMux, list []route) error {
	for _, rt := range list {
		if rt.access.kind == "" || rt.access.kind == accessAction && rt.access.action == "" {
			return fmt.Errorf("web: nobody is named who may take %q", rt.pattern)
		}
		mux.HandleFunc(rt.pattern, s.guard(rt))
	}
	return nil
}
