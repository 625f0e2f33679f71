package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"time"

	"otklik/internal/media"
)

const (
	defaultFilesURL = "https://api.telegram.org"
	// fileTime bounds the two calls that a file takes.
	fileTime = time.Minute
)

// Files downloads files that people sent, by the names under which updates
// told of them. The token stands in the address of a file, so no address leaves
// this type: not in results, not in errors.
type Files struct {
	token, base string
	http        *http.Client
}

// NewFiles returns a downloader for the files of one bot; it calls nobody yet.
// An empty baseURL stands for Telegram itself.
func NewFiles(token, baseURL string) *Files {
	if baseURL == "" {
		baseURL = defaultFilesURL
	}
	return &Files{token: token, base: strings.TrimRight(baseURL, "/"), http: &http.Client{
		Timeout: fileTime,
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 10 * time.Second,
			IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 2, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close closes the connections that wait for the next file.
func (f *Files) Close() { f.http.CloseIdleConnections() }

// Download returns the bytes of a file, media.MaxBytes at most. Every error is
// a *media.Trouble, unless ctx has ended.
func (f *Files) Download(ctx context.Context, fileID string) ([]byte, error) {
	where, err := f.locate(ctx, fileID)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.base+"/file/bot"+f.token+"/"+where, nil)
	if err != nil {
		return nil, f.passing(ctx, errors.New("the path of the file makes no address"))
	}
	resp, raw, err := f.do(req, media.MaxBytes)
	switch {
	case err != nil:
		return nil, f.passing(ctx, err)
	case len(raw) > media.MaxBytes:
		return nil, tooBig()
	case resp.StatusCode != http.StatusOK:
		// A path serves for an hour; the next attempt asks for a new one.
		return nil, f.passing(ctx, fmt.Errorf("the file was answered with %d", resp.StatusCode))
	}
	return raw, nil
}

// locate asks where the file is now.
func (f *Files) locate(ctx context.Context, fileID string) (string, error) {
	body, err := json.Marshal(map[string]string{"file_id": fileID})
	if err != nil {
		return "", f.passing(ctx, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.base+"/bot"+f.token+"/getFile", bytes.NewReader(body))
	if err != nil {
		return "", f.passing(ctx, err)
	}
	req.Header.Set("Content-Type", "application/json")
	_, raw, err := f.do(req, maxAnswer)
	if err != nil {
		return "", f.passing(ctx, err)
	}
	var answer struct {
		OK     bool `json:"ok"`
		Result struct {
			Path string `json:"file_path"`
			Size int64  `json:"file_size"`
		} `json:"result"`
		Code        int    `json:"error_code"`
		Description string `json:"description"`
		Parameters  struct {
			RetryAfter int `json:"retry_after"`
		} `json:"parameters"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return "", f.passing(ctx, errors.New("getFile was not answered with the Bot API's JSON"))
	}
	if !answer.OK {
		return "", f.refusal(ctx, answer.Code, answer.Description, time.Duration(answer.Parameters.RetryAfter)*time.Second)
	}
	where := answer.Result.Path
	// A server of one's own may answer with a path of its disk, which is no address.
	if where == "" || path.Clean("/"+where) != "/"+where || strings.ContainsAny(where, "?#%\\") {
		return "", f.passing(ctx, errors.New("getFile gave no path that can be asked for"))
	}
	if answer.Result.Size > media.MaxBytes {
		return "", tooBig()
	}
	return where, nil
}

// refusal sorts what getFile answered.
func (f *Files) refusal(ctx context.Context, code int, description string, after time.Duration) error {
	cause := fmt.Errorf("getFile: %d %s", code, description)
	switch {
	case code == http.StatusBadRequest && strings.Contains(description, "too big"):
		return tooBig()
	case code == http.StatusBadRequest && strings.Contains(description, "file_id") && !strings.Contains(description, "temporarily"):
		return &media.Trouble{State: media.Gone, Message: "Telegram больше не отдаёт это фото.", Cause: f.mask(cause)}
	}
	err := f.passing(ctx, cause)
	var t *media.Trouble
	if errors.As(err, &t) {
		t.RetryAfter = after
	}
	return err
}

// do makes one call and reads one byte more than most of its answer.
func (f *Files) do(req *http.Request, most int64) (*http.Response, []byte, error) {
	resp, err := f.http.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	return resp, raw, err
}

func (f *Files) passing(ctx context.Context, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &media.Trouble{State: media.Waiting, Message: "Telegram пока не отдаёт фото.", Cause: f.mask(cause)}
}

func tooBig() error {
	return &media.Trouble{State: media.TooBig, Message: "Фото больше 20 МБ, такие Telegram ботам не отдаёт."}
}

// mask hides the token in an error that names the address.
func (f *Files) mask(err error) error {
	_, secret, _ := strings.Cut(f.token, ":")
	if hidden := strings.ReplaceAll(err.Error(), secret, "***"); secret != "" && hidden != err.Error() {
		return errors.New(hidden)
	}
	return err
}
