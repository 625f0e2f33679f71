package vk_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/SevereCloud/vksdk/v2/api"

	"otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
)

// picture is a small PNG.
func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSearch(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	for i := range 5 {
		n.MustPost(vk.NewPost{Text: fmt.Sprintf("Ремонт дороги, участок %d", i), Date: n.Now().Add(time.Duration(i-10) * time.Minute)})
	}
	n.MustPost(vk.NewPost{OwnerID: -vktest.OtherGroupID, Text: "У нас тоже РЕМОНТ дороги"})
	n.MustPost(vk.NewPost{Text: "Ремонт дороги в прошлом году", Date: n.Now().AddDate(-1, 0, 0)})
	c := sdk(n, vktest.ServiceToken)
	found, err := c.WallSearch(api.Params{"owner_id": vktest.OwnerID, "query": "ремонт дороги", "count": 3, "offset": 1})
	if err != nil || found.Count != 6 || len(found.Items) != 3 || found.Items[0].Text != "Ремонт дороги, участок 3" {
		t.Errorf("wall.search: %d, %+v, %v", found.Count, found.Items, err)
	}
	_, err = c.WallSearch(api.Params{"owner_id": vktest.OwnerID, "query": " "})
	wantCode(t, "an empty query", err, 100)

	var texts []string
	next := ""
	for {
		p := api.Params{"q": "ремонт", "count": 4}
		if next != "" {
			p["start_from"] = next
		}
		page, err := c.NewsfeedSearchExtended(p)
		if err != nil || page.TotalCount != 6 || len(page.Groups) == 0 {
			t.Fatalf("newsfeed.search: %+v, %v", page, err)
		}
		for _, post := range page.Items {
			texts = append(texts, post.Text)
		}
		if next = page.NextFrom; next == "" {
			break
		}
	}
	// What is older than a day is only found when asked for.
	if len(texts) != 6 || texts[0] != "У нас тоже РЕМОНТ дороги" {
		t.Errorf("newsfeed.search gave %q", texts)
	}
	old, err := c.NewsfeedSearch(api.Params{"q": "ремонт", "start_time": n.Now().AddDate(-2, 0, 0).Unix()})
	if err != nil || len(old.Items) != 7 {
		t.Errorf("with start_time: %d, %v", len(old.Items), err)
	}
}

func TestPostsWithMedia(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	c := sdk(n, vktest.AdminToken)
	photos, err := c.UploadGroupWallPhoto(vktest.GroupID, bytes.NewReader(picture(t, 40, 30)))
	if err != nil || len(photos) != 1 || photos[0].OwnerID != vktest.OwnerID || photos[0].Sizes[0].Width != 40 {
		t.Fatalf("%+v, %v", photos, err)
	}
	if status, body := call(t, "GET", photos[0].Sizes[0].URL, ""); status != 200 || body != string(picture(t, 40, 30)) {
		t.Errorf("the photo is served as %d, %d bytes", status, len(body))
	}
	docs, err := c.UploadGroupWallDoc(vktest.GroupID, "Отчёт.pdf", "", strings.NewReader("%PDF-1.4"))
	if err != nil || docs.Doc.Title != "Отчёт.pdf" || docs.Doc.Ext != "pdf" {
		t.Fatalf("%+v, %v", docs, err)
	}
	photo := fmt.Sprintf("photo%d_%d", photos[0].OwnerID, photos[0].ID)
	doc := fmt.Sprintf("doc%d_%d", docs.Doc.OwnerID, docs.Doc.ID)
	post := func(attachments, text string) (int, error) {
		r, err := c.WallPost(api.Params{"owner_id": vktest.OwnerID, "from_group": 1, "message": text, "attachments": attachments})
		return r.PostID, err
	}
	id, err := post(photo+","+doc+",https://example.org/news", "С вложениями")
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.WallGetByID(api.Params{"posts": fmt.Sprintf("%d_%d", vktest.OwnerID, id)})
	if err != nil || len(list) != 1 || len(list[0].Attachments) != 3 || list[0].Attachments[0].Photo.ID != photos[0].ID {
		t.Errorf("%+v, %v", list, err)
	}
	for attachments, code := range map[string]api.ErrorType{
		"photo-101_999": 100, "rubbish": 100, "https://a.ru,https://b.ru": 100, "poll-101_1": 100,
		strings.Repeat(photo+",", 10) + photo: 100,
	} {
		_, err := post(attachments, "Плохие вложения")
		wantCode(t, attachments, err, code)
	}
	_, err = post("", strings.Repeat("ё", 16_001))
	wantCode(t, "a long text", err, 100)
	if _, err := c.UploadGroupWallPhoto(vktest.GroupID, strings.NewReader("not a picture")); err == nil {
		t.Error("a photo that is none was taken")
	}
	if _, err := c.UploadGroupWallPhoto(vktest.GroupID, bytes.NewReader(picture(t, 2100, 100))); err == nil {
		t.Error("a photo 21 times as wide as high was taken")
	}
	_, err = sdk(n, vktest.CommunityToken).PhotosGetWallUploadServer(api.Params{"group_id": vktest.GroupID})
	wantCode(t, "a community uploads to its wall", err, 27)
}

