package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPlacesFromTheCommandLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "места.csv")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	say := func(want string, args ...string) {
		t.Helper()
		if out, said := call(t, append([]string{"places"}, args...)...); !strings.Contains(out+said, want) {
			t.Errorf("%v says %q, want %q in it", args, out+said, want)
		}
	}
	write("вид,название,входит в\nгород,Энск,\nулица,Мира,Энск\n")
	say("Место карточки: улица Мира, 5", "check", "--file", file, "на Мира 5 яма")
	say("Дом: улица Гоголя, 12, по словам «ул. Гоголя, 12»", "check", "ул. Гоголя, 12, кв. 8")
	say("Места в тексте нет", "check", "на Мира яма")
	say("Укажите, где база", "import", file)

	db := filepath.Join(dir, "data")
	if err := os.Mkdir(db, 0o700); err != nil {
		t.Fatal(err)
	}
	say("нет базы", "import", "--data", db, file)
	call(t, "user", "add", "--data", db, "--email", "a@b.example", "--name", "Анна", "--role", "coordinator")
	say("Загружено мест: 2", "import", "--data", db, file)
	write("вид,название,входит в\nгород,Энск,\nпланета,Марс,\n")
	say("Строка 3, столбец «вид»", "import", "--data", db, file)
	say("ничего не изменилось", "import", "--data", db, file)
	say("Загружено мест: 1", "import", "--data", db, "--partial", file)
	say("не открывается", "import", "--data", db, filepath.Join(dir, "нет.csv"))
}
