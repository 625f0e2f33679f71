package telegram

import (
	"html/template"
	"time"

	"otklik/internal/sim/page"
)

// meTemplate is the choice of the citizen as whom one acts.
const meTemplate = `{{define "me"}}<form class="line" method="post" action="/tg/me"><input type="hidden" name="back" value="{{.Back}}">
<label for="me">Вы —</label><select id="me" name="user">{{range .Users}}<option value="{{.ID}}"{{if eq .ID $.ID}} selected{{end}}>{{.FirstName}} {{.LastName}}</option>{{end}}</select>
<button>Сменить</button></form>{{end}}`

// deedsTemplate is what stands in a message and what one can do with it.
const deedsTemplate = `{{define "deeds"}}{{if .Picture}}<p><img src="/tg/files/{{.Picture}}" alt="Фотография"></p>{{else if .File}}<p class="at">[{{.File}}]</p>{{end}}
{{if .Text}}<p class="text">{{.Text}}</p>{{end}}
{{if .Service}}<p class="at">Закреплено сообщение</p>{{end}}
{{with .Poll}}<form method="post" action="/tg/deeds"><p class="by">{{.Question}}</p>
{{template "where" $}}<input type="hidden" name="do" value="vote">
{{$poll := .}}{{range $i, $o := .Options}}<label><input type="{{if $poll.Multiple}}checkbox{{else}}radio{{end}}" name="option" value="{{$i}}"{{if $poll.Closed}} disabled{{end}}> {{$o.Text}} — {{$o.Votes}}</label>{{end}}
<p class="at">Проголосовали: {{.Voters}}{{if .Closed}}, опрос завершён{{end}}</p>{{if not .Closed}}<button>Голосовать</button>{{end}}</form>{{end}}
{{range .Buttons}}<div class="line">{{range .}}{{if .Data}}<form method="post" action="/tg/deeds">{{template "where" $}}<input type="hidden" name="do" value="press"><input type="hidden" name="data" value="{{.Data}}"><button>{{.Text}}</button></form>
{{else if .URL}}<a href="{{.URL}}">{{.Text}}</a>{{end}}{{end}}</div>{{end}}
{{if not (or .Deleted .Service)}}<form class="line" method="post" action="/tg/deeds">{{template "where" .}}<input type="hidden" name="do" value="react">
{{range .Reactions}}<span>{{.Emoji}} {{.Count}}</span>{{end}}
<button class="quiet" name="emoji" value="👍" aria-label="Нравится">👍</button><button class="quiet" name="emoji" value="👎" aria-label="Не нравится">👎</button><button class="quiet" name="emoji" value="❤" aria-label="Сердце">❤</button><button class="quiet" name="emoji" value="">Убрать</button></form>{{end}}{{end}}
{{define "where"}}<input type="hidden" name="chat" value="{{.ChatID}}"><input type="hidden" name="message" value="{{.ID}}"><input type="hidden" name="back" value="{{.Back}}">{{end}}`

const channelsTemplate = `{{range .Channels}}<article><a class="by" href="/tg/{{.Username}}">{{.Title}}</a>
<span class="at">@{{.Username}}</span>
<p class="text">{{if .GroupTitle}}Обсуждения: {{.GroupTitle}}{{else}}Обсуждений нет{{end}}</p><p><a href="/s/{{.Username}}">Открытая страница канала</a></p></article>
{{else}}<article><p class="text">Каналов пока нет. Добавьте канал запросом POST /admin/telegram/channels.</p></article>{{end}}
{{range .Bots}}<article><a class="by" href="/tg/bots/{{.Username}}">{{.FirstName}}</a> <span class="at">@{{.Username}}, бот</span></article>{{end}}
<article><a href="/tg/faults">Неисправности</a></article>`

const channelTemplate = `{{template "me" .Me}}<article><form method="post" enctype="multipart/form-data" action="/tg/{{.Channel.Username}}/posts">
<label for="text">Новая запись канала</label><textarea id="text" name="text" rows="3"></textarea>
<label for="photo">Фотографии</label><input id="photo" type="file" name="photo" accept="image/*" multiple>
<button>Опубликовать</button></form></article>
{{range .Posts}}<article id="m{{.ID}}"{{if .Deleted}} class="gone"{{end}}><span class="by">{{.From}}</span><span class="at">{{when .At}}{{if .Pinned}}, закреплено{{end}}</span>
{{template "deeds" .}}{{if not .Service}}<p><a href="/tg/{{$.Channel.Username}}/{{.ID}}">Открыть обсуждение</a></p>{{end}}</article>
{{else}}<article><p class="text">В канале пока нет записей.</p></article>{{end}}`

