package telegram

import (
	"context"
	"encoding/json"
	"errors"

	"otklik/collectors"
)

// whyBroken says in a sentence for people why an update did not decode.
func whyBroken(err error) string {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		return "Поле «" + kind.Field + "» обновления имеет неожиданный вид (" + kind.Value + ")."
	case errors.As(err, &kind):
		return "Обновление имеет неожиданный вид (" + kind.Value + ")."
	case errors.As(err, &syntax):
		return "Обновление пришло не в формате JSON."
	}
	return "Обновление не удалось разобрать: " + err.Error() + "."
}

// Reader implements collectors.Rereader.
func (s *Source) Reader() int { return readerVersion }

// Reread implements collectors.Rereader. Of the cursor it needs the threads
// that the stream remembers; it calls nobody.
func (s *Source) Reread(_ context.Context, cursor collectors.Cursor, list []collectors.KeptUpdate) ([]collectors.KeptUpdate, error) {
	at, err := parsePosition(cursor)
	if err != nil {
		return nil, err
	}
	posts := at.clone().Posts
	seen := s.mapper.session(&posts)
	out := make([]collectors.KeptUpdate, len(list))
	for i, kept := range list {
		u, _, _ := s.mapper.update(seen, kept.Raw)
		u.Key = kept.Key
		out[i] = collectors.KeptUpdate{Update: u, ReceivedAt: kept.ReceivedAt}
	}
	return out, nil
}
