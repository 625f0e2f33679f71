package casefile

import (
	"strings"

	"otklik/incidents"
	"otklik/internal/errs"
)

// standing is what a status of another system means to us.
type standing struct {
	stage   incidents.Stage
	outcome incidents.Outcome
	interim bool
}

// stems are the beginnings of statuses; the first that fits counts.
func stems() []struct {
	words string
	is    standing
} {
	return []struct {
		words string
		is    standing
	}{
		{"промежуточн|interim", standing{stage: incidents.Execution, interim: true}},
		{"отклон|отказ|rejected", standing{stage: incidents.Done, outcome: incidents.Rejected}},
		{"перенаправ|redirected", standing{stage: incidents.Done, outcome: incidents.Redirected}},
		{"объедин|merged", standing{stage: incidents.Done, outcome: incidents.Merged}},
		{"заверш|решен|закрыт|выполн|получен ответ|ответ дан|ответ опубликован|resolved|done|closed", standing{stage: incidents.Done, outcome: incidents.Resolved}},
		{"модерац|нов|поступил|moderation|new", standing{stage: incidents.Moderation}},
		{"координац|распредел|coordination", standing{stage: incidents.Coordination}},
		{"исполн|в работе|рассм|на рассм|execution|open", standing{stage: incidents.Execution}},
	}
}

func known(status string) (standing, bool) {
	status = fold(status)
	if status == "" {
		return standing{stage: incidents.Moderation}, true
	}
	for _, s := range stems() {
		for stem := range strings.SplitSeq(s.words, "|") {
			if strings.HasPrefix(status, stem) {
				return s.is, true
			}
		}
	}
	return standing{}, false
}

// statuses reads what the person says of words that mean nothing to us.
func statuses(said map[string]string) (map[string]standing, error) {
	out := make(map[string]standing, len(said))
	for theirs, ours := range said {
		is, ok := known(ours)
		if !ok || fold(ours) == "" {
			return nil, errs.Newf(errs.Invalid, "Стадия «%s» непонятна. Есть: модерация, координация, исполнение, промежуточный ответ, решено, отклонено, перенаправлено, объединено.", ours)
		}
		out[fold(theirs)] = is
	}
	return out, nil
}
