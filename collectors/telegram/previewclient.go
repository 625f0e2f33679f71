package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"otklik/collectors"
)

const (
	// maxPreview is far above twenty of the longest posts.
	maxPreview     = 4 << 20
	previewTimeout = 20 * time.Second
)

// previewClient looks at public pages of channels. It needs no key, so its
// errors have nothing to hide.
type previewClient struct {
	base string
	http *http.Client
}

func newPreviewClient(base string, client *http.Client) *previewClient {
	if base == "" {
		base = defaultPermalinkBase
	}
	if client == nil {
		client = &http.Client{Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 10 * time.Second,
			IdleConnTimeout: 90 * time.Second, ForceAttemptHTTP2: true,
		}}
	}
	still := *client
	still.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &previewClient{base: strings.TrimRight(base, "/"), http: &still}
}

// get fetches one page: the newest posts, or those before a number.
func (c *previewClient) get(ctx context.Context, channel string, before int64) ([]byte, error) {
	address := c.base + "/s/" + url.PathEscape(channel)
	if before > 0 {
		address += "?before=" + decimal(before)
	}
	limited, cancel := context.WithTimeout(ctx, previewTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(limited, http.MethodGet, address, nil)
	if err != nil {
		return nil, &collectors.Trouble{Kind: collectors.Denied, Message: "Адрес открытых страниц Telegram (telegram_pages) в файле настроек не разобрать: исправьте его.", Cause: err}
	}
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Accept-Language", "en")
	req.Header.Set("User-Agent", "Mozilla/5.0 (compatible; Otklik)")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, lostPreview(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, refusedPreview(resp)
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxPreview+1))
	if err != nil {
		return nil, lostPreview(ctx, err)
	}
	if len(raw) > maxPreview {
		return nil, &collectors.Trouble{Kind: collectors.Passing, Message: "Страница канала больше, чем бывает: программа попробует ещё раз сама.", Cause: errors.New("the page is longer than 4 MiB")}
	}
	return raw, nil
}

func lostPreview(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &collectors.Trouble{
		Kind: collectors.Passing, Cause: err,
		Message: "Страница канала в Telegram не открылась: проверьте сеть и прокси, программа попробует ещё раз сама.",
	}
}

// refusedPreview says what an answer other than the page means.
func refusedPreview(resp *http.Response) error {
	t := &collectors.Trouble{Cause: fmt.Errorf("HTTP status %d", resp.StatusCode)}
	switch code := resp.StatusCode; {
	case code == http.StatusTooManyRequests:
		t.Kind, t.RetryAfter = collectors.Limited, retryAfter(resp.Header)
		t.Message = "Telegram просит открывать страницу канала реже: программа подождёт и продолжит сама."
	case code >= 300 && code < 400, code == http.StatusNotFound:
		t.Kind = collectors.Denied
		t.Message = "У канала нет открытой страницы: он закрыт, переименован или не показывает записи без входа в Telegram. Проверьте имя канала; прочитать такой канал можно только ботом."
	case code >= 500:
		t.Kind, t.RetryAfter = collectors.Passing, retryAfter(resp.Header)
		t.Message = "Telegram сообщил о сбое у себя: программа попробует ещё раз сама."
	default:
		t.Kind = collectors.Denied
		t.Message = "Telegram не отдаёт страницу канала этому серверу (ответ " + strconv.Itoa(code) + "): проверьте прокси."
	}
	return t
}

// retryAfter is what the network asks for: at least half a minute where it says
// nothing, and never more than an hour.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 30 * time.Second
	}
	return min(time.Duration(seconds)*time.Second, time.Hour)
}
