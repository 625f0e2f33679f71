package e2e

import (
	"os"
	"testing"
)

// TestPicturesOfRecords is TestPictures for the journal and what is kept.
func TestPicturesOfRecords(t *testing.T) {
	base := os.Getenv("OTKLIK_DEMO")
	if base == "" || os.Getenv("OTKLIK_SHOTS") == "" {
		t.Skip("pictures are taken when OTKLIK_DEMO and OTKLIK_SHOTS are set")
	}
	b := browser(t)
	admin := person(t, b, base)
	admin.signIn("admin@demo.otklik", "otklik-demo")
	for _, s := range []struct {
		name          string
		width, height int
		mobile        bool
	}{{"1440", 1440, 900, false}, {"390", 390, 844, true}} {
		for _, page := range []struct{ name, path string }{{"journal", "/journal"}, {"keeping", "/keeping?dry=1"}, {"persons", "/persons"}} {
			admin.size(s.width, s.height, s.mobile)
			admin.open(page.path)
			admin.until("the page", "document.readyState === 'complete'")
			admin.shot(page.name + "-" + s.name)
		}
	}
}
