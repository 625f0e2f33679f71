package telegram

// shownComment is a comment in its place on the page.
type shownComment struct {
	Message
	Class string
}

// shownComments orders a thread for the page: each comment is followed by the
// replies to it. Of a long thread the newest are shown, and the comment in
// focus with what it hangs on and what hangs on it.
func shownComments(t Thread, focus int64) []shownComment {
	byID := make(map[int64]Message, len(t.Messages))
	children := map[int64][]int64{}
	for _, m := range t.Messages {
		byID[m.ID] = m
	}
	var top []int64
	for _, m := range t.Messages {
		if _, ok := byID[m.ReplyTo]; ok {
			children[m.ReplyTo] = append(children[m.ReplyTo], m.ID)
		} else {
			top = append(top, m.ID)
		}
	}
	show := map[int64]bool{}
	for _, m := range t.Messages[max(0, len(t.Messages)-maxShown):] {
		show[m.ID] = true
	}
	for id := focus; byID[id].ID != 0; id = byID[id].ReplyTo {
		show[id] = true
	}
	for _, id := range children[focus] {
		show[id] = true
	}
	out := make([]shownComment, 0, len(show))
	stack := reversed(top)
	for len(stack) > 0 {
		id := stack[len(stack)-1]
		stack = append(stack[:len(stack)-1], reversed(children[id])...)
		if m := byID[id]; show[id] {
			_, reply := byID[m.ReplyTo]
			out = append(out, shownComment{m, class(m, reply)})
		}
	}
	return out
}

func class(m Message, reply bool) string {
	out := ""
	if reply {
		out += " reply"
	}
	if m.Own {
		out += " own"
	}
	if m.Deleted {
		out += " gone"
	}
	if out == "" {
		return ""
	}
	return out[1:]
}

func reversed(ids []int64) []int64 {
	out := make([]int64, len(ids))
	for i, id := range ids {
		out[len(ids)-1-i] = id
	}
	return out
}