const threadTemplate = `{{template "me" .Me}}<article{{if .Root.Deleted}} class="gone"{{end}} id="m{{.Root.ID}}"><span class="by">{{.Root.From}}</span><span class="at">{{when .Root.At}}</span>
{{template "deeds" .Root}}
{{if .Hidden}}<p class="at">Показаны последние комментарии, более ранних: {{.Hidden}}.</p>{{end}}
<ul class="comments">{{range .Comments}}
<li id="m{{.ID}}" class="{{.Class}}"><span class="by">{{.From}}</span><span class="at">{{when .At}}{{if not .EditedAt.IsZero}}, изменено {{when .EditedAt}}{{end}}{{if .Deleted}}, удалено{{end}}</span>
{{template "deeds" .}}</li>{{end}}</ul>
{{if not .Comments}}<p class="at">Комментариев пока нет.</p>{{end}}</article>
{{if .Action}}<article><form method="post" enctype="multipart/form-data" action="{{.Action}}">
<label for="from">Написать комментарий как</label>
<select id="from" name="from" required>{{range .Me.Users}}<option value="{{.ID}}"{{if eq .ID $.Me.ID}} selected{{end}}>{{.FirstName}} {{.LastName}}</option>{{end}}</select>
<label for="reply">Ответить на</label>
<select id="reply" name="reply_to"><option value="">саму запись</option>{{range .Comments}}{{if not .Deleted}}<option value="{{.ID}}">{{.From}}: {{short .Text}}</option>{{end}}{{end}}</select>
<label for="text">Текст</label><textarea id="text" name="text" rows="3"></textarea>
<label for="photo">Фотография</label><input id="photo" type="file" name="photo" accept="image/*">
<button>Отправить</button></form></article>{{end}}`

const botTemplate = `{{template "me" .Me}}<article>{{range .Chat.Messages}}
<div id="m{{.ID}}"{{if .Own}} class="own"{{end}}><span class="by">{{.From}}</span><span class="at">{{when .At}}</span>{{template "deeds" .}}</div>
{{else}}<p class="at">Переписки пока нет: нажмите «Начать».</p>{{end}}</article>
<article>{{range .Keyboard}}<div class="line">{{range .}}<form method="post" action="{{$.Action}}/messages"><input type="hidden" name="text" value="{{.Text}}"><button>{{.Text}}</button></form>{{end}}</div>{{end}}
<form method="post" enctype="multipart/form-data" action="{{.Action}}/messages"><label for="text">Сообщение боту</label><textarea id="text" name="text" rows="2"></textarea>
<label for="photo">Фотография</label><input id="photo" type="file" name="photo" accept="image/*"><button>Отправить</button></form>
<div class="line"><form method="post" action="{{.Action}}/messages"><input type="hidden" name="text" value="/start"><button>Начать</button></form>
{{if .Started}}<form method="post" action="{{.Action}}/block"><input type="hidden" name="blocked" value="{{if .Blocked}}false{{else}}true{{end}}"><button>{{if .Blocked}}Разблокировать бота{{else}}Заблокировать бота{{end}}</button></form>{{end}}</div></article>`

const faultsTemplate = `<article><p class="text">Что приготовлено сети. Неисправность без вероятности сбывается столько раз, сколько указано.</p>
<table><tr><th>Метод</th><th>Вид</th><th>Код</th><th>Задержка, мс</th><th>Раз</th><th>Вероятность</th></tr>
{{range .Waiting}}<tr><td>{{.Method}}</td><td>{{.Kind}}</td><td>{{if .Code}}{{.Code}}{{end}}</td><td>{{if .Delay}}{{.Delay}}{{end}}</td><td>{{if .Count}}{{.Count}}{{end}}</td><td>{{if .Probability}}{{.Probability}}{{end}}</td></tr>
{{else}}<tr><td colspan="6">Всё исправно.</td></tr>{{end}}</table>
<form method="post" action="/tg/faults/clear"><button>Исправить всё</button></form></article>
<article><form method="post" action="/tg/faults">
<label for="kind">Что случится</label><select id="kind" name="kind">{{range .Kinds}}<option value="{{.Kind}}">{{.Says}}</option>{{end}}</select>
<label for="method">С чем: имя метода, send* или update:* для событий</label><input id="method" name="method" value="send*" required>
<label for="code">Код ошибки (для вида «ошибка сети»)</label><input id="code" name="code" inputmode="numeric" value="500">
<label for="retry_after">Просит подождать, с (для кода 429)</label><input id="retry_after" name="retry_after" inputmode="numeric" value="5">
<label for="delay">Задержка, мс</label><input id="delay" name="delay" inputmode="numeric" value="3000">
<label for="count">Сколько раз; 0 вместе с вероятностью — всё время</label><input id="count" name="count" inputmode="numeric" value="1">
<label for="probability">Вероятность от 0 до 1; пусто — всегда</label><input id="probability" name="probability" inputmode="decimal">
<button>Приготовить</button></form></article>`

const problemTemplate = `<article><p class="text">{{.}}</p><p><a href="/tg/">Все каналы</a></p></article>`

func newPages(s *Server, frame *page.Frame) *pages {
	funcs := template.FuncMap{
		"when": func(t time.Time) string { return t.Format("02.01.2006 15:04") },
		"short": func(text string) string {
			if r := []rune(text); len(r) > 40 {
				return string(r[:40]) + "…"
			}
			return text
		},
	}
	parse := func(text string) *template.Template {
		return template.Must(template.New("page").Funcs(funcs).Parse(meTemplate + deedsTemplate + text))
	}
	return &pages{
		s: s, frame: frame, channels: parse(channelsTemplate), channel: parse(channelTemplate), thread: parse(threadTemplate),
		bot: parse(botTemplate), faults: parse(faultsTemplate), problem: parse(problemTemplate),
	}
}
