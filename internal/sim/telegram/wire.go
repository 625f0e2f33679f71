package telegram

// The shapes below are those of the Bot API 10.1, as far as this world fills them.

type wireUser struct {
	ID           int64  `json:"id"`
	IsBot        bool   `json:"is_bot"`
	FirstName    string `json:"first_name"`
	LastName     string `json:"last_name,omitempty"`
	Username     string `json:"username,omitempty"`
	LanguageCode string `json:"language_code,omitempty"`
}

// wireMe is User as getMe returns it.
type wireMe struct {
	wireUser
	CanJoinGroups           bool `json:"can_join_groups"`
	CanReadAllGroupMessages bool `json:"can_read_all_group_messages"`
	SupportsGuestQueries    bool `json:"supports_guest_queries"`
	SupportsInlineQueries   bool `json:"supports_inline_queries"`
	CanConnectToBusiness    bool `json:"can_connect_to_business"`
	HasMainWebApp           bool `json:"has_main_web_app"`
}

type wireChat struct {
	ID        int64  `json:"id"`
	Type      string `json:"type"`
	Title     string `json:"title,omitempty"`
	Username  string `json:"username,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
}

type wireFullChat struct {
	wireChat
	AccentColorID     int           `json:"accent_color_id"`
	MaxReactionCount  int           `json:"max_reaction_count"`
	AcceptedGiftTypes wireGiftTypes `json:"accepted_gift_types"`
	HasVisibleHistory bool          `json:"has_visible_history,omitempty"`
	LinkedChatID      int64         `json:"linked_chat_id,omitempty"`
}

type wireGiftTypes struct {
	UnlimitedGifts      bool `json:"unlimited_gifts"`
	LimitedGifts        bool `json:"limited_gifts"`
	UniqueGifts         bool `json:"unique_gifts"`
	PremiumSubscription bool `json:"premium_subscription"`
	GiftsFromChannels   bool `json:"gifts_from_channels"`
}

// wireMember is a ChatMember; its fields depend on the status.
type wireMember map[string]any

type wireMemberUpdated struct {
	Chat          wireChat   `json:"chat"`
	From          wireUser   `json:"from"`
	Date          int64      `json:"date"`
	OldChatMember wireMember `json:"old_chat_member"`
	NewChatMember wireMember `json:"new_chat_member"`
}

type wireWebhookInfo struct {
	URL                  string   `json:"url"`
	HasCustomCertificate bool     `json:"has_custom_certificate"`
	PendingUpdateCount   int      `json:"pending_update_count"`
	IPAddress            string   `json:"ip_address,omitempty"`
	LastErrorDate        int64    `json:"last_error_date,omitempty"`
	LastErrorMessage     string   `json:"last_error_message,omitempty"`
	MaxConnections       int      `json:"max_connections,omitempty"`
	AllowedUpdates       []string `json:"allowed_updates,omitempty"`
}

// envelope is what every answer of the Bot API stands in.
type envelope struct {
	OK          bool            `json:"ok"`
	Result      any             `json:"result,omitempty"`
	ErrorCode   int             `json:"error_code,omitempty"`
	Description string          `json:"description,omitempty"`
	Parameters  *wireParameters `json:"parameters,omitempty"`
}

type wireParameters struct {
	RetryAfter      int   `json:"retry_after,omitempty"`
	MigrateToChatID int64 `json:"migrate_to_chat_id,omitempty"`
}

// The fake senders that Telegram puts into "from" where a chat speaks.
const (
	serviceUserID   = 777000
	anonymousUserID = 1087968824
	channelUserID   = 136817688
)

func serviceUser() *wireUser {
	return &wireUser{ID: serviceUserID, FirstName: "Telegram"}
}

func anonymousUser() *wireUser {
	return &wireUser{ID: anonymousUserID, IsBot: true, FirstName: "Group", Username: "GroupAnonymousBot"}
}

func channelUser() *wireUser {
	return &wireUser{ID: channelUserID, IsBot: true, FirstName: "Channel", Username: "Channel_Bot"}
}
