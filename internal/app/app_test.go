package app

import (
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"otklik/internal/errs"
)

func TestATakenAddressLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	data := filepath.Join(t.TempDir(), "data")
	_, err = New(t.Context(), Config{Listen: l.Addr().String(), Data: data}, "test", slog.New(slog.DiscardHandler))
	if !strings.Contains(errs.MessageOf(err), "занят") {
		t.Errorf("it said %v", err)
	}
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("the folder is there: %v", err)
	}
}
