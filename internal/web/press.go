package web

import (
	"bytes"
	"cmp"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"otklik/internal/errs"
	"otklik/internal/ru"
	"otklik/internal/sheet"
	"otklik/publisher"
)

// column is the head of a column of a table.
type column struct {
	Title string
	Hint  string
	URL   string // sorts by it, "" where that makes no sense
	Sort  string // "ascending" or "descending" where the table is sorted by it
	Num   bool
}

// sorting is by what a table is sorted, as it stands in the address: a name, or
// a minus and a name.
type sorting struct {
	By   string
	Desc bool
}

// parseSorting reads what the address asks for; what is not offered is the
// first of the offers. The signs of the offers are the first direction of each.
func parseSorting(asked string, offers ...string) sorting {
	read := func(s string) sorting {
		name, desc := strings.CutPrefix(s, "-")
		return sorting{name, desc}
	}
	want := read(asked)
	for _, o := range offers {
		if have := read(o); have.By == want.By {
			return want
		}
	}
	return read(offers[0])
}

func (s sorting) String() string {
	if s.Desc {
		return "-" + s.By
	}
	return s.By
}

// head makes a column by which one can sort: pressing it again turns it round.
// link is the address of the page with a sorting.
func (s sorting) head(title, by string, num bool, link func(sorting) string) column {
	c := column{Title: title, Num: num}
	next := sorting{by, num} // the largest number first
	if s.By == by {
		next.Desc, c.Sort = !s.Desc, "ascending"
		if s.Desc {
			c.Sort = "descending"
		}
	}
	c.URL = link(next)
	return c
}

// sorted sorts rows by what compare says of the chosen column; rows that are
// equal by it keep their order.
func sorted[T any](list []T, s sorting, compare func(a, b T) int) {
	slices.SortStableFunc(list, func(a, b T) int {
		if s.Desc {
			return compare(b, a)
		}
		return compare(a, b)
	})
}

// byRussian compares words as people sort them: capitals and ё do not matter.
func byRussian(a, b string) int {
	plain := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "ё", "е") }
	return cmp.Or(strings.Compare(plain(a), plain(b)), strings.Compare(a, b))
}

// withQuery writes an address with what is not empty of the pairs.
func withQuery(path string, pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Add(pairs[i], pairs[i+1])
		}
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// download sends a table as a file.
func (s *server) download(w http.ResponseWriter, t sheet.Table, name, format string) error {
	var buf bytes.Buffer
	write, kind, ending := sheet.WriteCSV, "text/csv; charset=utf-8", ".csv"
	if format == "xlsx" {
		write, kind, ending = sheet.WriteXLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"
	}
	if err := write(&buf, t); err != nil {
		return errs.Wrap(errs.Internal, "Таблица не собралась. Попробуйте ещё раз.", err)
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name + ending}))
	// The reader may be gone; there is nobody to tell.
	_, _ = w.Write(buf.Bytes())
	return nil
}

// files are the addresses of what a page shows, as tables.
type files struct{ CSV, XLSX string }

func filesAt(link string) files {
	sign := "?"
	if strings.Contains(link, "?") {
		sign = "&"
	}
	return files{link, link + sign + "format=xlsx"}
}

// pageNames are the pages of the register by their ids.
func pageNames(pages []publisher.Page) map[string]publisher.Page {
	out := map[string]publisher.Page{}
	for _, p := range pages {
		out[p.ID] = p
	}
	return out
}

// percent is «76,56 %», with as many digits as are asked for and not nought.
func percent(x float64, digits int) string { return ru.Decimal(x, digits) + "\u00a0%" }

// morePage lists all that does not fit into the tabs of a telephone.
type morePage struct {
	Shell shell
}

func (s *server) more(w http.ResponseWriter, r *http.Request, v *visit) error {
	page := morePage{Shell: s.shell(r, v, "more", "Все разделы")}
	s.show(w, v, http.StatusOK, "more", page)
	return nil
}
