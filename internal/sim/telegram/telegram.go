// Package telegram is a simulator of Telegram as a bot sees it: the Bot API
// over its true wire, a world of channels with linked discussion groups behind
// it, an admin API that injects what people do, and pages on which a person
// reads the threads.
//
// The shapes follow the Bot API 10.1. Updates are never sent for deletions and
// a bot never receives its own messages, as in the real network.
package telegram

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"otklik/internal/errs"
	"otklik/internal/sim/record"
)

// Options configure a Server.
type Options struct {
	// Now is the clock of everything that is stamped or aged.
	Now func() time.Time
	// Log records every call of the Bot API; nil records nothing.
	Log *record.Log
	// Limits turns on the network's own limits: 30 messages a second for a
	// bot, one a second for a chat with a burst of three, 20 a minute for a group.
	Limits bool
	// WebhookRetry is the first pause before an update that the webhook
	// refused is delivered again; it doubles up to a minute. Zero means a second.
	WebhookRetry time.Duration
	// FirstID is above which the numbers of what is written begin. A world made
	// anew for a program that remembers an earlier one must not repeat them.
	FirstID int64
	// Switches are what the network is seen to do now this way, now that.
	Switches Switches
}

// Switches are behaviours of the network that differ from case to case; they
// can be changed while the simulator runs.
type Switches struct {
	// AlbumsApart forwards the albums of a channel into its group without their
	// media_group_id, as reported in tdlib/telegram-bot-api#46.
	AlbumsApart bool `json:"albums_apart"`
	// ReactionDelay, in milliseconds, is how late the count of reactions is told
	// and over which it is grouped: "updates are grouped and can be sent with
	// delay up to a few minutes" (Update.message_reaction_count).
	ReactionDelay int `json:"reaction_delay_ms"`
}

// Server is the simulated network. It is safe for concurrent use.
type Server struct {
	clock   func() time.Time
	log     *record.Log
	limits  bool
	retry   time.Duration
	firstID int64
	methods map[string]method
	faults  record.Faults
	webhook *http.Client
	done    chan struct{}
	closing sync.Once
	workers sync.WaitGroup

	mu       sync.Mutex
	bots     []*bot
	byToken  map[string]*bot
	users    map[int64]*wireUser
	userIDs  []int64 // in order of appearance
	chats    map[int64]*chat
	chatIDs  []int64 // in order of appearance
	migrated map[int64]int64
	files    fileStore
	polls    map[string]*poll
	planned  []planned
	switches Switches
	nextUser int64
	nextBot  int64
	nextChat int64
	nextID   int64 // polls, albums and callback queries
}

// New returns an empty world.
func New(o Options) *Server {
	s := &Server{
		clock: o.Now, log: o.Log, limits: o.Limits, retry: o.WebhookRetry, firstID: o.FirstID,
		webhook: &http.Client{
			Timeout: 30 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			},
			Transport: &http.Transport{MaxIdleConnsPerHost: 4, IdleConnTimeout: 30 * time.Second},
		},
		done:     make(chan struct{}),
		byToken:  map[string]*bot{},
		users:    map[int64]*wireUser{},
		chats:    map[int64]*chat{},
		migrated: map[int64]int64{},
		polls:    map[string]*poll{},
		switches: o.Switches,
		nextUser: 210_000_000,
		nextBot:  7_100_000_000,
		nextChat: 1_900_000_000,
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.retry <= 0 {
		s.retry = time.Second
	}
	s.methods = methodTable()
	return s
}

// Close lets waiting long polls go and stops the webhook deliveries. Call it
// before closing the HTTP server, which waits for its open requests.
func (s *Server) Close() {
	s.closing.Do(func() {
		close(s.done)
		s.mu.Lock()
		for _, b := range s.bots {
			b.stopWebhook()
		}
		s.mu.Unlock()
		s.workers.Wait()
		s.webhook.CloseIdleConnections()
	})
}

