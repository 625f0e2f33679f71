package telegram

import (
	"net/http"
	"strconv"
	"strings"

	"otklik/internal/errs"
	"otklik/internal/sim/record"
)

// botList lists the bots in order of appearance.
func (s *Server) botList() []Bot {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Bot, 0, len(s.bots))
	for _, b := range s.bots {
		out = append(out, Bot{ID: b.spec.ID, Username: b.spec.Username, FirstName: b.user.FirstName})
	}
	return out
}

// findBot is the bot that the path names.
func (p *pages) findBot(r *http.Request) (Bot, error) {
	for _, b := range p.s.botList() {
		if strings.EqualFold(b.Username, r.PathValue("bot")) {
			return b, nil
		}
	}
	return Bot{}, errs.New(errs.NotFound, "Такого бота нет.")
}

func (p *pages) showBot(w http.ResponseWriter, r *http.Request) {
	b, err := p.findBot(r)
	if err != nil {
		p.fail(w, err)
		return
	}
	who := p.me(r)
	state, started := p.s.PrivateChat(b.ID, who.ID)
	p.write(w, b.FirstName, p.bot, struct {
		Chat struct {
			Messages []deeds
		}
		Keyboard         [][]Button
		Started, Blocked bool
		Me               me
		Action           string
	}{
		Chat:     struct{ Messages []deeds }{deedsOf(who.ID, r.URL.Path, state.Messages)},
		Keyboard: state.Keyboard, Started: started, Blocked: state.Blocked, Me: who, Action: "/tg/bots/" + b.Username,
	})
}

func (p *pages) writeToBot(w http.ResponseWriter, r *http.Request) {
	pictures, err := photos(w, r)
	var b Bot
	if err == nil {
		b, err = p.findBot(r)
	}
	if err == nil {
		_, err = p.s.Write(Private{BotID: b.ID, UserID: p.me(r).ID, Text: r.PostFormValue("text"), Photo: first(pictures)})
	}
	p.toBot(w, r, b, err)
}

func (p *pages) blockBot(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	b, err := p.findBot(r)
	if err == nil {
		err = p.s.Block(b.ID, p.me(r).ID, r.PostFormValue("blocked") == "true")
	}
	p.toBot(w, r, b, err)
}

func (p *pages) toBot(w http.ResponseWriter, r *http.Request, b Bot, err error) {
	if err != nil {
		p.fail(w, err)
		return
	}
	http.Redirect(w, r, "/tg/bots/"+b.Username, http.StatusSeeOther)
}

// faultKind is a kind of fault as a person reads it.
type faultKind struct{ Kind, Says string }

func faultKinds() []faultKind {
	return []faultKind{
		{record.FaultError, "Ошибка сети с кодом"},
		{record.FaultStatus, "Пустой ответ с кодом HTTP"},
		{record.FaultHTML, "Страница HTML вместо ответа"},
		{record.FaultEmpty, "Пустой ответ"},
		{record.FaultTruncated, "Ответ обрывается посередине"},
		{record.FaultSlow, "Ответ приходит поздно"},
		{record.FaultDrip, "Ответ приходит по частям"},
		{record.FaultHang, "Ответа нет"},
		{record.FaultLost, "Действие выполнено, но ответ потерян"},
		{record.FaultReset, "Связь рвётся до действия"},
		{record.FaultMigrate, "Группа получает новый номер"},
		{record.FaultRevoke, "Ключ отозван"},
		{record.FaultClock, "Часы сети спешат на задержку (отставание — с минусом)"},
		{record.FaultRepeat, "Событие приходит ещё раз"},
		{record.FaultShuffle, "События меняются местами"},
		{record.FaultDelay, "Событие приходит поздно"},
		{record.FaultDrop, "Событие не приходит"},
	}
}

func (p *pages) showFaults(w http.ResponseWriter, _ *http.Request) {
	p.write(w, "Неисправности Telegram", p.faults, struct {
		Waiting []record.Fault
		Kinds   []faultKind
	}{p.s.faults.List(), faultKinds()})
}

func (p *pages) addFault(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	number := func(name string) int {
		n, _ := strconv.Atoi(r.PostFormValue(name))
		return n
	}
	chance, _ := strconv.ParseFloat(strings.ReplaceAll(r.PostFormValue("probability"), ",", "."), 64)
	f := record.Fault{
		Method: r.PostFormValue("method"), Kind: r.PostFormValue("kind"), Code: number("code"),
		RetryAfter: number("retry_after"), Delay: number("delay"), Count: number("count"), Probability: chance,
	}
	if f.Code != http.StatusTooManyRequests {
		f.RetryAfter = 0
	}
	if err := known().Check(f); err != nil {
		p.fail(w, err)
		return
	}
	p.s.faults.Add(f)
	http.Redirect(w, r, "/tg/faults", http.StatusSeeOther)
}

func (p *pages) clearFaults(w http.ResponseWriter, r *http.Request) {
	p.s.faults.Clear()
	http.Redirect(w, r, "/tg/faults", http.StatusSeeOther)
}
