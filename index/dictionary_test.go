package index

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

const (
	testAffixes = `SET UTF-8
SFX A Y 4
SFX A   а     ы   [^кгхжшщч]а
SFX A   а     у   а
SFX A   а     и   [кгхжшщч]а
SFX A   енок  ята енок

SFX B Y 2
SFX B   ок    ка  .ок
SFX B   ёл    ла  ёл
`
	testWords = "5\nвода/A\nБОЧКА/A\nкотёл/B\tst:x\nкотенок/A\nкусок/B\n"
)

func testDictionary(t *testing.T) *dictionary {
	t.Helper()
	d, err := readDictionary(fstest.MapFS{"x.aff": {Data: []byte(testAffixes)}, "x.dic": {Data: []byte(testWords)}}, "x")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDictionaryFindsBases(t *testing.T) {
	t.Parallel()
	d := testDictionary(t)
	for form, want := range map[string]string{
		"вода": "вода", "воды": "вода", "воду": "вода", "води": "", "бочки": "бочка", "бочкы": "", "котла": "котел",
		"котята": "котенок", "куска": "кусок", "ла": "", "": "", "ы": "", "чашка": "",
	} {
		if got := strings.Join(d.bases(form), " "); got != want {
			t.Errorf("«%s»: %q, want %q", form, got, want)
		}
	}
}

func TestDictionaryJoinsWhatTheStemmerTears(t *testing.T) {
	t.Parallel()
	plain, joined := newStemmerWith(nil), newStemmerWith(testDictionary(t))
	if plain.term("котята") == plain.term("котенок") {
		t.Fatal("the stemmer joins the forms by itself, so this test shows nothing")
	}
	for _, pair := range [][2]string{{"котята", "котенок"}, {"котята", "котёнок"}, {"воды", "вода"}} {
		if a, b := joined.term(fold(pair[0])), joined.term(fold(pair[1])); a != b {
			t.Errorf("«%s» and «%s» have the terms %q and %q", pair[0], pair[1], a, b)
		}
	}
	if joined.term("чашками") != plain.term("чашками") {
		t.Error("a word that the dictionary does not know has another term")
	}
}

func TestDictionaryThatIsNotThere(t *testing.T) {
	t.Parallel()
	if _, err := readDictionary(fstest.MapFS{}, "x"); err == nil {
		t.Error("no files are no error")
	}
	koi := fstest.MapFS{"x.aff": {Data: []byte("SET KOI8-R\n")}, "x.dic": {Data: []byte("1\n\xd7\xcf\xc4\xc1\n")}}
	if _, err := readDictionary(koi, "x"); err == nil {
		t.Error("another encoding is no error")
	}
}

// TestInstalledDictionary measures a real dictionary: the one in the folder
// OTKLIK_HUNSPELL, or the installed one.
func TestInstalledDictionary(t *testing.T) {
	t.Parallel()
	d := installedDictionary()
	if folder := os.Getenv("OTKLIK_HUNSPELL"); folder != "" {
		began := time.Now()
		var err error
		if d, err = readDictionary(os.DirFS(folder), "ru_RU"); err != nil {
			t.Fatal(err)
		}
		t.Logf("read in %v", time.Since(began))
	}
	if d == nil {
		t.Skip("skipped: no Russian hunspell dictionary is installed and OTKLIK_HUNSPELL names none")
	}
	s := newStemmerWith(d)
	torn := 0
	for line := range strings.Lines(paradigms) {
		words := strings.Fields(line)
		for _, form := range words {
			if s.term(fold(form)) != s.term(fold(words[0])) {
				torn++
				t.Logf("«%s» is torn off «%s»; bases %v", form, words[0], d.bases(fold(form)))
			}
		}
	}
	if torn > 0 {
		t.Errorf("%d forms are torn off their words", torn)
	}
	if bases := d.bases("дворами"); !slices.Contains(bases, "двор") {
		t.Errorf("bases of «дворами»: %v", bases)
	}
}
