package vk

import "slices"

// Action is something that the program does on a page.
type Action string

const (
	AnswerComment Action = "answer"       // wall.createComment
	PostText      Action = "post_text"    // wall.post without attachments
	PostMedia     Action = "post_media"   // wall.post with attachments
	UploadPhoto   Action = "upload_photo" // photos.getWallUploadServer, photos.saveWallPhoto
	UploadFile    Action = "upload_file"  // docs.getWallUploadServer, docs.save
	EditPost      Action = "edit_post"    // wall.edit
	DeletePost    Action = "delete_post"  // wall.delete
	PinPost       Action = "pin_post"     // wall.pin, wall.unpin
	CreatePoll    Action = "create_poll"  // polls.create
	ReadPoll      Action = "read_poll"    // polls.getById
	ClosePoll     Action = "close_poll"   // polls.edit
	CountPosts    Action = "count_posts"  // wall.getById
	MeasureReach  Action = "reach"        // stats.getPostReach
	MeasurePage   Action = "page_stats"   // stats.get
	CountMembers  Action = "members"      // groups.getById
)

// need is which keys an action works with, the preferred one first, and how
// people call what is lacking without them.
type need struct {
	action  Action
	methods []string
	keys    []KeyKind
	lack    string
}

// needs is the table. It follows the schema's access_token_type, but for
// wall.post: live, a community's key posts text with from_group
// (gitroomhq/postiz-app#1408, trypostit/trypost#311); whether it may attach what
// an administrator uploaded is not known, so that is left to the administrator.
func needs() []need {
	admin := []KeyKind{UserKey}
	both := []KeyKind{CommunityKey, UserKey}
	return []need{
		{AnswerComment, []string{"wall.createComment"}, []KeyKind{CommunityKey}, "отвечать на комментарии"},
		{PostText, []string{"wall.post"}, both, "публиковать записи"},
		{PostMedia, []string{"wall.post"}, admin, "публиковать записи с вложениями и опросами"},
		{UploadPhoto, []string{"photos.getWallUploadServer", "photos.saveWallPhoto"}, admin, "прикреплять фотографии"},
		{UploadFile, []string{"docs.getWallUploadServer", "docs.save"}, []KeyKind{UserKey, CommunityKey}, "прикреплять файлы"},
		{EditPost, []string{"wall.edit"}, admin, "исправлять записи"},
		{DeletePost, []string{"wall.delete"}, admin, "удалять записи"},
		{PinPost, []string{"wall.pin", "wall.unpin"}, admin, "закреплять записи"},
		{CreatePoll, []string{"polls.create"}, admin, "проводить опросы"},
		{ReadPoll, []string{"polls.getById"}, admin, "видеть итоги опросов"},
		{ClosePoll, []string{"polls.edit", "polls.getById"}, admin, "закрывать опросы"},
		{CountPosts, []string{"wall.getById"}, []KeyKind{ServiceKey, UserKey}, "видеть просмотры и отметки «Нравится»"},
		{MeasureReach, []string{"stats.getPostReach"}, admin, "видеть охват записей"},
		{MeasurePage, []string{"stats.get"}, admin, "видеть статистику сообщества"},
		{CountMembers, []string{"groups.getById"}, []KeyKind{ServiceKey, CommunityKey, UserKey}, "видеть число подписчиков"},
	}
}

func needOf(a Action) need {
	all := needs()
	if i := slices.IndexFunc(all, func(n need) bool { return n.action == a }); i >= 0 {
		return all[i]
	}
	return need{}
}

// Actions are all actions, in a fixed order.
func Actions() []Action {
	var out []Action
	for _, n := range needs() {
		out = append(out, n.action)
	}
	return out
}

// Needs are the kinds of keys of which one is enough for the action, the
// preferred one first. With any other kind the network answers 27 or 28.
func Needs(a Action) []KeyKind { return needOf(a).keys }

// Methods are the methods of VK API that the action calls.
func Methods(a Action) []string { return needOf(a).methods }

// Missing says, in one sentence in Russian, why the action is impossible with
// these kinds of keys; it is empty if the action is possible.
func Missing(a Action, have ...KeyKind) string {
	n := needOf(a)
	for _, k := range n.keys {
		if slices.Contains(have, k) {
			return ""
		}
	}
	if len(n.keys) == 0 {
		return "Это действие во ВКонтакте не поддерживается."
	}
	return "Нет ключа, который позволяет " + n.lack + ": добавьте " + n.keys[0].Title() + " в «Источниках»."
}
