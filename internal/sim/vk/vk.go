// Package vk is a simulator of VK API 5.131 as far as watching a community's
// wall and answering on it needs: the method calls over their true wire
// format, the Bots Long Poll, an admin API for what citizens do, faults on
// demand, and pages on which a person sees the threads.
package vk

import (
	"context"
	"net/http"
	"sync"
	"time"

	"otklik/internal/sim/record"
)

// APIVersion is the version of VK API that the simulator speaks.
const APIVersion = "5.131"

// maxEvents is how many events of a community the long poll remembers. A
// client that fell further behind is told failed 1, as by the network.
const maxEvents = 10_000

// Options of a simulator. Now and Log are required.
type Options struct {
	Now func() time.Time
	Log *record.Log
	// BaseURL gives the address under which APIHandler is reachable, without a
	// trailing slash; the long poll's address is made of it. It is a function
	// because the address is known only after listening.
	BaseURL func() string
	// Zone is in what the pages show times; nil means UTC.
	Zone *time.Location
	// Limits turns on error 6 above 3, 20 and 5 calls in a sliding second for
	// user, community and service tokens.
	Limits bool
	// FirstID is above which the numbers of what is written begin. A world made
	// anew for a program that remembers an earlier one must not repeat them.
	FirstID int
}

// Server is one simulated network. Its methods may be called concurrently.
type Server struct {
	opt     Options
	methods map[string]method
	faults  record.Faults
	done    chan struct{}
	closer  sync.Once

	mu          sync.Mutex
	communities map[int]*community // by group id
	users       map[int]*User
	walls       map[int]*wall // by owner id
	tokens      map[string]*token
	guids       map[string]guidEntry
	nextKey     int64
}

// New returns an empty network.
func New(opt Options) *Server {
	if opt.Zone == nil {
		opt.Zone = time.UTC
	}
	return &Server{
		opt:         opt,
		methods:     methods(),
		done:        make(chan struct{}),
		communities: map[int]*community{},
		users:       map[int]*User{},
		walls:       map[int]*wall{},
		tokens:      map[string]*token{},
		guids:       map[string]guidEntry{},
	}
}

// Close answers all waiting long polls, so that an HTTP server can shut down.
func (s *Server) Close() { s.closer.Do(func() { close(s.done) }) }

// Faults are the misfortunes prepared for coming calls. What the kinds do:
// "error" answers with the API error Code; "status" with the HTTP status Code
// and no body; "html", "empty", "hang" and "reset" spoil the answer before the
// call takes effect; "slow", "lost" and "truncated" after it took effect;
// "failed" answers a long poll with {"failed": Code}.
func (s *Server) Faults() *record.Faults { return &s.faults }

// APIHandler serves /method/NAME and the long poll.
func (s *Server) APIHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /method/{method}", s.serveMethod)
	mux.HandleFunc("POST /method/{method}", s.serveMethod)
	mux.HandleFunc("GET /longpoll/{group}", s.serveLongPoll)
	return mux
}

// wait sleeps for d, or until the client is gone or the simulator closes.
func (s *Server) wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	case <-s.done:
	}
}
