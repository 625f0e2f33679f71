package vk

import (
	"fmt"
	"strconv"
	"strings"

	"otklik/internal/social"
)

// Links builds the addresses of the network's pages. The zero value leads to
// the real network.
type Links struct {
	// Base ends in a slash; empty means https://vk.com/.
	Base string
}

func (l Links) base() string {
	if l.Base == "" {
		return "https://vk.com/"
	}
	return strings.TrimRight(l.Base, "/") + "/"
}

// Post is the address of a post.
func (l Links) Post(owner, post int) string {
	return fmt.Sprintf("%swall%d_%d", l.base(), owner, post)
}

// Comment is the address of a comment; root is the first comment of its
// thread, zero if the comment stands on the first level.
func (l Links) Comment(owner, post, comment, root int) string {
	s := fmt.Sprintf("%s?reply=%d", l.Post(owner, post), comment)
	if root != 0 && root != comment {
		s += "&thread=" + strconv.Itoa(root)
	}
	return s
}

// Author is the page of a user, or of a community under its negative id.
func (l Links) Author(id int) string {
	switch {
	case id > 0:
		return l.base() + "id" + strconv.Itoa(id)
	case id < 0:
		return l.base() + "club" + strconv.Itoa(-id)
	}
	return ""
}

// Object is the page of an attachment such as "photo-1_2".
func (l Links) Object(kind string, owner, id int) string {
	return fmt.Sprintf("%s%s%d_%d", l.base(), kind, owner, id)
}

// PostRef names a post.
func PostRef(owner, post int) social.Ref {
	return social.Ref{Network: social.VK, Owner: strconv.Itoa(owner), ID: strconv.Itoa(post)}
}

// CommentRef names a comment under a post.
func CommentRef(owner, comment int) social.Ref {
	return social.Ref{Network: social.VK, Owner: strconv.Itoa(owner), ID: "r" + strconv.Itoa(comment)}
}

// ParseRef takes a reference apart; comment says that it names a comment. ok
// is false when it names nothing in VK.
func ParseRef(r social.Ref) (owner, id int, comment, ok bool) {
	text, comment := strings.CutPrefix(r.ID, "r")
	owner, errOwner := strconv.Atoi(r.Owner)
	id, errID := strconv.Atoi(text)
	ok = r.Network == social.VK && errOwner == nil && errID == nil && owner != 0 && id > 0
	return owner, id, comment, ok
}
