package vk

import (
	"net/http"
	"path"
	"strconv"
	"strings"

	"otklik/internal/errs"
	"otklik/internal/sim/record"
)

// faultChoice is one misfortune that the page offers.
type faultChoice struct {
	Kind  string
	Code  int
	Title string
}

func faultChoices() []faultChoice {
	return []faultChoice{
		{record.FaultError, 6, "Ошибка 6: слишком много запросов в секунду"},
		{record.FaultError, 9, "Ошибка 9: слишком много однотипных действий"},
		{record.FaultError, 10, "Ошибка 10: внутренняя ошибка сервера"},
		{record.FaultError, 14, "Ошибка 14: капча"},
		{record.FaultError, 27, "Ошибка 27: ключ сообщества не подходит"},
		{record.FaultError, 29, "Ошибка 29: дневной предел"},
		{record.FaultError, 214, "Ошибка 214: публикация запрещена"},
		{record.FaultError, 901, "Ошибка 901: житель запретил сообщения"},
		{record.FaultError, 1051, "Ошибка 1051: ключ VK ID не подходит"},
		{record.FaultRevoke, 0, "Ключ отозван"},
		{record.FaultStatus, 503, "HTTP 503 без тела"},
		{record.FaultHTML, 0, "Страница HTML вместо ответа"},
		{record.FaultEmpty, 0, "Пустой ответ"},
		{record.FaultTruncated, 0, "Обрезанный ответ"},
		{record.FaultSlow, 0, "Ответ с задержкой"},
		{record.FaultDrip, 0, "Ответ по каплям"},
		{record.FaultHang, 0, "Молчание до обрыва"},
		{record.FaultLost, 0, "Запрос выполнен, ответ потерян"},
		{record.FaultReset, 0, "Обрыв соединения до выполнения"},
		{record.FaultFailed, 1, "Long poll: failed 1"},
		{record.FaultFailed, 2, "Long poll: failed 2"},
		{record.FaultFailed, 3, "Long poll: failed 3"},
		{record.FaultRepeat, 0, "Событие придёт дважды"},
		{record.FaultShuffle, 0, "Событие поменяется местами со следующим"},
		{record.FaultDelay, 0, "Событие придёт позже"},
		{record.FaultDrop, 0, "Событие не придёт"},
		{record.FaultClock, 0, "Часы сети спешат или отстают"},
	}
}

func (p *pages) faults(w http.ResponseWriter, r *http.Request) {
	p.render(w, "faults", "Неисправности ВКонтакте", map[string]any{
		"Faults": p.server.Faults().List(), "Kinds": faultChoices(), "Switches": p.server.Switches(),
		"Problem": r.URL.Query().Get("problem"),
	})
}

func (p *pages) addFault(w http.ResponseWriter, r *http.Request) {
	kind, code, _ := strings.Cut(r.FormValue("kind"), ":")
	f := record.Fault{Kind: kind, Method: strings.TrimSpace(r.FormValue("method"))}
	f.Code, _ = strconv.Atoi(code)
	f.Delay, _ = strconv.Atoi(r.FormValue("delay"))
	f.Count, _ = strconv.Atoi(r.FormValue("count"))
	if chance := strings.Replace(r.FormValue("probability"), ",", ".", 1); chance != "" {
		var err error
		if f.Probability, err = strconv.ParseFloat(chance, 64); err != nil || f.Probability == 0 {
			sendBack(w, r, "/vk/faults", "Вероятность — число больше 0 и не больше 1.", "")
			return
		}
	}
	if _, err := path.Match(f.Method, ""); err != nil || f.Method == "" || !offered(f) {
		sendBack(w, r, "/vk/faults", "Укажите, где случится неисправность: например, wall.get или update:*.", "")
		return
	}
	if befalls := kind == record.FaultRepeat || kind == record.FaultShuffle || kind == record.FaultDelay || kind == record.FaultDrop; befalls && !strings.HasPrefix(f.Method, "update:") && f.Method != "*" {
		f.Method = "update:" + f.Method
	}
	if err := known().Check(f); err != nil {
		sendBack(w, r, "/vk/faults", errs.MessageOf(err), "")
		return
	}
	p.server.Faults().Add(f)
	sendBack(w, r, "/vk/faults", "", "")
}

func offered(f record.Fault) bool {
	for _, c := range faultChoices() {
		if c.Kind == f.Kind && c.Code == f.Code {
			return true
		}
	}
	return false
}

func (p *pages) clearFaults(w http.ResponseWriter, r *http.Request) {
	p.server.Faults().Clear()
	sendBack(w, r, "/vk/faults", "", "")
}

func (p *pages) setSwitches(w http.ResponseWriter, r *http.Request) {
	v := p.server.Switches()
	v.CommunityCannotPost = r.FormValue("community_cannot_post") != ""
	v.ImageCaptcha = r.FormValue("image_captcha") != ""
	p.server.SetSwitches(v)
	sendBack(w, r, "/vk/faults", "", "")
}
