package store

import (
	"strings"

	"otklik/internal/rights"
)

// pathIDs are the ids in the path of an organisation.
func pathIDs(path string) []string {
	if path = strings.Trim(path, "/"); path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// visible narrows a query over cases c to those on which the actor may do the
// action: the same bounds that rights.Scope.Covers looks at. Whoever may not do
// it at all finds nothing; the program itself finds all.
func visible(q *query, by rights.Actor, action rights.Action) {
	if by.IsSystem() {
		return
	}
	var any []string
	for _, s := range by.Scopes(action) {
		if s.Boundless() {
			return
		}
		any = append(any, "("+scoped(q, s)+")")
	}
	if len(any) == 0 {
		any = []string{"1 = 0"}
	}
	q.and("(" + strings.Join(any, " OR ") + ")")
}

func scoped(q *query, s rights.Scope) string {
	var all []string
	if len(s.Organisations) > 0 {
		var under []string
		for _, id := range s.Organisations {
			under = append(under, "o.path LIKE "+q.arg(likeExact("/"+id+"/"))+` ESCAPE '\'`)
		}
		all = append(all, "c.organisation_id IN (SELECT o.id FROM organisations o WHERE "+strings.Join(under, " OR ")+")")
	}
	for _, list := range []struct {
		column string
		ids    []string
	}{{"c.source_id", s.Pages}, {"c.topic_id", s.Topics}} {
		if len(list.ids) > 0 {
			all = append(all, list.column+" IN "+listed(q, list.ids))
		}
	}
	if len(s.Territories) > 0 {
		all = append(all, "("+atPlaces(q, s.Territories)+")")
	}
	return strings.Join(all, " AND ")
}

// likeExact is like for ids, which are not folded.
func likeExact(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text) + "%"
}