func TestPolls(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	c := sdk(n, vktest.AdminToken)
	n.Must(n.AddToken(vk.Token{Value: "anna", Kind: vk.UserToken, UserID: vktest.Anna}))
	anna := sdk(n, "anna")
	poll, err := c.PollsCreate(api.Params{
		"owner_id": vktest.OwnerID, "question": "Что ремонтировать?", "add_answers": `["Дорогу","Двор"]`,
		"end_date": n.Now().Add(time.Hour).Unix(),
	})
	if err != nil || len(poll.Answers) != 2 {
		t.Fatalf("%+v, %v", poll, err)
	}
	name := fmt.Sprintf("poll%d_%d", poll.OwnerID, poll.ID)
	_, err = c.WallPost(api.Params{"owner_id": vktest.OwnerID, "from_group": 1, "attachments": name})
	wantCode(t, "a poll alone", err, 100)
	post, err := c.WallPost(api.Params{"owner_id": vktest.OwnerID, "from_group": 1, "message": "Голосуем", "attachments": name})
	if err != nil {
		t.Fatal(err)
	}
	at := api.Params{"owner_id": vktest.OwnerID, "poll_id": poll.ID}
	with := func(key string, value any) api.Params {
		return api.Params{"owner_id": vktest.OwnerID, "poll_id": poll.ID, key: value}
	}
	_, err = anna.PollsGetVoters(with("answer_ids", poll.Answers[0].ID))
	wantCode(t, "voters before one's own vote", err, 253)
	if ok, err := anna.PollsAddVote(with("answer_ids", poll.Answers[0].ID)); err != nil || ok != 1 {
		t.Errorf("the first vote: %d, %v", ok, err)
	}
	if ok, err := anna.PollsAddVote(with("answer_ids", poll.Answers[1].ID)); err != nil || ok != 0 {
		t.Errorf("the second vote: %d, %v", ok, err)
	}
	n.Must(n.Vote(vktest.OwnerID, poll.ID, vktest.Boris, []int{poll.Answers[1].ID}))
	got, err := anna.PollsGetByID(at)
	if err != nil || got.Votes != 2 || got.Answers[0].Rate != 50 || len(got.AnswerIDs) != 1 || bool(got.CanVote) {
		t.Errorf("%+v, %v", got, err)
	}
	voters, err := anna.PollsGetVoters(with("answer_ids", fmt.Sprintf("%d,%d", poll.Answers[0].ID, poll.Answers[1].ID)))
	if err != nil || len(voters) != 2 || voters[1].Users.Items[0] != vktest.Boris {
		t.Errorf("%+v, %v", voters, err)
	}
	wall, err := c.WallGetByID(api.Params{"posts": fmt.Sprintf("%d_%d", vktest.OwnerID, post.PostID)})
	if err != nil || wall[0].Attachments[0].Poll.Votes != 2 {
		t.Errorf("the wall shows %+v, %v", wall, err)
	}
	if ok, err := anna.PollsDeleteVote(with("answer_id", poll.Answers[0].ID)); err != nil || ok != 1 {
		t.Errorf("taking the vote back: %d, %v", ok, err)
	}
	if _, err := c.PollsEdit(with("edit_answers", fmt.Sprintf(`{"%d":"Улицу"}`, poll.Answers[0].ID))); err != nil {
		t.Error(err)
	}
	n.Advance(2 * time.Hour)
	_, err = anna.PollsAddVote(with("answer_ids", poll.Answers[0].ID))
	wantCode(t, "a vote after the end", err, 250)
	over, _ := n.Poll(vktest.OwnerID, poll.ID)
	if over.Answers[0].Text != "Улицу" || len(over.Answers[1].Voters) != 1 {
		t.Errorf("%+v", over)
	}
}

