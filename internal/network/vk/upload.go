package vk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"otklik/internal/delivery"
	"otklik/internal/social"
)

// What is longer is cut (dev.vk.com/en/api/upload/overview).
const (
	maxTitle   = 128
	maxCaption = 2048
)

// Upload brings a photo or a file into the network and returns its name for
// wall.post. Nobody sees it until a post shows it, so that whatever fails can
// be repeated. What has its name already, and links, are not uploaded.
func (p *Publisher) Upload(ctx context.Context, m delivery.Medium) (string, error) {
	var name string
	var f *delivery.Failure
	switch {
	case m.Uploaded != "" || m.Kind == delivery.Link || m.Kind == delivery.Video && m.URL != "":
		return m.Uploaded, nil
	case m.Kind == delivery.Video:
		f = refusal("vk.media", "Видео загрузите во ВКонтакте сами и прикрепите к записи ссылку на него.")
	case m.Data == nil || m.Size <= 0:
		f = refusal("vk.media", "Файл «"+m.Name+"» пуст; прикрепите его заново.")
	case m.Kind == delivery.Photo && m.Size > social.VK.Bounds().PhotoSize:
		f = refusal("vk.media", "Фотография «"+m.Name+"» больше 50 МБ, ВКонтакте её не примет; уменьшите её.")
	case m.Size > social.VK.Bounds().FileSize:
		f = refusal("vk.media", "Файл «"+m.Name+"» больше 200 МБ, ВКонтакте его не примет; уменьшите его.")
	case m.Kind == delivery.Photo:
		name, f = p.uploadPhoto(ctx, m)
	default:
		name, f = p.uploadFile(ctx, m)
	}
	return name, asError(harmless(f))
}

func (p *Publisher) uploadPhoto(ctx context.Context, m delivery.Medium) (string, *delivery.Failure) {
	c, f := p.client(UploadPhoto)
	if f != nil {
		return "", f
	}
	var taken struct {
		Server int    `json:"server"`
		Photo  string `json:"photo"`
		Hash   string `json:"hash"`
	}
	if f := p.carry(ctx, c, "photos.getWallUploadServer", "photo", m, &taken); f != nil {
		return "", f
	}
	if taken.Photo == "" || taken.Photo == "[]" {
		return "", refusal("vk.upload", "ВКонтакте не приняла фотографию «"+m.Name+"»: проверьте, что это JPEG, PNG или GIF и стороны не отличаются больше чем в 20 раз.")
	}
	var saved []struct {
		ID        int    `json:"id"`
		OwnerID   int    `json:"owner_id"`
		AccessKey string `json:"access_key"`
	}
	params := map[string]any{"group_id": p.opt.GroupID, "photo": taken.Photo, "server": taken.Server, "hash": taken.Hash}
	if m.Alt != "" {
		params["caption"] = cut(m.Alt, maxCaption)
	}
	if f := c.do(ctx, "photos.saveWallPhoto", params, &saved); f != nil {
		if f.Code == "vk.100" || f.Code == "vk.118" || f.Code == "vk.121" {
			// The network has let go of the upload: the next attempt begins anew.
			f.Outcome = delivery.NotSent
			f.Message = "ВКонтакте не сохранила фотографию «" + m.Name + "»; программа загрузит её снова."
		}
		return "", f
	}
	if len(saved) == 0 || saved[0].ID == 0 {
		return "", c.outcome(errNothing, true)
	}
	return objectName("photo", saved[0].OwnerID, saved[0].ID, saved[0].AccessKey), nil
}

func (p *Publisher) uploadFile(ctx context.Context, m delivery.Medium) (string, *delivery.Failure) {
	c, f := p.client(UploadFile)
	if f != nil {
		return "", f
	}
	var taken struct {
		File string `json:"file"`
	}
	if f := p.carry(ctx, c, "docs.getWallUploadServer", "file", m, &taken); f != nil {
		return "", f
	}
	if taken.File == "" {
		return "", refusal("vk.upload", "ВКонтакте не приняла файл «"+m.Name+"»: проверьте, что файлы такого вида там разрешены.")
	}
	var saved struct {
		Doc struct {
			ID        int    `json:"id"`
			OwnerID   int    `json:"owner_id"`
			AccessKey string `json:"access_key"`
		} `json:"doc"`
	}
	if f := c.do(ctx, "docs.save", map[string]any{"file": taken.File, "title": cut(m.Name, maxTitle)}, &saved); f != nil {
		if f.Code == "vk.105" {
			f.Outcome = delivery.NotSent
			f.Message = "ВКонтакте не сохранила файл «" + m.Name + "»; программа загрузит его снова."
		}
		return "", f
	}
	if saved.Doc.ID == 0 {
		return "", c.outcome(errNothing, true)
	}
	return objectName("doc", saved.Doc.OwnerID, saved.Doc.ID, saved.Doc.AccessKey), nil
}

