package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"otklik/collectors"
)

const (
	defaultBaseURL = "https://api.telegram.org"
	// maxAnswer is far above a hundred of the longest messages.
	maxAnswer = 32 << 20
	// patience is how long an answer may take beyond the wait asked for.
	patience = 15 * time.Second
)

// ClientOptions configure a Client.
type ClientOptions struct {
	Token string
	// BaseURL is https://api.telegram.org if empty.
	BaseURL string
	// HTTP is the client to use; nil makes one that honours the proxy of the
	// environment. Its Timeout must be zero or above the poll time.
	HTTP *http.Client
}

// Client calls the Bot API for reading. Its errors are *collectors.Trouble and
// never hold the token.
type Client struct {
	token string
	base  string
	http  *http.Client
}

// NewClient returns a client; it calls nobody yet.
func NewClient(o ClientOptions) (*Client, error) {
	if id, secret, ok := strings.Cut(o.Token, ":"); !ok || id == "" || secret == "" {
		return nil, &collectors.Trouble{
			Kind:    collectors.Denied,
			Message: "Ключ бота не похож на ключ Telegram: скопируйте его у @BotFather целиком, он имеет вид «число:буквы».",
		}
	}
	if o.BaseURL == "" {
		o.BaseURL = defaultBaseURL
	}
	if o.HTTP == nil {
		transport := &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			TLSHandshakeTimeout: 10 * time.Second,
			IdleConnTimeout:     90 * time.Second,
			MaxIdleConnsPerHost: 2,
			ForceAttemptHTTP2:   true,
		}
		o.HTTP = &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	return &Client{token: o.Token, base: strings.TrimRight(o.BaseURL, "/"), http: o.HTTP}, nil
}

// Close closes the connections that wait for the next call.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// botID is the number a token begins with.
func (c *Client) botID() int64 {
	head, _, _ := strings.Cut(c.token, ":")
	id, err := strconv.ParseInt(head, 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// call posts one method and returns its result. wait is how long the network
// itself was asked to wait.
func (c *Client) call(ctx context.Context, method string, params any, wait time.Duration) (json.RawMessage, error) {
	body, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, wait+patience)
	defer cancel()
	req, err := http.NewRequestWithContext(limited, http.MethodPost, c.base+"/bot"+c.token+"/"+method, bytes.NewReader(body))
	if err != nil {
		return nil, &collectors.Trouble{
			Kind: collectors.Denied, Cause: c.mask(err),
			Message: "Адрес Telegram (api_url) в файле настроек не разобрать: исправьте его.",
		}
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.unreachable(ctx, err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, c.unreachable(ctx, err)
	}
	if len(raw) > maxAnswer {
		return nil, unreadable(errors.New("the answer is longer than 32 MiB"))
	}
	return readEnvelope(method, resp.StatusCode, raw)
}

// unreachable sorts a failure of the connection; the end of ctx is passed on.
func (c *Client) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	message := "Telegram недоступен: проверьте сеть и прокси, программа попробует ещё раз сама."
	if errors.Is(err, context.DeadlineExceeded) {
		message = "Telegram не ответил вовремя: программа попробует ещё раз сама."
	}
	return &collectors.Trouble{Kind: collectors.Passing, Message: message, Cause: c.mask(err)}
}

// mask hides the token in an error that names the address.
func (c *Client) mask(err error) error {
	text := err.Error()
	_, secret, _ := strings.Cut(c.token, ":")
	if hidden := strings.ReplaceAll(text, secret, "***"); hidden != text {
		return errors.New(hidden)
	}
	return err
}

// apiError is a refusal in the network's own words; it goes to the log.
type apiError struct {
	method      string
	code        int
	description string
}

func (e *apiError) Error() string {
	return "telegram " + e.method + ": " + strconv.Itoa(e.code) + " " + e.description
}

func readEnvelope(method string, status int, raw []byte) (json.RawMessage, error) {
	var answer struct {
		OK          bool            `json:"ok"`
		Result      json.RawMessage `json:"result"`
		ErrorCode   int             `json:"error_code"`
		Description string          `json:"description"`
		Parameters  struct {
			RetryAfter int `json:"retry_after"`
		} `json:"parameters"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return nil, unreadable(&apiError{method, status, "not the Bot API's JSON: " + err.Error()})
	}
	if answer.OK {
		return answer.Result, nil
	}
	refused := &apiError{method, answer.ErrorCode, answer.Description}
	t := &collectors.Trouble{Cause: refused, RetryAfter: time.Duration(answer.Parameters.RetryAfter) * time.Second}
	t.Kind, t.Message = explain(refused)
	return nil, t
}

func explain(e *apiError) (collectors.TroubleKind, string) {
	switch e.code {
	case http.StatusUnauthorized, http.StatusNotFound:
		return collectors.Denied, "Telegram не принимает ключ бота: получите ключ у @BotFather и замените его в «Источниках»."
	case http.StatusForbidden:
		return collectors.Denied, "Бота исключили из канала или группы: верните его и сделайте администратором."
	case http.StatusConflict:
		if strings.Contains(e.description, "webhook") {
			return collectors.Denied, "У бота включён вебхук, и опрос невозможен: удалите вебхук или включите приём через него (webhook_secret)."
		}
		return collectors.Denied, "Этим ботом читает ещё кто-то: остановите вторую программу с тем же ключом или выпустите новый ключ у @BotFather."
	case http.StatusTooManyRequests:
		return collectors.Limited, "Telegram просит обращаться реже: программа подождёт и продолжит сама."
	case http.StatusBadRequest:
		return collectors.Denied, "Telegram отклонил запрос («" + e.description + "»): проверьте имя канала и права бота."
	}
	return collectors.Passing, "Telegram сообщил о сбое у себя: программа попробует ещё раз сама."
}

// isConflict says that another reader has just taken the bot over.
func isConflict(err error) bool {
	var e *apiError
	return errors.As(err, &e) && e.code == http.StatusConflict && !strings.Contains(e.description, "webhook")
}

func unreadable(cause error) error {
	return &collectors.Trouble{
		Kind: collectors.Passing, Cause: cause,
		Message: "Ответ Telegram не разобрать, похоже на сбой на пути к нему: программа попробует ещё раз сама.",
	}
}