func TestLikesAndReposts(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	c := sdk(n, vktest.AdminToken)
	post := api.Params{"type": "post", "owner_id": vktest.OwnerID, "item_id": n.Post}
	if r, err := c.LikesAdd(post); err != nil || r.Likes != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	n.Must(n.Like(vk.Thing{Kind: "post", OwnerID: vktest.OwnerID, ID: n.Post}, vktest.Anna, true))
	if _, err := n.Repost(vktest.OwnerID, n.Post, vktest.Boris, "Соседи, ответьте"); err != nil {
		t.Fatal(err)
	}
	list, err := sdk(n, vktest.ServiceToken).LikesGetList(post)
	if err != nil || fmt.Sprint(list.Items) != fmt.Sprint([]int{vktest.Anna, vktest.Vera}) {
		t.Errorf("%+v, %v", list, err)
	}
	more, err := sdk(n, vktest.ServiceToken).LikesGetListExtended(post)
	if err != nil || more.Items[0].FirstName != "Анна" {
		t.Errorf("%+v, %v", more, err)
	}
	if is, err := c.LikesIsLiked(post); err != nil || !bool(is.Liked) {
		t.Errorf("%+v, %v", is, err)
	}
	reposts, err := c.WallGetReposts(api.Params{"owner_id": vktest.OwnerID, "post_id": n.Post})
	if err != nil || len(reposts.Items) != 1 || reposts.Items[0].CopyHistory[0].ID != n.Post {
		t.Errorf("%+v, %v", reposts, err)
	}
	wall, err := c.WallGet(api.Params{"owner_id": vktest.OwnerID})
	if err != nil || wall.Items[0].Likes.Count != 2 || wall.Items[0].Reposts.Count != 1 || !bool(wall.Items[0].Likes.UserLikes) {
		t.Errorf("%+v, %v", wall.Items, err)
	}
	if r, err := c.LikesDelete(post); err != nil || r.Likes != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestScheduledPosts(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	c := sdk(n, vktest.AdminToken)
	at := n.Now().Add(time.Hour).Unix()
	p := api.Params{"owner_id": vktest.OwnerID, "from_group": 1, "message": "Завтра", "publish_date": at}
	planned, err := c.WallPost(p)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.WallPost(p)
	wantCode(t, "two posts at one moment", err, 214)
	_, err = c.WallPost(api.Params{"owner_id": vktest.OwnerID, "message": "Вчера", "publish_date": n.Now().Add(-time.Hour).Unix()})
	wantCode(t, "a moment that is over", err, 214)
	waiting, err := c.WallGet(api.Params{"owner_id": vktest.OwnerID, "filter": "postponed"})
	if err != nil || waiting.Count != 1 || waiting.Items[0].ID != planned.PostID {
		t.Fatalf("%+v, %v", waiting, err)
	}
	_, err = sdk(n, vktest.ServiceToken).WallGet(api.Params{"owner_id": vktest.OwnerID, "filter": "postponed"})
	wantCode(t, "a stranger looks at what is planned", err, 15)
	n.Advance(61 * time.Minute)
	wall, err := c.WallGet(api.Params{"owner_id": vktest.OwnerID})
	if err != nil || wall.Count != 2 || wall.Items[0].PostponedID != planned.PostID || wall.Items[0].ID == planned.PostID {
		t.Fatalf("%+v, %v", wall.Items, err)
	}
	if _, err = c.WallPin(api.Params{"owner_id": vktest.OwnerID, "post_id": n.Post}); err != nil {
		t.Fatal(err)
	}
	wall, _ = c.WallGet(api.Params{"owner_id": vktest.OwnerID})
	if wall.Items[0].ID != n.Post || !bool(wall.Items[0].IsPinned) {
		t.Errorf("the pinned post is not first: %+v", wall.Items)
	}
	_, err = c.WallUnpin(api.Params{"owner_id": vktest.OwnerID, "post_id": n.Post})
	if _, closing := c.WallCloseComments(api.Params{"owner_id": vktest.OwnerID, "post_id": n.Post}); errors.Join(err, closing) != nil {
		t.Fatal(err, closing)
	}
	_, err = sdk(n, vktest.CommunityToken).WallCreateComment(api.Params{"owner_id": vktest.OwnerID, "post_id": n.Post, "message": "Ответ"})
	wantCode(t, "closed comments", err, 213)
}

func TestStatisticsAndMembers(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	c := sdk(n, vktest.AdminToken)
	post := n.MustPost(vk.NewPost{Text: "Много смотрят", Views: 1000})
	n.MustComment(vk.NewComment{PostID: post, Text: "Да"})
	n.Must(n.Join(vktest.GroupID, vktest.Anna))
	n.Must(n.Join(vktest.GroupID, vktest.Boris))
	n.Must(n.Leave(vktest.GroupID, vktest.Boris))
	stats, err := c.StatsGet(api.Params{"group_id": vktest.GroupID, "interval": "day", "intervals_count": 2})
	if err != nil || len(stats) != 2 || stats[0].Visitors.Views != 1000 || stats[0].Activity.Comments != 1 || stats[1].Visitors.Views != 0 {
		t.Errorf("%+v, %v", stats, err)
	}
	reach, err := c.StatsGetPostReach(api.Params{"owner_id": vktest.OwnerID, "post_ids": fmt.Sprint(post)})
	if err != nil || len(reach) != 1 || reach[0].ReachTotal != 800 {
		t.Errorf("%+v, %v", reach, err)
	}
	_, err = sdk(n, vktest.CommunityToken).StatsGet(api.Params{"group_id": vktest.GroupID})
	wantCode(t, "statistics for a community", err, 27)
	members, err := c.GroupsGetMembers(api.Params{"group_id": "rechnoy"})
	if err != nil || fmt.Sprint(members.Items) != fmt.Sprint([]int{vktest.Anna}) {
		t.Errorf("%+v, %v", members, err)
	}
	if is, err := c.GroupsIsMember(api.Params{"group_id": vktest.GroupID, "user_id": vktest.Boris}); err != nil || is != 0 {
		t.Errorf("%d, %v", is, err)
	}
	many, err := c.GroupsIsMemberUserIDsExtended(api.Params{"group_id": vktest.GroupID, "user_ids": fmt.Sprintf("%d,%d", vktest.Anna, vktest.Boris)})
	if err != nil || len(many) != 2 || !bool(many[0].Member) || bool(many[1].Member) {
		t.Errorf("%+v, %v", many, err)
	}
	managers, err := c.GroupsGetMembersFilterManagers(api.Params{"group_id": vktest.GroupID})
	if err != nil || managers.Count != 1 || managers.Items[0].ID != vktest.Vera {
		t.Errorf("%+v, %v", managers, err)
	}
}

// jsonParams turns an object into parameters.
func jsonParams(t *testing.T, body []byte) api.Params {
	t.Helper()
	out := api.Params{}
	if err := json.Unmarshal(body, &out); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return out
}