// now is the network's clock, which a fault may have put ahead or behind.
func (s *Server) now() time.Time {
	now := s.clock()
	if f, wrong := s.faults.Lasting(now, record.FaultClock); wrong {
		now = now.Add(time.Duration(f.Delay) * time.Millisecond)
	}
	return now
}

// Faults are the misfortunes waiting for coming calls and updates. Their Method
// is the Bot API's method name ("getUpdates", "send*"), for updates "update:"
// and the kind of the update ("update:*").
//
//	error      the error envelope with Code; 429 carries retry_after
//	status     the bare HTTP status Code
//	html       a gateway's page, status 502
//	empty      200 with no body, nothing takes effect
//	truncated  the call takes effect, half of its answer arrives
//	slow       the call takes effect at once, its answer comes after Delay
//	drip       the call takes effect, its answer comes in pieces over Delay
//	hang       nothing takes effect, the connection breaks after Delay
//	lost       the call takes effect, the connection breaks after Delay
//	reset      the connection breaks, nothing takes effect
//	migrate    the group that chat_id names gets a new id, then the call is refused
//	revoke     the token is revoked, then the call is refused
//	clock      the network's clock is Delay ahead while the fault lasts
//	repeat     an update comes again, confirmed or not, after Delay
//	shuffle    an update comes after the next one, or after Delay
//	delay      an update comes after Delay
//	drop       an update never comes
func (s *Server) Faults() *record.Faults { return &s.faults }

// Play prepares the faults of a scenario, which starts now.
func (s *Server) Play(scenario record.Scenario) {
	for _, f := range scenario.Faults("telegram", s.clock()) {
		s.faults.Add(f)
	}
}

// SetSwitches changes how the network behaves from now on.
func (s *Server) SetSwitches(to Switches) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.switches = to
}

// Bot is one bot of the world.
type Bot struct {
	ID        int64  `json:"id"`
	Token     string `json:"token"`
	Username  string `json:"username"`
	FirstName string `json:"first_name"`
	// ReadsAll is privacy mode turned off (can_read_all_group_messages).
	ReadsAll bool `json:"reads_all"`
	// Stranger keeps the bot out of the chats of the world; without it the
	// bot is an administrator of every channel and group, earlier and later.
	Stranger bool `json:"stranger"`
}

// AddBot adds a bot. An empty token, id or name is made up.
func (s *Server) AddBot(b Bot) (Bot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.ID == 0 {
		if b.ID = tokenID(b.Token); b.ID == 0 {
			s.nextBot++
			b.ID = s.nextBot
		}
	}
	if b.Token == "" {
		b.Token = fakeToken(b.ID, "")
	}
	if b.Username == "" {
		b.Username = "otklik_bot"
	}
	if b.FirstName == "" {
		b.FirstName = "Отклик"
	}
	if s.byToken[b.Token] != nil || s.users[b.ID] != nil {
		return Bot{}, errs.New(errs.Conflict, "Такой бот уже есть: дайте другой ключ.")
	}
	nb := newBot(b, s.firstID)
	s.bots = append(s.bots, nb)
	s.byToken[b.Token] = nb
	s.users[b.ID] = &nb.user
	if !b.Stranger {
		for _, c := range s.chats {
			c.members[b.ID] = statusAdministrator
		}
	}
	return b, nil
}

