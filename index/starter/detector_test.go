package starter

import (
	"hash/fnv"
	"testing"

	"otklik/index"
	"otklik/index/classify"
	"otklik/internal/social"
)

func detector(t *testing.T) *classify.Detector {
	t.Helper()
	d, err := classify.NewDetector(index.NewAnalyzer(), Signals(), Weights())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestNewInstallationTellsComplaints(t *testing.T) {
	t.Parallel()
	d, m := detector(t), matcher(t)
	judge := func(text string) float64 {
		item := classify.Item{Text: text, Kind: social.Comment, Depth: 1}
		return d.Judge(item, m.MatchItem(text, index.Facts{Kind: social.Comment})).Probability
	}
	for _, text := range []string{
		"На Полевой фонари не горят вторую неделю, когда почините?",
		"Сделайте уже тротуар до школы, дети идут по проезжей части",
		"Из окон дует, а батареи еле тёплые, дома 16 градусов",
		"Опять маршрутку ждали сорок минут, по расписанию не ходят",
		"А смс о тревоге почему никому не пришло?",
	} {
		if p := judge(text); p < classify.DefaultThreshold {
			t.Errorf("%q has only %.2f", text, p)
		}
	}
	for _, text := range []string{
		"Спасибо дорожникам, молодцы!",
		"Бывший муж опять звонил, все мужики одинаковые",
		"Какая погода, прямо весна)))",
		"Пресс-служба мэрии сообщила, что фонари на Полевой починят к пятнице.",
		"Продам диван, самовывоз, пишите в лс",
		"да ладно",
	} {
		if p := judge(text); p >= classify.DefaultThreshold {
			t.Errorf("%q has %.2f", text, p)
		}
	}
}

// What detection has reached; a change must not fall below it.
const minAveragePrecision = 0.55

// TestDetectionCrossValidated judges every labelled comment by what the other
// four fifths taught.
func TestDetectionCrossValidated(t *testing.T) {
	t.Parallel()
	d, m := detector(t), matcher(t)
	const parts = 5
	var byPart [parts][]classify.Decision
	for _, row := range rows(t, "city_comments_labelled_dev.tsv.gz") {
		if row["label"] == "unclear" {
			continue
		}
		x := classify.Decision{Item: classify.Item{Text: row["text"], Kind: social.Comment, Depth: 1}, Due: row["label"] == "positive"}
		x.Rules = m.MatchItem(x.Text, index.Facts{Kind: social.Comment})
		h := fnv.New32a()
		_, _ = h.Write([]byte(x.Text)) // never fails
		part := h.Sum32() % parts
		byPart[part] = append(byPart[part], x)
	}
	var fresh, trained []classify.Scored
	for part, test := range byPart {
		var learn []classify.Decision
		for other, list := range byPart {
			if other != part {
				learn = append(learn, list...)
			}
		}
		next, err := d.Train(t.Context(), learn)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range test {
			fresh = append(fresh, scored(d, x))
			trained = append(trained, scored(next, x))
		}
	}
	t.Logf("a new installation: %+v", classify.Rank(fresh))
	t.Logf("trained on the rest: %+v", classify.Rank(trained))
	if got := classify.Rank(trained).AveragePrecision; got < minAveragePrecision {
		t.Errorf("average precision %.3f is below what was reached: %.2f", got, minAveragePrecision)
	}
}

func scored(d *classify.Detector, x classify.Decision) classify.Scored {
	p := d.Judge(x.Item, x.Rules).Probability
	return classify.Scored{Score: p, Found: p >= classify.DefaultThreshold, Due: x.Due}
}
