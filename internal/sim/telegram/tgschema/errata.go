package tgschema

import "slices"

// erratum is a place where the table of a field says less than the network takes.
type erratum struct {
	// of is the method or type, field its parameter or field.
	of, field string
	// types are what the field may be.
	types []string
	// cite says where the difference is known from.
	cite string
}

func errata() []erratum {
	return []erratum{
		{
			of: "ReplyKeyboardMarkup", field: "keyboard",
			types: []string{"Array of Array of KeyboardButton", "Array of Array of String"},
			cite:  "the description of KeyboardButton: a plain text button may be given as a String",
		},
		{
			of: "sendMediaGroup", field: "media",
			types: []string{"Array of InputMedia"},
			cite:  "the description of sendMediaGroup: only documents and audio files stand with their like, photos and videos may be mixed",
		},
	}
}

// correct applies the errata.
func (s *Schema) correct() {
	for _, e := range errata() {
		fields := s.Types[e.of].Fields
		if m, ok := s.Methods[e.of]; ok {
			fields = m.Fields
		}
		if i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == e.field }); i >= 0 {
			fields[i].Types = e.types
		}
	}
}
