package vk

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"unicode/utf8"
)

// confirmationCode is what a community's callback servers have to answer. It
// belongs to the community and does not change.
func confirmationCode(groupID int) string {
	sum := sha256.Sum256([]byte("confirmation " + strconv.Itoa(groupID)))
	return hex.EncodeToString(sum[:4])
}

// managed is the community of a call whose token may manage it.
func (s *Server) managed(c *call) (*community, *apiError) {
	g, failure := s.own(c)
	if failure != nil {
		return nil, failure
	}
	if !c.token.may("manage") {
		return nil, denied("group manage rights are required")
	}
	return g, nil
}

func (s *Server) groupsGetCallbackConfirmationCode(c *call) (any, *apiError) {
	g, failure := s.managed(c)
	if failure != nil {
		return nil, failure
	}
	return object{"code": confirmationCode(g.ID)}, nil
}

// readServer holds the parameters of a callback server against their bounds.
func (c *call) readServer() (address, title, secret string, failure *apiError) {
	address, title, secret = c.params.Get("url"), c.params.Get("title"), c.params.Get("secret_key")
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		failure = badParam("url is invalid")
	case title == "" || utf8.RuneCountInString(title) > 14:
		failure = badParam("title should be 1 to 14 characters long")
	case len(secret) > 50:
		failure = badParam("secret_key should be less than 50 letters")
	}
	return address, title, secret, failure
}

func (s *Server) groupsAddCallbackServer(c *call) (any, *apiError) {
	g, failure := s.managed(c)
	if failure != nil {
		return nil, failure
	}
	address, title, secret, failure := c.readServer()
	if failure != nil {
		return nil, failure
	}
	if len(g.servers) >= maxCallbackServers {
		return nil, &apiError{2000, "Servers number limit is reached"}
	}
	g.lastServer++
	server := &callbackServer{
		id: g.lastServer, creator: c.viewer(), url: address, title: title, secret: secret,
		status: "wait", wanted: map[string]bool{}, wake: make(chan struct{}, 1),
	}
	g.servers = append(g.servers, server)
	s.confirm(g, server)
	select {
	case <-s.done:
	default:
		s.workers.Add(1)
		go s.work(g, server)
	}
	return object{"server_id": server.id}, nil
}

// confirm asks a server for the confirmation code.
func (s *Server) confirm(g *community, server *callbackServer) {
	server.status = "wait"
	server.push(encode(object{"type": "confirmation", "group_id": g.ID, "event_id": randomHex(20), "v": APIVersion}))
}

// serverOf finds the callback server of a call.
func (s *Server) serverOf(c *call) (*community, *callbackServer, *apiError) {
	g, failure := s.managed(c)
	if failure != nil {
		return nil, nil, failure
	}
	id := c.int("server_id")
	at := slices.IndexFunc(g.servers, func(x *callbackServer) bool { return x.id == id })
	if at < 0 {
		return nil, nil, &apiError{104, "Not found"}
	}
	return g, g.servers[at], nil
}

func (s *Server) groupsEditCallbackServer(c *call) (any, *apiError) {
	g, server, failure := s.serverOf(c)
	if failure != nil {
		return nil, failure
	}
	address, title, secret, failure := c.readServer()
	if failure != nil {
		return nil, failure
	}
	moved := address != server.url
	if server.url, server.title, server.secret = address, title, secret; moved {
		s.confirm(g, server)
	}
	return 1, nil
}

func (s *Server) groupsDeleteCallbackServer(c *call) (any, *apiError) {
	g, server, failure := s.serverOf(c)
	if failure != nil {
		return nil, failure
	}
	g.servers = slices.DeleteFunc(g.servers, func(x *callbackServer) bool { return x == server })
	server.gone = true
	server.signal()
	return 1, nil
}

func (s *Server) groupsGetCallbackServers(c *call) (any, *apiError) {
	g, failure := s.managed(c)
	if failure != nil {
		return nil, failure
	}
	items, wanted := []object{}, c.ints("server_ids")
	for _, x := range g.servers {
		if len(wanted) > 0 && !slices.Contains(wanted, x.id) {
			continue
		}
		items = append(items, object{
			"id": x.id, "title": x.title, "creator_id": x.creator, "url": x.url, "secret_key": x.secret, "status": x.status,
		})
	}
	return object{"count": len(items), "items": items}, nil
}

func (s *Server) groupsGetCallbackSettings(c *call) (any, *apiError) {
	_, server, failure := s.serverOf(c)
	if failure != nil {
		return nil, failure
	}
	return object{"api_version": APIVersion, "events": eventSettings(server.wanted)}, nil
}

func (s *Server) groupsSetCallbackSettings(c *call) (any, *apiError) {
	_, server, failure := s.serverOf(c)
	if failure != nil {
		return nil, failure
	}
	for _, name := range sentEvents() {
		if c.params.Has(name) {
			server.wanted[name] = c.bool(name)
		}
	}
	return 1, nil
}
