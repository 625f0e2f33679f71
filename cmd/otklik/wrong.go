package main

import (
	"regexp"
	"strings"
)

// wrongLine says in Russian what the parser found wrong with a command line.
// What it has no words for stays as the parser says it.
func wrongLine(said string) string {
	for _, x := range []struct{ pattern, words string }{
		{`^unknown flag (\S+), did you mean (?:one of )?(.+)\?$`, "ключа $1 нет, похоже на $2"},
		{`^unknown flag (\S+)$`, "ключа $1 нет"},
		{`^unexpected argument (\S+), did you mean (?:one of )?(.+)\?$`, "«$1» здесь не бывает, похоже на $2"},
		{`^unexpected argument (.+)$`, "«$1» здесь не бывает"},
		{`^missing flags: (.+)$`, "не хватает ключей: $1"},
		{`^expected (?:one of )?(".+)$`, "нужна одна из команд: $1"},
		{`^(\S+) must be one of (.+) but got "(.*)"$`, "у ключа $1 не бывает значения «$3», можно: $2"},
		{`^(\S+): expected duration but got "([^"]*)".*$`, "у ключа $1 должно быть время вида 60s или 5m, а не «$2»"},
		{`^(\S+): expected a valid .*int but got "(.*)"$`, "у ключа $1 должно быть целое число, а не «$2»"},
		{`^(\S+): (?:expected .+ but got "EOL"|missing value).*$`, "у ключа $1 нет значения"},
		{`^(\S+): bool value must be .+ but got "(.*)"$`, "у ключа $1 бывает только true или false, а не «$2»"},
	} {
		if re := regexp.MustCompile(x.pattern); re.MatchString(said) {
			return tidy(re.ReplaceAllString(said, x.words))
		}
	}
	return said
}

// tidy leaves out the parser's quotes and its placeholders of values.
func tidy(s string) string {
	s = regexp.MustCompile(`(--[a-z-]+)=[A-Z]+(,\.\.\.)?`).ReplaceAllString(s, "$1")
	s = regexp.MustCompile(`",\s*"`).ReplaceAllString(s, ", ")
	return strings.ReplaceAll(s, `"`, "")
}
