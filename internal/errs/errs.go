// Package errs holds the one error type of the program: a code for machines,
// a sentence for people and a cause for the log.
package errs

import (
	"errors"
	"fmt"
)

// Code says what kind of thing went wrong. The web layer has one table from
// codes to HTTP statuses; nothing else may look at an error's text.
type Code string

const (
	// Invalid: the request itself is wrong and will be wrong again.
	Invalid Code = "invalid"
	// Unauthenticated: nobody is signed in, or the sign-in failed.
	Unauthenticated Code = "unauthenticated"
	// Forbidden: the person is known and may not do this.
	Forbidden Code = "forbidden"
	// NotFound: there is no such thing, or the person may not know of it.
	NotFound Code = "not_found"
	// Conflict: somebody else changed the thing in the meantime.
	Conflict Code = "conflict"
	// TooLarge: the input exceeds a documented bound.
	TooLarge Code = "too_large"
	// RateLimited: too many attempts; trying later helps.
	RateLimited Code = "rate_limited"
	// Unavailable: something outside the program does not answer; trying later helps.
	Unavailable Code = "unavailable"
	// Internal: a defect or an unclassified failure. Its cause is for the log only.
	Internal Code = "internal"
)

// Error carries a Code, a Russian sentence that may be shown to any person,
// and the cause, which may not.
type Error struct {
	Code    Code
	Message string
	Cause   error
}

// New returns an error that has no deeper cause.
func New(code Code, message string) *Error {
	return &Error{Code: code, Message: message}
}

// Newf is New with a formatted message.
func Newf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap returns an error that keeps its cause for the log.
func Wrap(code Code, message string, cause error) *Error {
	return &Error{Code: code, Message: message, Cause: cause}
}

// Error is for the log: the code, the sentence and the cause.
func (e *Error) Error() string {
	if e.Cause == nil {
		return string(e.Code) + ": " + e.Message
	}
	return string(e.Code) + ": " + e.Message + ": " + e.Cause.Error()
}

// Unwrap gives errors.Is and errors.As the cause.
func (e *Error) Unwrap() error { return e.Cause }

// CodeOf returns the code of the outermost *Error in the chain, Internal for
// any other error and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

// MessageOf returns the sentence for people. What is not an *Error is unknown
// to them by definition, so its text is withheld.
func MessageOf(err error) string {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) && e.Code != Internal {
		return e.Message
	}
	return "Что-то сломалось внутри программы. Данные не потеряны, попробуйте ещё раз."
}
