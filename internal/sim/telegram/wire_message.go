package telegram

import "encoding/json"

// wireOrigin is a MessageOrigin; its fields depend on the type.
type wireOrigin struct {
	Type       string    `json:"type"` // "channel", "chat", "user" or "hidden_user"
	Date       int64     `json:"date"`
	Chat       *wireChat `json:"chat,omitempty"`
	SenderChat *wireChat `json:"sender_chat,omitempty"`
	SenderUser *wireUser `json:"sender_user,omitempty"`
	MessageID  int64     `json:"message_id,omitempty"`
}

// wireFileRef is any file of a message: a PhotoSize, Document, Video,
// Animation, Audio or Voice, as far as this world fills them.
type wireFileRef struct {
	FileID       string `json:"file_id"`
	FileUniqueID string `json:"file_unique_id"`
	Width        int    `json:"width,omitempty"`
	Height       int    `json:"height,omitempty"`
	Duration     *int   `json:"duration,omitempty"`
	FileName     string `json:"file_name,omitempty"`
	MimeType     string `json:"mime_type,omitempty"`
	FileSize     int    `json:"file_size,omitempty"`
}

type wireFile struct {
	FileID       string `json:"file_id"`
	FileUniqueID string `json:"file_unique_id"`
	FileSize     int    `json:"file_size"`
	FilePath     string `json:"file_path"`
}

// wireEntity is a MessageEntity; offset and length count UTF-16 units.
type wireEntity struct {
	Type          string    `json:"type"`
	Offset        int       `json:"offset"`
	Length        int       `json:"length"`
	URL           string    `json:"url,omitempty"`
	User          *wireUser `json:"user,omitempty"`
	Language      string    `json:"language,omitempty"`
	CustomEmojiID string    `json:"custom_emoji_id,omitempty"`
}

type wireMessage struct {
	MessageID          int64           `json:"message_id"`
	MessageThreadID    int64           `json:"message_thread_id,omitempty"`
	From               *wireUser       `json:"from,omitempty"`
	SenderChat         *wireChat       `json:"sender_chat,omitempty"`
	Date               int64           `json:"date"`
	Chat               wireChat        `json:"chat"`
	ForwardOrigin      *wireOrigin     `json:"forward_origin,omitempty"`
	IsAutomaticForward bool            `json:"is_automatic_forward,omitempty"`
	ReplyToMessage     *wireMessage    `json:"reply_to_message,omitempty"`
	EditDate           int64           `json:"edit_date,omitempty"`
	MediaGroupID       string          `json:"media_group_id,omitempty"`
	Text               string          `json:"text,omitempty"`
	Entities           []wireEntity    `json:"entities,omitempty"`
	Photo              []wireFileRef   `json:"photo,omitempty"`
	Document           *wireFileRef    `json:"document,omitempty"`
	Video              *wireFileRef    `json:"video,omitempty"`
	Animation          *wireFileRef    `json:"animation,omitempty"`
	Audio              *wireFileRef    `json:"audio,omitempty"`
	Voice              *wireFileRef    `json:"voice,omitempty"`
	Caption            string          `json:"caption,omitempty"`
	CaptionEntities    []wireEntity    `json:"caption_entities,omitempty"`
	Poll               *wirePoll       `json:"poll,omitempty"`
	PinnedMessage      *wireMessage    `json:"pinned_message,omitempty"`
	MigrateToChatID    int64           `json:"migrate_to_chat_id,omitempty"`
	MigrateFromChatID  int64           `json:"migrate_from_chat_id,omitempty"`
	ReplyMarkup        json.RawMessage `json:"reply_markup,omitempty"`
}

type wirePoll struct {
	ID                    string           `json:"id"`
	Question              string           `json:"question"`
	Options               []wirePollOption `json:"options"`
	TotalVoterCount       int              `json:"total_voter_count"`
	IsClosed              bool             `json:"is_closed"`
	IsAnonymous           bool             `json:"is_anonymous"`
	Type                  string           `json:"type"`
	AllowsMultipleAnswers bool             `json:"allows_multiple_answers"`
	AllowsRevoting        bool             `json:"allows_revoting"`
	MembersOnly           bool             `json:"members_only"`
	CorrectOptionIDs      []int            `json:"correct_option_ids,omitempty"`
	Explanation           string           `json:"explanation,omitempty"`
	OpenPeriod            int64            `json:"open_period,omitempty"`
	CloseDate             int64            `json:"close_date,omitempty"`
	Description           string           `json:"description,omitempty"`
}

type wirePollOption struct {
	PersistentID string `json:"persistent_id"`
	Text         string `json:"text"`
	VoterCount   int    `json:"voter_count"`
}

type wirePollAnswer struct {
	PollID              string    `json:"poll_id"`
	User                *wireUser `json:"user,omitempty"`
	OptionIDs           []int     `json:"option_ids"`
	OptionPersistentIDs []string  `json:"option_persistent_ids"`
}

type wireReaction struct {
	Type  string `json:"type"`
	Emoji string `json:"emoji"`
}

type wireReactionUpdated struct {
	Chat        wireChat       `json:"chat"`
	MessageID   int64          `json:"message_id"`
	User        *wireUser      `json:"user,omitempty"`
	Date        int64          `json:"date"`
	OldReaction []wireReaction `json:"old_reaction"`
	NewReaction []wireReaction `json:"new_reaction"`
}

type wireReactionCount struct {
	Type       wireReaction `json:"type"`
	TotalCount int          `json:"total_count"`
}

type wireReactionCounts struct {
	Chat      wireChat            `json:"chat"`
	MessageID int64               `json:"message_id"`
	Date      int64               `json:"date"`
	Reactions []wireReactionCount `json:"reactions"`
}

type wireCallbackQuery struct {
	ID           string       `json:"id"`
	From         *wireUser    `json:"from"`
	Message      *wireMessage `json:"message,omitempty"`
	ChatInstance string       `json:"chat_instance"`
	Data         string       `json:"data,omitempty"`
}
