package index

// Rule is a stored condition with the topic that a text satisfying it belongs
// to. The index reads ID, TopicID and Version only to name them in matches.
type Rule struct {
	ID      string
	TopicID string
	Version int
	Name    string
	Expr    string
}

// RuleError says why a rule could not be compiled. Err comes from Parse.
type RuleError struct {
	RuleID string
	Err    error
}

func (e RuleError) Error() string { return "rule " + e.RuleID + ": " + e.Err.Error() }

func (e RuleError) Unwrap() error { return e.Err }

// Match says that a text satisfies a rule, and why.
type Match struct {
	RuleID      string
	RuleVersion int
	TopicID     string
	// Spans are the words that made the rule fire, ascending and apart.
	Spans []Span
	// Words are the same words as the text has them.
	Words []string
}

// Span is a stretch of a text in bytes, End exclusive.
type Span struct{ Start, End int }
