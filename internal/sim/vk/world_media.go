package vk

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrMedia is returned for attachments that do not exist or may not stand together.
var ErrMedia = errors.New("vk simulator: bad attachment")

// media is what names like "photo-1_2,poll-1_3,https://…" mean.
type media struct {
	raw   []json.RawMessage
	polls []int
}

// resolve finds what attachments name.
func (s *Server) resolve(names []string) (media, error) {
	var out media
	links := 0
	for _, name := range names {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://") {
			if links++; links > 1 {
				return media{}, fmt.Errorf("%w: more than one link", ErrMedia)
			}
			out.raw = append(out.raw, encode(object{"type": "link", "link": object{"url": name, "title": name}}))
			continue
		}
		if err := s.resolveOne(name, &out); err != nil {
			return media{}, err
		}
	}
	return out, nil
}

func (s *Server) resolveOne(name string, out *media) error {
	kind, owner, id, ok := mediaName(name)
	if !ok {
		return fmt.Errorf("%w: %s", ErrMedia, name)
	}
	if kind == "poll" {
		if p := s.polls[id]; p == nil || p.OwnerID != owner {
			return fmt.Errorf("%w: %s: %w", ErrMedia, name, ErrNotFound)
		}
		out.polls = append(out.polls, id)
		return nil
	}
	f := s.files[fileKey(kind, owner, id)]
	if f == nil {
		return fmt.Errorf("%w: %s: %w", ErrMedia, name, ErrNotFound)
	}
	out.raw = append(out.raw, encode(object{"type": kind, kind: s.fileObject(f)}))
	return nil
}

// mediaName reads "photo-1_2" or "photo-1_2_accesskey".
func mediaName(name string) (kind string, owner, id int, ok bool) {
	at := strings.IndexFunc(name, func(r rune) bool { return r == '-' || r >= '0' && r <= '9' })
	if at <= 0 {
		return "", 0, 0, false
	}
	parts := strings.Split(name[at:], "_")
	if len(parts) < 2 {
		return "", 0, 0, false
	}
	owner, errOwner := strconv.Atoi(parts[0])
	id, errID := strconv.Atoi(parts[1])
	return name[:at], owner, id, errOwner == nil && errID == nil
}

func encode(v any) json.RawMessage {
	// Objects made here always encode.
	raw, _ := json.Marshal(v)
	return raw
}
