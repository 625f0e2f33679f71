// Package index understands Russian texts of social networks: it cuts them
// into terms, decides which stored rules they satisfy, and keeps an archive
// that is searched with the same language and the same terms.
//
// One Analyzer serves all three, so a rule finds in the archive exactly what
// it catches in the stream.
package index
