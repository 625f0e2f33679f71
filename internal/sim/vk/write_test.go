package vk_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/SevereCloud/vksdk/v2/api"

	"otklik/internal/sim/vk"
	"otklik/internal/sim/vk/vktest"
)

func wantCode(t *testing.T, what string, err error, code api.ErrorType) {
	t.Helper()
	var e *api.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Errorf("%s: got %v, want code %d", what, err, code)
	}
}

func TestAdministratorWrites(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	c := sdk(n, vktest.AdminToken)
	owner := vktest.OwnerID
	posted, err := c.WallPost(api.Params{"owner_id": owner, "message": "Новость", "from_group": true, "guid": "p"})
	again, _ := c.WallPost(api.Params{"owner_id": owner, "message": "Новость", "from_group": true, "guid": "p"})
	if err != nil || posted.PostID != again.PostID {
		t.Fatalf("%+v, %+v, %v", posted, again, err)
	}
	byUser, err := c.WallCreateComment(api.Params{"owner_id": owner, "post_id": posted.PostID, "message": "От себя"})
	if err != nil {
		t.Fatal(err)
	}
	byGroup, err := c.WallCreateComment(api.Params{
		"owner_id": owner, "post_id": posted.PostID, "message": "От нас", "from_group": vktest.GroupID, "reply_to_comment": byUser.CommentID,
	})
	if err != nil || len(byGroup.ParentsStack) != 1 || byGroup.ParentsStack[0] != byUser.CommentID {
		t.Fatalf("%+v, %v", byGroup, err)
	}
	steps := []error{
		second(c.WallEditComment(api.Params{"owner_id": owner, "comment_id": byUser.CommentID, "message": "Исправлено"})),
		second(c.WallDeleteComment(api.Params{"owner_id": owner, "comment_id": byGroup.CommentID})),
		second(c.WallRestoreComment(api.Params{"owner_id": owner, "comment_id": byGroup.CommentID})),
		second(c.WallEdit(api.Params{"owner_id": owner, "post_id": posted.PostID, "message": "Новость 2"})),
	}
	if err := errors.Join(steps...); err != nil {
		t.Error(err)
	}
	one, err := c.WallGetComment(api.Params{"owner_id": owner, "comment_id": byUser.CommentID})
	if err != nil || one.Items[0].Text != "Исправлено" || one.Items[0].FromID != vktest.Vera {
		t.Errorf("%+v, %v", one, err)
	}
	posts, err := c.WallGetByID(api.Params{"posts": fmt.Sprintf("%d_%d,%d_999", owner, posted.PostID, owner)})
	if err != nil || len(posts) != 1 || posts[0].Text != "Новость 2" || posts[0].Edited == 0 {
		t.Errorf("%+v, %v", posts, err)
	}
	_, err = c.WallDelete(api.Params{"owner_id": owner, "post_id": posted.PostID})
	posts, _ = c.WallGetByID(api.Params{"posts": fmt.Sprintf("%d_%d", owner, posted.PostID)})
	if err != nil || len(posts) != 0 {
		t.Errorf("after deletion %+v, %v", posts, err)
	}
}

// second drops the answer of a call.
func second[T any](_ T, err error) error { return err }

func TestWritingIsRefused(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	n.Must(n.AddToken(vk.Token{Value: "stranger", Kind: vk.UserToken, UserID: vktest.Boris}))
	n.Must(n.AddToken(vk.Token{Value: "poor", Kind: vk.CommunityToken, CommunityID: vktest.GroupID, Scopes: []string{"messages"}}))
	id := n.MustComment(vk.NewComment{Text: "Чужой"})
	at := api.Params{"owner_id": vktest.OwnerID, "post_id": n.Post, "comment_id": id, "message": "Текст"}
	with := func(key string, value any) api.Params {
		p := api.Params{key: value}
		for k, v := range at {
			if k != key {
				p[k] = v
			}
		}
		return p
	}
	stranger, group := sdk(n, "stranger"), sdk(n, vktest.CommunityToken)
	wantCode(t, "a stranger edits", second(stranger.WallEditComment(at)), 15)
	wantCode(t, "a stranger deletes", second(stranger.WallDeleteComment(at)), 211)
	wantCode(t, "a stranger edits the post", second(stranger.WallEdit(at)), 15)
	wantCode(t, "a stranger deletes the post", second(stranger.WallDelete(at)), 210)
	wantCode(t, "a stranger speaks for the group", second(stranger.WallCreateComment(with("from_group", vktest.GroupID))), 15)
	wantCode(t, "no right to the wall", second(sdk(n, "poor").WallCreateComment(at)), 15)
	wantCode(t, "no text", second(group.WallCreateComment(with("message", " "))), 100)
	wantCode(t, "no such post", second(group.WallCreateComment(with("post_id", 999))), 15)
	wantCode(t, "no such target", second(group.WallCreateComment(with("reply_to_comment", 999))), 100)
	n.RevokeToken("stranger")
	wantCode(t, "a revoked key", second(stranger.UsersGet(nil)), 5)
}

func TestScreenNamesResolve(t *testing.T) {
	t.Parallel()
	n := vktest.Start(t, vk.Options{})
	c := sdk(n, vktest.ServiceToken)
	group, err := c.UtilsResolveScreenName(api.Params{"screen_name": "rechnoy"})
	if err != nil || group.Type != "group" || group.ObjectID != vktest.GroupID {
		t.Errorf("%+v, %v", group, err)
	}
	user, err := c.UtilsResolveScreenName(api.Params{"screen_name": "id11"})
	if err != nil || user.Type != "user" || user.ObjectID != vktest.Anna {
		t.Errorf("%+v, %v", user, err)
	}
	wall, err := c.WallGet(api.Params{"domain": "rechnoy"})
	if err != nil || wall.Count != 1 {
		t.Errorf("%+v, %v", wall, err)
	}
	wantCode(t, "no such wall", second(c.WallGet(api.Params{"owner_id": -999})), 15)
}