// User is one citizen.
type User struct {
	ID        int64  `json:"id"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Username  string `json:"username"`
}

// AddUser adds a citizen; a zero id is made up.
func (s *Server) AddUser(u User) (User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.TrimSpace(u.FirstName) == "" {
		return User{}, errs.New(errs.Invalid, "У пользователя должно быть имя: заполните first_name.")
	}
	if u.ID == 0 {
		s.nextUser++
		u.ID = s.nextUser
	}
	if u.ID < 0 || s.users[u.ID] != nil {
		return User{}, errs.New(errs.Conflict, "Пользователь с таким номером уже есть: дайте другой id.")
	}
	s.users[u.ID] = &wireUser{ID: u.ID, FirstName: u.FirstName, LastName: u.LastName, Username: u.Username, LanguageCode: "ru"}
	s.userIDs = append(s.userIDs, u.ID)
	return u, nil
}

// Channel is a channel with the discussion group that is linked to it.
type Channel struct {
	ID       int64  `json:"channel_id"`
	Title    string `json:"title"`
	Username string `json:"username"`
	// Hidden gives the channel no public preview page.
	Hidden bool `json:"hidden"`
	// GroupID is zero for a channel without discussions.
	GroupID    int64  `json:"group_id"`
	GroupTitle string `json:"group_title"`
	// Followers are how many read it besides those that exist here.
	Followers int `json:"followers,omitempty"`
}

// AddChannel adds a channel and, if GroupTitle is given, its linked group. Zero
// ids are made up.
func (s *Server) AddChannel(c Channel) (Channel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.Title == "" || !validUsername(c.Username) || slices.Contains([]string{"bots", "faults", "files"}, c.Username) {
		return Channel{}, errs.New(errs.Invalid, "У канала должны быть название (title) и имя латиницей (username).")
	}
	if s.chatByUsername(c.Username) != nil {
		return Channel{}, errs.New(errs.Conflict, "Канал с таким именем уже есть: дайте другое username.")
	}
	channel, err := s.addChat(wireChat{ID: c.ID, Type: typeChannel, Title: c.Title, Username: c.Username})
	if err != nil {
		return Channel{}, err
	}
	c.ID, channel.hidden, channel.followers = channel.wire.ID, c.Hidden, c.Followers
	if c.GroupTitle == "" {
		return c, nil
	}
	group, err := s.addChat(wireChat{ID: c.GroupID, Type: typeSupergroup, Title: c.GroupTitle})
	if err != nil {
		return Channel{}, err
	}
	c.GroupID = group.wire.ID
	channel.linked, group.linked = c.GroupID, c.ID
	return c, nil
}

func (s *Server) addChat(w wireChat) (*chat, error) {
	if w.ID == 0 {
		s.nextChat++
		w.ID = groupPrefix - s.nextChat
	}
	if s.chats[w.ID] != nil || w.ID >= 0 || (w.Type != typeGroup && w.ID > groupPrefix) {
		return nil, errs.New(errs.Conflict, "Номер чата занят или не похож на -100…: дайте другой.")
	}
	c := newChat(w)
	c.next = s.firstID
	for _, b := range s.bots {
		if !b.spec.Stranger {
			c.members[b.spec.ID] = statusAdministrator
		}
	}
	s.chats[w.ID] = c
	s.chatIDs = append(s.chatIDs, w.ID)
	return c, nil
}

// Group is a group that is linked to no channel.
type Group struct {
	ID    int64  `json:"group_id"`
	Title string `json:"title"`
	// Basic makes a basic group, which Migrate turns into a supergroup.
	Basic bool `json:"basic"`
}

// AddGroup adds a group; a zero id is made up.
func (s *Server) AddGroup(g Group) (Group, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.TrimSpace(g.Title) == "" {
		return Group{}, errs.New(errs.Invalid, "У группы должно быть название: заполните title.")
	}
	w := wireChat{ID: g.ID, Type: typeSupergroup, Title: g.Title}
	if g.Basic {
		if w.Type = typeGroup; w.ID == 0 {
			s.nextChat++
			w.ID = -s.nextChat
		}
	}
	c, err := s.addChat(w)
	if err != nil {
		return Group{}, err
	}
	g.ID = c.wire.ID
	return g, nil
}

// RevokeToken makes the bot's token invalid and returns the new one, which only
// the bot's owner learns.
func (s *Server) RevokeToken(botID int64) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.botByID(botID)
	if b == nil {
		return "", errs.New(errs.NotFound, "Такого бота в имитаторе нет.")
	}
	delete(s.byToken, b.spec.Token)
	b.spec.Token = fakeToken(b.spec.ID, b.spec.Token)
	s.byToken[b.spec.Token] = b
	return b.spec.Token, nil
}
