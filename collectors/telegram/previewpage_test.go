package telegram

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/social"
)

const page = `<html><body><header><div class="tgme_channel_info_header_title"><span>Город &amp; люди</span></div></header>
<section class="tgme_channel_history js-message_history"><a class="tme_messages_more" data-before="41"></a>
<div class="tgme_widget_message_wrap"><div class="tgme_widget_message text_not_supported_wrap" data-post="Gorod/41" data-view="eyJjIjotMTkwMDAwMDAwMSwicCI6IjQxZyIsInQiOjF9">
 <div class="tgme_widget_message_bubble">
  <a class="tgme_widget_message_reply" href="https://t.me/gorod/7"><div class="tgme_widget_message_text">На что отвечают</div></a>
  <a class="tgme_widget_message_photo_wrap"></a><a class="tgme_widget_message_photo_wrap"></a>
  <div class="tgme_widget_message_text js-message_text" dir="auto">Первая<br/>вторая <i class="emoji"><b>💧</b></i> <a href="https://example.org/?a=1&amp;amp;b=2" onclick="return confirm()">подробнее</a> <a href="https://example.org/">https://example.org/</a></div>
  <div class="tgme_widget_message_poll"><div class="tgme_widget_message_poll_question">Нужен ли каток?</div></div>
  <span class="tgme_widget_message_views">1.5K</span><a class="tgme_widget_message_date"><time datetime="2026-03-02T12:00:00+03:00">12:00</time></a>
 </div></div></div>
<div class="tgme_widget_message service_message" data-post="gorod/43"><div class="tgme_widget_message_text">Channel photo updated</div><a class="tgme_widget_message_date"><time datetime="2026-03-02T12:00:00+03:00"></time></a></div>
<div class="tgme_widget_message" data-post="sosedi/1"><div class="tgme_widget_message_text">Чужое</div></div>
</section></body></html>`

func TestReadPreview(t *testing.T) {
	t.Parallel()
	p := readPreview([]byte(page), "gorod")
	if !p.Known || p.Title != "Город & люди" || !p.More || len(p.Odd) != 0 || len(p.Posts) != 2 {
		t.Fatalf("%+v", p)
	}
	got := p.Posts[0]
	want := []social.Media{{Kind: "photo"}, {Kind: "photo"}, {Kind: "link", URL: "https://example.org/?a=1&b=2"}, {Kind: "poll", Title: "Нужен ли каток?"}}
	if diff := cmp.Diff(want, got.Media); diff != "" {
		t.Error(diff)
	}
	if got.ID != 41 || got.Chat != -1001900000001 || got.Views != 1500 || got.Members != 2 || got.At.Format("15:04 MST") != "09:00 UTC" ||
		got.Text != "Первая\nвторая 💧 подробнее https://example.org/" {
		t.Errorf("%+v", got)
	}
	if !p.Posts[1].Service || p.lowest(0) != 41 || !p.present()["42"] {
		t.Errorf("%+v", p)
	}
}

func TestShortNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"999": 999, " 1.5K ": 1500, "2M": 2_000_000, "": 0, "много": 0, "-5": 0, "1e300M": 0, "NaN": 0} {
		if got := shortNumber(text); got != want {
			t.Errorf("%q is %d", text, got)
		}
	}
}

func FuzzReadPreview(f *testing.F) {
	f.Add(page)
	f.Add(strings.ReplaceAll(page, "datetime", "data-time"))
	f.Add("<section class=tgme_channel_history><div class=tgme_widget_message data-post='gorod/1' data-view='%%%'>")
	f.Fuzz(func(t *testing.T, text string) {
		p := readPreview([]byte(text), "gorod")
		for _, x := range p.Posts {
			if x.ID <= 0 || x.Chat > 0 || x.At.IsZero() || x.Members < 1 || x.Views < 0 {
				t.Errorf("%+v", x)
			}
		}
		if p.lowest(0) < 0 {
			t.Error(p.lowest(0))
		}
	})
}
