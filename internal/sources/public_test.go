package sources

import "testing"

func TestExternalIDsOfPublicSources(t *testing.T) {
	t.Parallel()
	if owner, ok := Wall(WallID(-202)); !ok || owner != -202 {
		t.Error(owner, ok)
	}
	if owner, query, ok := Search(SearchID(0, `"нет воды" -акция: да`)); !ok || owner != 0 || query != `"нет воды" -акция: да` {
		t.Error(owner, query, ok)
	}
	if channel, ok := Preview(PreviewID("Gorod")); !ok || channel != "gorod" {
		t.Error(channel, ok)
	}
	for _, id := range []string{"", "101", "wall:", "wall:0", "wall:x", "search:0:", "search:0", "search:x:яма", "preview:", "@gorod"} {
		_, wall := Wall(id)
		_, _, search := Search(id)
		_, preview := Preview(id)
		if wall || search || preview {
			t.Errorf("%q was taken for a public source", id)
		}
	}
	for _, k := range Kinds() {
		if own := k == VKCommunity || k == TelegramChannel; own == k.Public() {
			t.Error(k)
		}
	}
}
