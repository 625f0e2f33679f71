package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"otklik/internal/records"
)

// footprint is what the journal keeps of a page that shows people's data.
type footprint struct {
	action  records.Action
	subject string // with {name} for a part of the address; "" for the page itself
	words   string // the field of the address that may name a person
	part    bool   // scripts ask for it again and again
}

// traces lists the pages that show citizens' words, names or photos. What is
// neither here nor among the plain pages is not let through the tests.
func traces() map[string]footprint {
	return map[string]footprint{
		"GET /inbox":                  {action: records.ReadList, words: "q"},
		"GET /inbox/rows":             {action: records.ReadList, words: "q", part: true},
		"GET /cases/{number}":         {action: records.ReadCase, subject: "case:{number}"},
		"GET /cases/{number}/preview": {action: records.ReadCase, subject: "case:{number}"},
		"GET /unlikely":               {action: records.ReadList},
		"GET /incidents/{number}":     {action: records.ReadList},
		"GET /rules/{id}/found":       {action: records.ReadList},
		"POST /rules/{id}/try":        {action: records.ReadList, part: true},
		"GET /deliveries":             {action: records.ReadList},
		"GET /search":                 {action: records.Search, words: "q"},
		"GET /search/export":          {action: records.Export, words: "q"},
		"GET /search/items/{item}":    {action: records.ReadItem, subject: "item:{item}"},
		"GET /sources/unread":         {action: records.ReadRaw},
		"GET /media/{hash}":           {action: records.ReadPhoto, subject: "photo:{hash}", part: true},
		"GET /journal":                {action: records.ReadJournal},
		"GET /journal/export":         {action: records.ReadJournal},
		"POST /persons":               {action: records.ReadPerson},
		"GET /persons/{number}":       {action: records.ReadPerson, subject: "erasure:{number}"},
		"GET /persons/{number}/file":  {action: records.Export, subject: "erasure:{number}"},
		"POST /signout":               {action: records.SignOut},
	}
}

// noted lists forms whose change the store writes into the journal itself, with
// the change, and those that change nothing but what the person alone sees.
func noted() map[string]bool {
	return map[string]bool{
		"POST /alarms/{id}/take": true, "POST /archive/months": true, "POST /archive/reindex": true, "POST /learning": true,
		"POST /keeping": true, "POST /persons/erase": true, "POST /persons": true, "POST /rules/{id}/try": true, "POST /signout": true,
		"POST /theme": true, "POST /signin": true, "POST /cases/{number}/draft": true, "POST /posts/new/draft": true,
		"POST /posts/{number}/draft": true, "POST /series/new/draft": true, "POST /series/{id}/draft": true,
		"POST /search/saved": true, "POST /search/saved/{id}/forget": true,
	}
}

// partRest is how long the journal does not repeat that a script asks anew for
// what its person has open.
const partRest = 10 * time.Minute

// recent remembers what was noted lately, so that open pages do not fill the
// journal. It is bounded by the people at work and what they look at.
type recent struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

// had says that the same was noted a short while ago.
func (r *recent) had(key string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, ok := r.seen[key]
	return ok && now.Sub(at) < partRest
}

func (r *recent) keep(key string, now time.Time) {
	const most = 20_000
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil || len(r.seen) >= most {
		r.seen = map[string]time.Time{}
	}
	r.seen[key] = now
}

// trace writes into the journal that somebody is about to read people's data or
// to change something. Where it cannot be written, nothing is shown.
func (s *server) trace(r *http.Request, rt route, v *visit) error {
	if !v.signedIn() {
		return nil
	}
	t, ok := traces()[rt.pattern]
	if !ok {
		if r.Method != http.MethodPost || noted()[rt.pattern] {
			return nil
		}
		t.action = records.Change
	}
	e := records.Entry{At: v.now, ActorID: v.person.ID, ActorName: v.person.Name, Action: t.action, Subject: "page:" + r.URL.Path}
	if t.subject != "" {
		e.Subject = subjectOf(t.subject, r)
	}
	values := r.URL.Query()
	if t.words != "" {
		e.Words = values.Get(t.words)
		values.Del(t.words)
	}
	if filter := known(values).Encode(); filter != "" && ok {
		e.Data = map[string]string{"filter": filter}
	}
	key := e.ActorID + "\n" + string(e.Action) + "\n" + e.Subject
	if t.part || r.Header.Get(partHeader) != "" {
		if s.recent.had(key, v.now) {
			return nil
		}
	}
	if err := s.Records.Journal.Record(r.Context(), e); err != nil {
		return err
	}
	s.recent.keep(key, v.now)
	return nil
}

// known are the filters of the pages; whatever else an address holds may be
// anybody's words.
func known(v url.Values) url.Values {
	out := url.Values{}
	for _, name := range []string{"stage", "topic", "dept", "place", "net", "due", "mine", "closed", "mass", "source", "kind", "case", "from", "to", "all", "tab", "page", "who", "what"} {
		if list := v[name]; len(list) > 0 {
			out[name] = list
		}
	}
	return out
}

// subjectOf puts the parts of the address into a subject.
func subjectOf(pattern string, r *http.Request) string {
	for _, name := range []string{"number", "item", "hash", "id"} {
		if value := r.PathValue(name); value != "" {
			if n, ok := caseNumber(value); ok && name == "number" {
				value = strconv.FormatInt(n, 10)
			}
			pattern = strings.Replace(pattern, "{"+name+"}", value, 1)
		}
	}
	return pattern
}