// carry asks for an upload address, sends the file there and decodes the answer.
func (p *Publisher) carry(ctx context.Context, c *Client, method, field string, m delivery.Medium, taken any) *delivery.Failure {
	var server struct {
		URL string `json:"upload_url"`
	}
	if f := c.do(ctx, method, map[string]any{"group_id": p.opt.GroupID}, &server); f != nil {
		return f
	}
	ctx, cancel := context.WithTimeout(ctx, p.opt.UploadTimeout)
	defer cancel()
	answer, err := c.upload(ctx, server.URL, field, m)
	if err == nil {
		err = json.Unmarshal(answer, taken)
	}
	var status *StatusError
	switch {
	case errors.As(err, &status) && status.Status == http.StatusRequestEntityTooLarge:
		return refusal("vk.upload", "Файл «"+m.Name+"» больше, чем принимает ВКонтакте; уменьшите его.")
	case err != nil:
		f := c.outcome(c.mask(err), true)
		f.Message = "Загрузка файла «" + m.Name + "» во ВКонтакте прервалась; программа повторит её сама."
		return f
	}
	return nil
}

// upload sends a file as a form. The file is read as it leaves, never as a whole.
func (c *Client) upload(ctx context.Context, address, field string, m delivery.Medium) ([]byte, error) {
	if u, err := url.Parse(address); err != nil || u.Host == "" {
		return nil, errors.New("the network gave no address for the upload")
	}
	var head bytes.Buffer
	form := multipart.NewWriter(&head)
	part := textproto.MIMEHeader{}
	part.Set("Content-Disposition", multipart.FileContentDisposition(field, fileName(m)))
	part.Set("Content-Type", m.Type)
	if m.Type == "" {
		part.Set("Content-Type", "application/octet-stream")
	}
	if _, err := form.CreatePart(part); err != nil {
		return nil, err
	}
	tail := "\r\n--" + form.Boundary() + "--\r\n"
	size := int64(head.Len()) + m.Size + int64(len(tail))
	body := io.MultiReader(&head, io.NewSectionReader(m.Data, 0, m.Size), strings.NewReader(tail))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, io.NopCloser(body))
	if err != nil {
		return nil, err
	}
	req.ContentLength = size
	req.Header.Set("Content-Type", form.FormDataContentType())
	resp, err := (&http.Client{Transport: c.api.Client.Transport, CheckRedirect: c.api.Client.CheckRedirect}).Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	return io.ReadAll(resp.Body)
}

// fileName has the extension by which the network knows the kind of a file.
func fileName(m delivery.Medium) string {
	name := path.Base(strings.ReplaceAll(m.Name, "\\", "/"))
	if path.Ext(name) != "" || m.Kind != delivery.Photo {
		return name
	}
	switch m.Type {
	case "image/png":
		return "photo.png"
	case "image/gif":
		return "photo.gif"
	}
	return "photo.jpg"
}

func cut(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most])
}

// objectName is how attachments name an object: "photo-1_2", with the key that
// opens it if there is one.
func objectName(kind string, owner, id int, key string) string {
	name := fmt.Sprintf("%s%d_%d", kind, owner, id)
	if key != "" {
		name += "_" + key
	}
	return name
}

// parseObject reads what objectName wrote.
func parseObject(name string) (kind string, owner, id int, ok bool) {
	at := strings.IndexAny(name, "-0123456789")
	if at <= 0 {
		return "", 0, 0, false
	}
	parts := strings.Split(name[at:], "_")
	if len(parts) < 2 {
		return "", 0, 0, false
	}
	owner, errOwner := strconv.Atoi(parts[0])
	id, errID := strconv.Atoi(parts[1])
	return name[:at], owner, id, errOwner == nil && errID == nil && owner != 0 && id > 0
}
