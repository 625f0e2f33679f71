// Package classify learns from people's decisions: what a message is about,
// who answers for it, and whether it needs a reaction at all.
//
// A Model is a linear classifier over the stems, pairs of stems, pieces of
// words and shapes of a text; a Detector puts the rules that fired, the shapes
// and, once trained, such words together into one probability. Both are
// immutable, deterministic, safe for concurrent use, and explain themselves by
// the words of the text.
package classify
