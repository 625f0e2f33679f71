package hour

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	simtg "otklik/internal/sim/telegram"
	simvk "otklik/internal/sim/vk"
	"otklik/internal/social"
)

// life is what people do within the hour; it keeps every text they ever wrote.
type life struct {
	c     *city
	dice  *rand.Rand
	texts map[social.Ref][]string
	at    map[social.Ref]time.Time // when it was written, by the true clock

	posts    []int // on the VK wall
	comments []remark
	threads  []int64 // of the Telegram group
	channel  []int64 // posts of the Telegram channel
	messages []remark
	written  int
	numbers  int // of the texts
	deleted  int
	gone     int // posts deleted
}

// remark is a comment and the post or thread under which it stands.
type remark struct{ id, under int64 }

func newLife(c *city, seed uint64) *life {
	return &life{c: c, dice: rand.New(rand.NewPCG(seed, 1)), texts: map[social.Ref][]string{}, at: map[social.Ref]time.Time{}}
}

const (
	postsAnHour = 40 // in each network
	burst       = 10 // how many items are written at one moment, at most
	recent      = 400
	fewPosts    = 3 // are deleted: what stands under them cannot be listed any more
)

// live writes n items in both networks within span, edits and deletes some, and
// returns early only when ctx ends.
func (l *life) live(ctx context.Context, n int, span time.Duration) {
	begun := time.Now()
	l.post()
	postEvery := max(n/postsAnHour, 1)
	for done := l.written; done < n && ctx.Err() == nil; {
		size := min(1+l.dice.IntN(burst), n-done)
		for range size {
			l.one(l.written, postEvery)
		}
		done = l.written
		pause(ctx, time.Until(begun.Add(span*time.Duration(done)/time.Duration(n))))
	}
}

func (l *life) one(i, postEvery int) {
	if i/postEvery >= len(l.posts) {
		l.post()
		return
	}
	if l.dice.IntN(2) == 0 {
		l.commentVK()
	} else {
		l.commentTelegram()
	}
	switch x := l.dice.IntN(1000); {
	case x < 50:
		l.editVK()
	case x < 100:
		l.editTelegram()
	case x < 130:
		l.deleteVK()
	case x < 145:
		l.deleteTelegram()
	case x < 150:
		l.editPosts()
	case x < 151:
		l.deletePost()
	}
}

func (l *life) must(err error) {
	if err != nil {
		l.c.t.Error(err)
	}
}

func (l *life) note(ref social.Ref, text string) {
	if len(l.texts[ref]) == 0 {
		l.written++
		l.at[ref] = time.Now()
	}
	l.texts[ref] = append(l.texts[ref], text)
}

// words are never the same twice, so that every version can be told apart.
func (l *life) words(what string) string {
	l.numbers++
	return fmt.Sprintf("%s № %d: на улице Садовой, %d опять не горит фонарь и не вывезен снег", what, l.numbers, l.dice.IntN(90)+1)
}

func (l *life) post() {
	text := l.words("Новость")
	id, err := l.c.vk.AddPost(simvk.NewPost{OwnerID: wallID, Text: text})
	l.must(err)
	l.posts = append(l.posts, id)
	l.note(vkRef(strconv.Itoa(id)), text)
	p, err := l.c.tg.Post(l.c.channel.ID, text)
	l.must(err)
	l.threads, l.channel = append(l.threads, p.GroupMessageID), append(l.channel, p.MessageID)
	l.note(tgRef(l.c.channel.ID, p.MessageID), text)
	l.note(tgRef(l.c.channel.GroupID, p.GroupMessageID), text)
}

// some picks a place near the end of a list of n, where life is.
func (l *life) some(n, near int) int { return n - 1 - l.dice.IntN(min(n, near)) }

func (l *life) commentVK() {
	n := simvk.NewComment{
		OwnerID: wallID, PostID: l.posts[l.some(len(l.posts), 6)], FromID: 1 + l.dice.IntN(citizens), Text: l.words("Комментарий"),
	}
	if len(l.comments) > 0 && l.dice.IntN(4) == 0 {
		to := l.comments[l.some(len(l.comments), 60)]
		n.PostID, n.ReplyTo = int(to.under), int(to.id)
	}
	id, err := l.c.vk.AddComment(n)
	if err != nil {
		return // the post or the comment is gone
	}
	l.note(vkRef("r"+strconv.Itoa(id)), n.Text)
	l.comments = append(l.comments, remark{int64(id), int64(n.PostID)})
}

func (l *life) commentTelegram() {
	n := simtg.Comment{
		GroupID: l.c.channel.GroupID, ThreadID: l.threads[l.some(len(l.threads), 6)],
		FromID: l.c.people[l.dice.IntN(citizens)], Text: l.words("Комментарий"),
	}
	if len(l.messages) > 0 && l.dice.IntN(4) == 0 {
		to := l.messages[l.some(len(l.messages), 60)]
		n.ThreadID, n.ReplyTo = to.under, to.id
	}
	id, err := l.c.tg.Comment(n)
	if err != nil {
		return // what it answers is gone
	}
	l.note(tgRef(l.c.channel.GroupID, id), n.Text)
	l.messages = append(l.messages, remark{id, n.ThreadID})
}

func (l *life) editVK() {
	if len(l.comments) == 0 {
		return
	}
	id, text := l.comments[l.some(len(l.comments), recent)].id, l.words("Правка")
	if l.c.vk.EditComment(wallID, int(id), text) == nil {
		l.note(vkRef("r"+strconv.FormatInt(id, 10)), text)
	}
}

func (l *life) editTelegram() {
	if len(l.messages) == 0 {
		return
	}
	id, text := l.messages[l.some(len(l.messages), recent)].id, l.words("Правка")
	if l.c.tg.EditComment(l.c.channel.GroupID, id, text) == nil {
		l.note(tgRef(l.c.channel.GroupID, id), text)
	}
}

// editPosts changes a post in each network; VK tells nobody of it.
func (l *life) editPosts() {
	i, text := l.some(len(l.posts), 20), l.words("Уточнение")
	if l.c.vk.EditPost(wallID, l.posts[i], text) == nil {
		l.note(vkRef(strconv.Itoa(l.posts[i])), text)
	}
	if l.c.tg.EditPost(l.c.channel.ID, l.channel[i], text) == nil {
		l.note(tgRef(l.c.channel.ID, l.channel[i]), text)
		l.note(tgRef(l.c.channel.GroupID, l.threads[i]), text)
	}
}

func (l *life) deleteVK() {
	if len(l.comments) == 0 {
		return
	}
	id := int(l.comments[l.some(len(l.comments), recent)].id)
	if l.c.vk.DeleteComment(wallID, id) != nil {
		return
	}
	l.deleted++
	if l.dice.IntN(5) == 0 {
		l.must(l.c.vk.RestoreComment(wallID, id))
		l.deleted--
	}
}

func (l *life) deleteTelegram() {
	if len(l.messages) > 0 && l.c.tg.DeleteMessage(l.c.channel.GroupID, l.messages[l.some(len(l.messages), recent)].id) == nil {
		l.deleted++
	}
}

// deletePost removes a post from the wall, and with it what stands under it.
func (l *life) deletePost() {
	if l.gone >= fewPosts {
		return
	}
	if l.c.vk.DeletePost(wallID, l.posts[l.some(len(l.posts), 20)]) == nil {
		l.gone++
		l.deleted++
	}
}

func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
