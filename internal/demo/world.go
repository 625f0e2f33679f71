// Package demo is a seeded agency in simulated networks: a city administration
// with people for each role, an hour of history, and a living feed. Every text
// in it was written for it.
package demo

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"otklik/internal/app"
	"otklik/internal/sim"
	"otklik/internal/sim/telegram"
	"otklik/internal/sim/vk"
	"otklik/internal/social"
)

// The demo's pages. The keys open nothing but the simulator.
const (
	groupID        = 217400001
	communityToken = "demo-community-key"
	serviceToken   = "demo-service-key"
	adminToken     = "demo-admin-key"
	adminID        = 4_900_001 // whose key the administrator's is
	botToken       = "7000000001:demo-bot-key"
	channelName    = "prirechensk_gorod"
	firstCitizen   = 5_000_001

	vkFollowers       = 19_045
	telegramFollowers = 6_899
)

// World is the demo's city in both networks.
type World struct {
	Sim   *sim.World
	clock *clock

	mu      sync.Mutex
	rnd     *rand.Rand
	users   []int // the same citizens have the same ids in both networks
	channel telegram.Channel
	vkPosts []int
	tgPosts []int64
	lastVK  []placed
	lastTG  []placed
	// afterwards is what authors do to their words once these have become cases.
	afterwards []func() error
}

// placed is a comment that others may reply to.
type placed struct{ post, id int64 }

// FreshID is a first number that no world of an earlier moment has used: time
// makes more of them than anybody writes.
func FreshID(now time.Time) int {
	const perSecond = 200
	begin := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	return int(now.Sub(begin).Seconds() * perSecond)
}

// NewWorld makes the networks with the agency's pages and citizens, without a
// word in them. base tells where the simulators are reachable.
func NewWorld(base func() string, limits bool, zone *time.Location, seed uint64, firstID int) (*World, error) {
	c := &clock{}
	w := &World{
		Sim:   sim.New(sim.Options{Now: c.now, BaseURL: base, Zone: zone, Limits: limits, FirstID: firstID}),
		clock: c, rnd: rand.New(rand.NewPCG(seed, 1)),
	}
	return w, w.found()
}

func (w *World) found() error {
	v := w.Sim.VK
	v.AddUser(vk.User{ID: adminID, FirstName: "Тимур", LastName: "Хасанов"})
	v.AddCommunity(vk.Community{ID: groupID, Name: Agency, ScreenName: "prirechensk", Followers: vkFollowers})
	for _, t := range []vk.Token{
		{Value: communityToken, Kind: vk.CommunityToken, CommunityID: groupID},
		{Value: serviceToken, Kind: vk.ServiceToken},
		{Value: adminToken, Kind: vk.UserToken, UserID: adminID, CommunityID: groupID},
	} {
		if err := v.AddToken(t); err != nil {
			return err
		}
	}
	t := w.Sim.Telegram
	if _, err := t.AddBot(telegram.Bot{Token: botToken, Username: "prirechensk_bot", FirstName: "Приреченск", ReadsAll: true}); err != nil {
		return err
	}
	var err error
	w.channel, err = t.AddChannel(telegram.Channel{Title: "Приреченск. Главное", Username: channelName, GroupTitle: "Приреченск. Обсуждение", Followers: telegramFollowers})
	if err != nil {
		return err
	}
	for i, p := range citizens() {
		if err := w.addCitizen(firstCitizen+i, p); err != nil {
			return err
		}
	}
	return w.settleNeighbours()
}

func (w *World) addCitizen(id int, p citizen) error {
	w.Sim.VK.AddUser(vk.User{ID: id, FirstName: p.first, LastName: p.last})
	_, err := w.Sim.Telegram.AddUser(telegram.User{ID: int64(id), FirstName: p.first, LastName: p.last})
	w.users = append(w.users, id)
	return err
}

// crowd adds citizens until there are n, so that a replay has many authors.
func (w *World) crowd(n int) error {
	names := citizens()
	for i := len(w.users); i < n; i++ {
		p := citizen{names[i%len(names)].first, names[(i*7+3)%len(names)].last}
		if err := w.addCitizen(firstCitizen+i, p); err != nil {
			return err
		}
	}
	return nil
}

// Pages is the configuration that makes the program read the demo's pages.
func (w *World) Pages(base string) ([]app.VKPage, []app.TelegramPage) {
	vkPage := app.VKPage{
		GroupID: groupID, Title: Agency, CommunityToken: app.NewSecret(communityToken), ServiceToken: app.NewSecret(serviceToken),
		AdminToken: app.NewSecret(adminToken),
		APIURL:     base, LinkBase: base + "/vk/",
	}
	tgPage := app.TelegramPage{
		Channel: "@" + channelName, Title: "Приреченск. Главное", BotToken: app.NewSecret(botToken),
		APIURL: base, LinkBase: base + "/tg/",
	}
	return []app.VKPage{vkPage}, []app.TelegramPage{tgPage}
}

// Page is where a citizen sees a comment in its thread.
func (w *World) Page(base string, ref social.Ref) string {
	if ref.Network == social.VK {
		if wall, ok := w.Sim.VK.Wall(-groupID); ok {
			for _, t := range wall.Threads {
				for _, c := range t.Comments {
					if "r"+strconv.Itoa(c.ID) == ref.ID {
						return fmt.Sprintf("%s/vk/wall%d_%d", base, -groupID, t.Post.ID)
					}
				}
			}
		}
		return base + "/vk/"
	}
	return base + "/tg/c/" + strings.TrimPrefix(ref.Owner, "-100") + "/" + ref.ID
}

