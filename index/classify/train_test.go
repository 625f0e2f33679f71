package classify

import "testing"

func TestPlaceholder(t *testing.T) {}
