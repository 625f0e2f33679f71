// Package page is the frame of the simulators' own small pages, on which a
// person sees a wall or a discussion as a citizen would.
package page

import (
	"html/template"
	"net/http"
)

const frame = `<!doctype html>
<html lang="ru"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}} — имитатор</title><link rel="stylesheet" href="/sim.css"></head>
<body class="{{.Class}}"><header><a href="/">Имитатор сетей</a><h1>{{.Title}}</h1></header><main>{{.Body}}</main></body></html>`

// Frame renders pages around a body that the simulators' templates made.
type Frame struct{ tpl *template.Template }

// NewFrame parses the frame.
func NewFrame() *Frame {
	return &Frame{tpl: template.Must(template.New("frame").Parse(frame))}
}

// Write sends one page. class is the body's CSS class: "vk", "tg" or "".
func (f *Frame) Write(w http.ResponseWriter, title, class string, body template.HTML) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'")
	data := struct {
		Title, Class string
		Body         template.HTML
	}{title, class, body}
	// The client may be gone; there is nobody to tell.
	_ = f.tpl.Execute(w, data)
}

// CSS is served as /sim.css.
const CSS = `body{margin:0;background:#edeef0;color:#1c1f24;font:15px/1.5 -apple-system,"Segoe UI",Roboto,"Noto Sans",Arial,sans-serif}
header{background:#fff;border-bottom:1px solid #dde1e6;padding:10px 16px}
header a{color:#596374;font-size:13px;text-decoration:none}
h1{font-size:18px;margin:2px 0 0}
main{max-width:640px;margin:16px auto;padding:0 12px}
article{background:#fff;border:1px solid #dde1e6;border-radius:10px;padding:14px 16px;margin:0 0 14px}
.by{font-weight:600}
.at{color:#6b7585;font-size:13px;margin-left:6px}
.text{white-space:pre-wrap;margin:4px 0 0;overflow-wrap:anywhere}
.comments{list-style:none;margin:12px 0 0;padding:0;border-top:1px solid #e8ebef}
.comments li{padding:10px 0 0}
.comments li.reply{margin-left:28px}
.own .by{color:#1f43a8}
.own .by::after{content:" ✓"}
.line{display:flex;flex-wrap:wrap;gap:6px;align-items:center;margin:8px 0}
.line form{margin:0}.line select{width:auto}.line button{padding:2px 10px}
.line button.quiet{background:none;color:#596374;border:1px solid #dde1e6}
label input[type=radio],label input[type=checkbox]{width:auto}
main img{max-width:100%;border-radius:8px}
.gone .text{color:#9aa3b0;text-decoration:line-through}
form{margin:10px 0 0;display:grid;gap:6px}
textarea,input,select{font:inherit;padding:8px;border:1px solid #b9c0cb;border-radius:6px;width:100%;box-sizing:border-box}
button{font:inherit;padding:8px 14px;border:0;border-radius:6px;background:#1f43a8;color:#fff;justify-self:start;cursor:pointer}
table{border-collapse:collapse;width:100%;background:#fff}td,th{padding:6px 8px;border-bottom:1px solid #e8ebef;text-align:left;font-size:13px;vertical-align:top;overflow-wrap:anywhere}`
