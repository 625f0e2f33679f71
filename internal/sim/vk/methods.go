package vk

// method is one API method and the kinds of tokens that may call it.
type method struct {
	kinds []TokenKind
	run   func(*Server, *call) (any, *apiError)
}

// perDay is how often a token may call a method in a sliding day; zero means
// without a bound. The numbers are VK's as python273/vk_api#411 quotes them.
func perDay(name string) int {
	switch name {
	case "wall.get":
		return 5000
	case "wall.search", "newsfeed.search":
		return 1000
	}
	return 0
}

func everyone() []TokenKind { return []TokenKind{UserToken, CommunityToken, ServiceToken} }
func readers() []TokenKind  { return []TokenKind{UserToken, ServiceToken} }
func actors() []TokenKind   { return []TokenKind{UserToken, CommunityToken} }
func people() []TokenKind   { return []TokenKind{UserToken} }
func bots() []TokenKind     { return []TokenKind{CommunityToken} }

// methods is the table of what the simulator knows. Who may call what is the
// schema's access_token_type, except wall.post, for which see Switches.
func methods() map[string]method {
	out := map[string]method{}
	for _, part := range []map[string]method{wallMethods(), pageMethods(), groupMethods(), messageMethods()} {
		for name, m := range part {
			out[name] = m
		}
	}
	return out
}

// Methods are the methods that the simulator knows, with the kinds of tokens
// that may call them.
func Methods() map[string][]TokenKind {
	out := map[string][]TokenKind{}
	for name, m := range methods() {
		out[name] = m.kinds
	}
	return out
}

// wallMethods are about posts and comments.
func wallMethods() map[string]method {
	return map[string]method{
		"wall.get":            {readers(), (*Server).wallGet},
		"wall.getById":        {readers(), (*Server).wallGetByID},
		"wall.search":         {readers(), (*Server).wallSearch},
		"wall.getComments":    {readers(), (*Server).wallGetComments},
		"wall.getComment":     {people(), (*Server).wallGetComment},
		"wall.getReposts":     {readers(), (*Server).wallGetReposts},
		"wall.post":           {actors(), (*Server).wallPost},
		"wall.edit":           {people(), (*Server).wallEdit},
		"wall.delete":         {people(), (*Server).wallDelete},
		"wall.restore":        {people(), (*Server).wallRestore},
		"wall.pin":            {people(), (*Server).wallPin},
		"wall.unpin":          {people(), (*Server).wallUnpin},
		"wall.openComments":   {actors(), (*Server).wallOpenComments},
		"wall.closeComments":  {actors(), (*Server).wallCloseComments},
		"wall.createComment":  {actors(), (*Server).wallCreateComment},
		"wall.editComment":    {people(), (*Server).wallEditComment},
		"wall.deleteComment":  {people(), (*Server).wallDeleteComment},
		"wall.restoreComment": {people(), (*Server).wallRestoreComment},
		"newsfeed.search":     {readers(), (*Server).newsfeedSearch},
	}
}

// pageMethods are about what stands in posts and comments, and what comes of it.
func pageMethods() map[string]method {
	return map[string]method{
		"likes.add":                      {people(), (*Server).likesAdd},
		"likes.delete":                   {people(), (*Server).likesDelete},
		"likes.getList":                  {readers(), (*Server).likesGetList},
		"likes.isLiked":                  {people(), (*Server).likesIsLiked},
		"polls.create":                   {people(), (*Server).pollsCreate},
		"polls.edit":                     {people(), (*Server).pollsEdit},
		"polls.getById":                  {people(), (*Server).pollsGetByID},
		"polls.addVote":                  {people(), (*Server).pollsAddVote},
		"polls.deleteVote":               {people(), (*Server).pollsDeleteVote},
		"polls.getVoters":                {people(), (*Server).pollsGetVoters},
		"photos.getWallUploadServer":     {people(), (*Server).photosGetWallUploadServer},
		"photos.saveWallPhoto":           {people(), (*Server).photosSaveWallPhoto},
		"photos.getMessagesUploadServer": {actors(), (*Server).photosGetMessagesUploadServer},
		"photos.saveMessagesPhoto":       {actors(), (*Server).photosSaveMessagesPhoto},
		"photos.getById":                 {readers(), (*Server).photosGetByID},
		"docs.getWallUploadServer":       {actors(), (*Server).docsGetWallUploadServer},
		"docs.getMessagesUploadServer":   {actors(), (*Server).docsGetMessagesUploadServer},
		"docs.save":                      {actors(), (*Server).docsSave},
		"stats.get":                      {people(), (*Server).statsGet},
		"stats.getPostReach":             {people(), (*Server).statsGetPostReach},
	}
}

// groupMethods are about communities, people and the ways to hear of events.
func groupMethods() map[string]method {
	return map[string]method{
		"groups.getById":                     {everyone(), (*Server).groupsGetByID},
		"groups.getMembers":                  {everyone(), (*Server).groupsGetMembers},
		"groups.isMember":                    {everyone(), (*Server).groupsIsMember},
		"groups.getTokenPermissions":         {bots(), (*Server).groupsGetTokenPermissions},
		"groups.getLongPollServer":           {actors(), (*Server).groupsGetLongPollServer},
		"groups.getLongPollSettings":         {actors(), (*Server).groupsGetLongPollSettings},
		"groups.setLongPollSettings":         {actors(), (*Server).groupsSetLongPollSettings},
		"groups.getCallbackConfirmationCode": {actors(), (*Server).groupsGetCallbackConfirmationCode},
		"groups.addCallbackServer":           {actors(), (*Server).groupsAddCallbackServer},
		"groups.editCallbackServer":          {actors(), (*Server).groupsEditCallbackServer},
		"groups.deleteCallbackServer":        {actors(), (*Server).groupsDeleteCallbackServer},
		"groups.getCallbackServers":          {actors(), (*Server).groupsGetCallbackServers},
		"groups.getCallbackSettings":         {actors(), (*Server).groupsGetCallbackSettings},
		"groups.setCallbackSettings":         {actors(), (*Server).groupsSetCallbackSettings},
		"account.getAppPermissions":          {people(), (*Server).accountGetAppPermissions},
		"users.get":                          {everyone(), (*Server).usersGet},
		"utils.resolveScreenName":            {everyone(), (*Server).utilsResolveScreenName},
		"utils.getServerTime":                {everyone(), (*Server).utilsGetServerTime},
	}
}

// messageMethods are about the personal messages of communities.
func messageMethods() map[string]method {
	return map[string]method{
		"messages.send":                       {actors(), (*Server).messagesSend},
		"messages.edit":                       {actors(), (*Server).messagesEdit},
		"messages.delete":                     {actors(), (*Server).messagesDelete},
		"messages.getHistory":                 {actors(), (*Server).messagesGetHistory},
		"messages.getById":                    {actors(), (*Server).messagesGetByID},
		"messages.getConversations":           {actors(), (*Server).messagesGetConversations},
		"messages.markAsRead":                 {actors(), (*Server).messagesMarkAsRead},
		"messages.setActivity":                {actors(), (*Server).messagesSetActivity},
		"messages.sendMessageEventAnswer":     {bots(), (*Server).messagesSendMessageEventAnswer},
		"messages.isMessagesFromGroupAllowed": {actors(), (*Server).messagesIsAllowed},
		"messages.allowMessagesFromGroup":     {people(), (*Server).messagesAllow},
		"messages.denyMessagesFromGroup":      {people(), (*Server).messagesDeny},
	}
}
