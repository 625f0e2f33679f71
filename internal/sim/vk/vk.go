// Package vk is a simulator of VK API 5.131 as far as a press service needs it:
// the wall and its comments, search, likes, polls, uploads, personal messages
// with keyboards, statistics, the Bots Long Poll and the callback API, all over
// their true wire format. It has an admin API for what citizens do, faults on
// demand, and pages on which a person plays a citizen. docs/simulators.md lists
// the methods and the limits.
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
	// Limits turns on the network's own limits: calls in a sliding second
	// (error 6), calls of some methods in a sliding day (error 29), posts on a
	// wall in a sliding day (error 214).
	Limits bool
	// CallbackPause is how long the callback API waits before it repeats an
	// event for the first time; each further pause is twice as long. Zero means
	// a second.
	CallbackPause time.Duration
	Switches      Switches
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

	callbacks   *http.Client
	workers     sync.WaitGroup // that deliver callback events
	stopWorkers context.CancelFunc
	working     context.Context

	mu          sync.Mutex
	switches    Switches
	communities map[int]*community // by group id
	users       map[int]*User
	walls       map[int]*wall // by owner id
	tokens      map[string]*token
	guids       map[string]guidEntry
	nextKey     int64
	due         time.Time // when tick has something to do; zero means never
	postponed   []*Post
	likes       map[Thing][]int
	polls       map[int]*Poll
	lastPoll    int // polls and their answers are numbered together
	files       map[string]*File
	uploads     map[string]*upload
	lastFile    int
}

// New returns an empty network.
func New(opt Options) *Server {
	if opt.Zone == nil {
		opt.Zone = time.UTC
	}
	s := &Server{
		opt:         opt,
		methods:     methods(),
		done:        make(chan struct{}),
		callbacks:   newCallbackClient(),
		switches:    opt.Switches,
		communities: map[int]*community{},
		users:       map[int]*User{},
		walls:       map[int]*wall{},
		tokens:      map[string]*token{},
		guids:       map[string]guidEntry{},
		likes:       map[Thing][]int{},
		polls:       map[int]*Poll{},
		files:       map[string]*File{},
		uploads:     map[string]*upload{},
		lastPoll:    opt.FirstID,
		lastFile:    opt.FirstID,
	}
	s.working, s.stopWorkers = context.WithCancel(context.Background())
	return s
}

// Close answers all waiting long polls, so that an HTTP server can shut down,
// and ends the delivery of callback events.
func (s *Server) Close() {
	s.closer.Do(func() {
		close(s.done)
		s.stopWorkers()
	})
	s.workers.Wait()
	s.callbacks.CloseIdleConnections()
}

// APIHandler serves /method/NAME, the long poll, the upload servers and the
// uploaded files.
func (s *Server) APIHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /method/{method}", s.serveMethod)
	mux.HandleFunc("POST /method/{method}", s.serveMethod)
	mux.HandleFunc("GET /longpoll/{group}", s.serveLongPoll)
	mux.HandleFunc("POST /vkupload/{ticket}", s.serveUpload)
	mux.HandleFunc("GET /vkfile/{name}", s.serveFile)
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
