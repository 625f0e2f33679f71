package store

import (
	"context"
	"path/filepath"
)

// FileIn is where the SQLite base stands in a data folder.
func FileIn(folder string) string { return filepath.Join(folder, "otklik.db") }
