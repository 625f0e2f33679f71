// Package vktest starts a simulated VK for tests: one community with its keys,
// a few users and a post, on a real HTTP server.
package vktest

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"otklik/internal/sim/page"
	"otklik/internal/sim/record"
	"otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vkschema"
)

// The inhabitants of the simulated network.
const (
	GroupID      = 101
	OwnerID      = -GroupID
	OtherGroupID = 202
	Anna         = 11
	Boris        = 12
	Vera         = 13

	CommunityToken = "community-key-101"
	ServiceToken   = "service-key"
	AdminToken     = "admin-key" // of Vera, who administers GroupID
	OtherToken     = "community-key-202"
)

// Network is a running simulator.
type Network struct {
	*vk.Server
	URL  string // of the API, without a trailing slash
	Log  *record.Log
	Post int // a post that stands already

	t         testing.TB
	offset    atomic.Int64
	unchecked atomic.Bool
}

// Start runs a simulator until the test ends. The options' Now, Log and
// BaseURL are filled in.
func Start(t testing.TB, opt vk.Options) *Network {
	t.Helper()
	n := &Network{t: t, Log: record.NewLog(100_000)}
	opt.Log = n.Log
	if opt.Now == nil {
		opt.Now = n.Now
	}
	opt.BaseURL = func() string { return n.URL }
	n.Server = vk.New(opt)
	mux := http.NewServeMux()
	mux.Handle("/method/", n.APIHandler())
	mux.Handle("/longpoll/", n.APIHandler())
	mux.Handle("/vkupload/", n.APIHandler())
	mux.Handle("/vkfile/", n.APIHandler())
	mux.Handle("/admin/vk/", n.AdminHandler())
	mux.Handle("/vk/", n.PagesHandler(page.NewFrame()))
	server := httptest.NewServer(Check(t, mux, n.Server, n.object))
	n.URL = server.URL
	t.Cleanup(func() {
		n.Close()
		server.CloseClientConnections()
		server.Close()
	})
	n.populate()
	return n
}

// published is the schema of VK API, read once; its error says that it is absent.
var published = sync.OnceValues(func() (*vkschema.Schema, error) {
	dir, err := vkschema.Find()
	if err != nil {
		return nil, err
	}
	return vkschema.Load(dir)
})

// Check holds every call that next serves for a simulator against the published
// schema; where that is absent, it says so and checks nothing.
func Check(t testing.TB, next http.Handler, s *vk.Server, report func(error)) http.Handler {
	t.Helper()
	schema, err := published()
	switch {
	case errors.Is(err, vkschema.ErrAbsent):
		t.Log("Schema tests skipped: " + err.Error())
		return next
	case err != nil:
		t.Fatal(err)
	}
	return vkschema.Handler(next, vkschema.Checks{Schema: schema, KindOf: s.TokenKind, Report: report})
}

func (n *Network) object(err error) {
	if !n.unchecked.Load() {
		n.t.Error(err)
	}
}

// Unchecked turns the schema's check off, for a test that lets the network say
// what the schema does not know.
func (n *Network) Unchecked() { n.unchecked.Store(true) }

// Now is the network's clock, which Advance moves forward.
func (n *Network) Now() time.Time { return time.Now().Add(time.Duration(n.offset.Load())) }

// Advance moves the network's clock forward.
func (n *Network) Advance(d time.Duration) { n.offset.Add(int64(d)) }

func (n *Network) populate() {
	n.AddCommunity(vk.Community{ID: GroupID, Name: "Администрация Речного района", ScreenName: "rechnoy"})
	n.AddCommunity(vk.Community{ID: OtherGroupID, Name: "Соседи", ScreenName: "sosedi"})
	n.AddUser(vk.User{ID: Anna, FirstName: "Анна", LastName: "Крылова"})
	n.AddUser(vk.User{ID: Boris, FirstName: "Борис", LastName: "Зимин"})
	n.AddUser(vk.User{ID: Vera, FirstName: "Вера", LastName: "Лугова"})
	for _, token := range []vk.Token{
		{Value: CommunityToken, Kind: vk.CommunityToken, CommunityID: GroupID},
		{Value: OtherToken, Kind: vk.CommunityToken, CommunityID: OtherGroupID},
		{Value: ServiceToken, Kind: vk.ServiceToken},
		{Value: AdminToken, Kind: vk.UserToken, UserID: Vera, CommunityID: GroupID},
	} {
		if err := n.AddToken(token); err != nil {
			n.t.Fatal(err)
		}
	}
	n.Post = n.MustPost(vk.NewPost{Text: "Как убирают ваш двор? Расскажите."})
}

// MustPost adds a post to the community's wall unless another owner is named.
func (n *Network) MustPost(p vk.NewPost) int {
	n.t.Helper()
	if p.OwnerID == 0 {
		p.OwnerID = OwnerID
	}
	id, err := n.AddPost(p)
	if err != nil {
		n.t.Fatal(err)
	}
	return id
}

// MustComment adds a comment, under the first post and by Anna unless told otherwise.
func (n *Network) MustComment(c vk.NewComment) int {
	n.t.Helper()
	if c.OwnerID == 0 {
		c.OwnerID = OwnerID
	}
	if c.PostID == 0 {
		c.PostID = n.Post
	}
	if c.FromID == 0 {
		c.FromID = Anna
	}
	id, err := n.AddComment(c)
	if err != nil {
		n.t.Fatal(err)
	}
	return id
}

// MustComments adds that many numbered comments under a post.
func (n *Network) MustComments(post, count, replyTo int) []int {
	n.t.Helper()
	ids := make([]int, 0, count)
	for i := range count {
		ids = append(ids, n.MustComment(vk.NewComment{PostID: post, ReplyTo: replyTo, Text: fmt.Sprintf("Сообщение номер %d", i+1)}))
	}
	return ids
}

// Must fails the test on an error.
func (n *Network) Must(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

// Calls is how often a method was called.
func (n *Network) Calls(method string) int { return n.Log.Counts()["vk "+method] }
