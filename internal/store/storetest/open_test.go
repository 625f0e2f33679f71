package storetest

import (
	"bytes"
	"context"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"otklik/internal/errs"
	"otklik/internal/store"
	"otklik/internal/testdb"
)

// refused opens what must not open and returns the sentence for people.
func refused(t *testing.T, dsn string, code errs.Code) string {
	t.Helper()
	s, err := store.Open(t.Context(), dsn)
	if err == nil {
		_ = s.Close()
		t.Fatal("opened")
	}
	if errs.CodeOf(err) != code {
		t.Fatalf("%s: %v", errs.CodeOf(err), err)
	}
	return errs.MessageOf(err)
}

func TestOpenTwiceKeepsEverything(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		c := b.open(comment("1", citizen, "яма"))
		b.must(b.s.Close())
		s, err := store.Open(b.ctx, b.dsn)
		b.must(err)
		b.s = s
		t.Cleanup(func() { _ = s.Close() })
		b.must(s.Ping(b.ctx))
		if got := b.load(c.ID); got.Number != 1 {
			t.Fatalf("%+v", got)
		}
	})
}

// migrations are those of the store, over the bundle's own connection.
func (b *bundle) migrations() *goose.Provider {
	b.t.Helper()
	dialect := goose.DialectSQLite3
	if strings.HasPrefix(b.dsn, "postgres") {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, b.raw, os.DirFS("../migrations"))
	b.must(err)
	return p
}

func TestMigrationsGoDownAndUpAgain(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.open(comment("1", citizen, "яма"))
		b.must(b.s.Close())
		_, err := b.migrations().DownTo(b.ctx, 0)
		b.must(err)
		s, err := store.Open(b.ctx, b.dsn)
		b.must(err)
		t.Cleanup(func() { _ = s.Close() })
		if n := b.count("SELECT COUNT(*) FROM cases"); n != 0 {
			t.Fatal(n)
		}
		b.must(s.Seed(b.ctx, dictionary(), b.now))
	})
}

func TestNewerDatabaseIsLeftAlone(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.must(b.s.Close())
		_, err := b.raw.ExecContext(b.ctx, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, "+map[bool]string{true: "TRUE", false: "1"}[strings.HasPrefix(b.dsn, "postgres")]+")")
		b.must(err)
		if m := refused(t, b.dsn, errs.Invalid); !strings.Contains(m, "более новая версия") {
			t.Fatal(m)
		}
	})
}

func TestManyProcessesMigrateAtOnce(t *testing.T) {
	t.Parallel()
	for range 3 {
		dsn := testdb.Postgres(t)
		start := make(chan struct{})
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				<-start
				s, err := store.Open(t.Context(), dsn)
				if err != nil {
					t.Error(err)
					return
				}
				_ = s.Close()
			})
		}
		close(start)
		wg.Wait()
	}
}

func TestFilesThatAreNotOurDatabase(t *testing.T) {
	t.Parallel()
	good := realDatabase(t)
	foreign := filepath.Join(t.TempDir(), "foreign.db")
	db, err := sql.Open("sqlite", foreign)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE songs (title TEXT)"); err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	other, err := os.ReadFile(foreign)
	if err != nil {
		t.Fatal(err)
	}
	hole := bytes.Clone(good)
	for i := 5000; i < 60000; i++ {
		hole[i] = 0xA5
	}
	for _, x := range []struct {
		name, says string
		content    []byte
	}{
		{"garbage", "повреждена", bytes.Repeat([]byte("не база "), 4000)},
		{"cut", "повреждена", good[:len(good)/2]},
		{"a hole in the middle", "повреждена", hole},
		{"another program's", "другой программы", other},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "otklik.db")
			if err := os.WriteFile(path, x.content, 0o600); err != nil {
				t.Fatal(err)
			}
			if m := refused(t, path, errs.Invalid); !strings.Contains(m, x.says) || !strings.Contains(m, path) {
				t.Fatal(m)
			}
			after, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(after, x.content) {
				t.Fatalf("the file was changed: %v", err)
			}
		})
	}
}

// realDatabase returns the bytes of a database that holds some cases.
func realDatabase(t *testing.T) []byte {
	b := setup(t, testdb.SQLite(t))
	queue(b)
	b.must(b.s.Close())
	b.must(b.raw.Close())
	content, err := os.ReadFile(b.dsn)
	b.must(err)
	return content
}

func TestSecondProcessOnTheSameFile(t *testing.T) {
	t.Parallel()
	dsn := testdb.SQLite(t)
	s, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	if m := refused(t, dsn, errs.Unavailable); !strings.Contains(m, "уже работает другой") {
		t.Fatal(m)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = store.Open(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
}

// A process that was killed holds no lease: its successor begins at once.
func TestLeasesOfAKilledProcessAreFree(t *testing.T) {
	t.Parallel()
	b := setup(t, testdb.SQLite(t))
	b.must(b.s.Close())
	s, err := store.Open(b.ctx, b.dsn)
	b.must(err)
	t.Cleanup(func() { _ = s.Close() })
	l, err := s.Take(b.ctx, "live", "successor", time.Minute, b.now)
	b.must(err)
	if l.Fence <= b.lease.Fence {
		t.Fatalf("%d after %d", l.Fence, b.lease.Fence)
	}
}

func TestPathsWithSigns(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "данные 50%20 #1?x", "otklik.db")
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
}

func TestFolderThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, filepath.Join(file, "otklik.db"), errs.Unavailable)
	folder := filepath.Join(t.TempDir(), "otklik.db")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	refused(t, folder, errs.Unavailable)
}

func TestPostgresThatDoesNotOpenHidesThePassword(t *testing.T) {
	t.Parallel()
	base, err := url.Parse(testdb.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	const secret = "S3cr/t p%w#d"
	with := func(host, db string) string {
		u := *base
		u.User, u.Host, u.Path = url.UserPassword("nobody_of_ours", secret), host, db
		return u.String()
	}
	for name, x := range map[string]struct {
		dsn  string
		code errs.Code
	}{
		"wrong name":     {with(base.Host, base.Path), errs.Unavailable},
		"wrong database": {strings.Replace(base.String(), base.Path+"?", "/no_such_database?password=S3cr%2Ft&", 1), errs.Unavailable},
		"closed port":    {with("127.0.0.1:1", base.Path), errs.Unavailable},
		"unknown host":   {with("no-such-host.invalid:5432", base.Path), errs.Unavailable},
		"malformed":      {"postgres://otklik:" + "S3cr/t p%w#d" + "@:x/otklik", errs.Invalid},
		"bad port":       {"postgres://otklik:S3cr@127.0.0.1:99999999/otklik", errs.Invalid},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		s, err := store.Open(ctx, x.dsn)
		cancel()
		if err == nil {
			_ = s.Close()
			t.Fatalf("%s: opened", name)
		}
		if errs.CodeOf(err) != x.code {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(err.Error(), "S3cr") {
			t.Errorf("%s: the password is in %q", name, err)
		}
	}
}

func TestTheBaseIsForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "otklik.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for _, name := range []string{path, path + "-wal"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s may be read by %v", filepath.Base(name), info.Mode().Perm())
		}
	}
}