// networksAt leads pages that name no address of their own to the simulator.
func networksAt(base string) app.Networks {
	return app.Networks{VKAPI: base, VKLinks: base + "/vk/", TelegramAPI: base, TelegramLinks: base + "/tg/", TelegramPages: base}
}

// ServeConfig is the configuration file that makes "otklik serve" read the
// demo's pages from a simulator of its own.
func (w *World) ServeConfig(base string) map[string]any {
	return map[string]any{
		"agency": Agency, "zone": zoneName, "listen": "127.0.0.1:8080", "data": "data",
		// What is connected on the pages is the simulator's too.
		"networks": networksAt(base),
		"vk": []map[string]any{{
			"group_id": groupID, "title": Agency, "community_token": communityToken, "service_token": serviceToken, "admin_token": adminToken,
			"api_url": base, "link_base": base + "/vk/",
		}},
		"telegram": []map[string]any{{
			"channel": "@" + channelName, "title": "Приреченск. Главное", "bot_token": botToken,
			"api_url": base, "link_base": base + "/tg/",
		}},
	}
}

// telling is one thing to be said at its minute of the last hour.
type telling struct {
	ago time.Duration
	say func() error
}

// TellHistory says what was written in the last hour, in its order and with its
// times, and returns how many items that made.
func (w *World) TellHistory() (int, error) {
	var all []telling
	for _, p := range history() {
		all = append(all, w.tellVK(p)...)
	}
	made := len(all)
	for _, p := range discussion() {
		all = append(all, w.tellTelegram(p)...)
		// Each message of a post stands in the channel and once more in the group.
		made += 2*max(1, len(p.photos)) + len(p.comments)
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].ago > all[j].ago })
	defer w.clock.setBack(0)
	for _, t := range all {
		w.clock.setBack(t.ago)
		if err := t.say(); err != nil {
			return 0, fmt.Errorf("demo history: %w", err)
		}
	}
	return made, nil
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

func (w *World) tellVK(p posting) []telling {
	var post int
	ids := make([]int, len(p.comments)+1)
	out := []telling{{minutes(p.minutesAgo), func() (err error) {
		media, err := w.upload(-groupID, p.photos)
		if err != nil {
			return err
		}
		post, err = w.Sim.VK.AddPost(vk.NewPost{OwnerID: -groupID, Text: p.text, Media: media})
		w.vkPosts = append(w.vkPosts, post)
		return err
	}}}
	for i, c := range p.comments {
		out = append(out, telling{minutes(c.minutesAgo), func() (err error) {
			media, err := w.upload(w.users[c.by], c.photos)
			if err != nil {
				return err
			}
			ids[i+1], err = w.Sim.VK.AddComment(vk.NewComment{OwnerID: -groupID, PostID: post, FromID: w.users[c.by], Text: c.text, ReplyTo: ids[c.replies], Media: media})
			w.reconsider(c, ids[i+1])
			return err
		}})
	}
	return out
}

// upload gives VK the photos of an author and returns their names.
func (w *World) upload(owner int, list []scene) ([]string, error) {
	raw, err := pictures(list)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, photo := range raw {
		name, err := w.Sim.VK.AddPhoto(owner, photo)
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

// reconsider notes what the author of a comment does to it later.
func (w *World) reconsider(c remark, id int) {
	if c.edited != "" {
		w.afterwards = append(w.afterwards, func() error { return w.Sim.VK.EditComment(-groupID, id, c.edited) })
	}
	if c.deleted {
		w.afterwards = append(w.afterwards, func() error { return w.Sim.VK.DeleteComment(-groupID, id) })
	}
}

// tellAfterwards lets authors edit and delete what they wrote in the hour.
func (w *World) tellAfterwards() error {
	for _, do := range w.afterwards {
		if err := do(); err != nil {
			return fmt.Errorf("demo history: %w", err)
		}
	}
	w.afterwards = nil
	return nil
}

func (w *World) tellTelegram(p posting) []telling {
	var posted telegram.Posted
	ids := make([]int64, len(p.comments)+1)
	out := []telling{{minutes(p.minutesAgo), func() (err error) {
		photos, err := pictures(p.photos)
		if err != nil {
			return err
		}
		list, err := w.Sim.Telegram.Publish(telegram.NewPost{ChannelID: w.channel.ID, Text: p.text, Photos: photos})
		if err != nil {
			return err
		}
		posted = list[0]
		w.tgPosts = append(w.tgPosts, posted.MessageID)
		return nil
	}}}
	for i, c := range p.comments {
		out = append(out, telling{minutes(c.minutesAgo), func() (err error) {
			said := telegram.Comment{ChannelID: w.channel.ID, PostID: posted.MessageID, FromID: int64(w.users[c.by]), Text: c.text, ReplyTo: ids[c.replies]}
			if len(c.photos) > 0 {
				// A comment carries one photo: several would be several comments.
				if said.Photo, err = picture(c.photos[0]); err != nil {
					return err
				}
			}
			ids[i+1], err = w.Sim.Telegram.Comment(said)
			return err
		}})
	}
	return out
}

// post publishes a post of the agency in one of the networks.
func (w *World) post(n social.Network, text string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n == social.Telegram {
		p, err := w.Sim.Telegram.Post(w.channel.ID, text)
		w.tgPosts, w.lastTG = append(w.tgPosts, p.MessageID), nil
		return err
	}
	id, err := w.Sim.VK.AddPost(vk.NewPost{OwnerID: -groupID, Text: text})
	w.vkPosts, w.lastVK = append(w.vkPosts, id), nil
	return err
}
