package index

// weighed is how many rules make it worth while to weigh their words.
const weighed = 16

// sampleEvery is how rarely the matcher counts the words of a text.
const sampleEvery = 32

// Observe counts the words of a text. Rules that are compiled later are looked
// up by words that are rare in such texts; what they mean does not change. A
// Matcher observes one text in 32 by itself.
func (a *Analyzer) Observe(text string) {
	c := cutTexts.Get().(*cutText)
	defer putCut(c)
	a.cut(c, text)
	a.count(c)
}

func (a *Analyzer) count(c *cutText) {
	for _, t := range c.words {
		if int(t.word) < len(c.vocabulary.seen) {
			c.vocabulary.seen[t.word].Add(1)
		}
	}
	a.sampled.Add(1)
}

// weigh sets how common each atom is in a thousand texts: what was counted,
// mixed with a guess that counts as much as a few texts do.
func (b *builder) weigh(rules int) {
	const guessed = 20
	b.costs = make([]float64, len(b.atoms.names))
	counted := 0.0
	if rules > weighed {
		counted = float64(b.analyzer.sampled.Load())
		b.countAtoms(b.analyzer.vocabulary.Load())
	}
	for i := range b.costs {
		b.costs[i] = (1000*b.costs[i] + guessed*guess(&b.atoms.names[i])) / (counted + guessed)
	}
}

func (b *builder) countAtoms(v *vocabulary) {
	v.mu.Lock()
	met := v.count
	v.mu.Unlock()
	var ids []atom
	for i := range met {
		if n := v.seen[i].Load(); n > 0 {
			ids = b.atoms.resolve(ids[:0], &v.words[i])
			for _, id := range ids {
				b.costs[id] += float64(n)
			}
		}
	}
}

func (b *builder) cost(id atom) float64 { return b.costs[id] }

// guess says how many texts in a thousand hold an atom, for want of counts.
// Short words are common, and words that hold sentences together above all.
func guess(name *atomName) float64 {
	switch name.mode {
	case factForm:
		switch name.term {
		case fieldNetwork, fieldKind:
			return 500
		case fieldSource:
			return 100
		}
		return 20
	case anyForm, exactForm:
		if isGlue(name.text) {
			return 300
		}
		return 40 / float64(max(1, runeCount(name.text)))
	}
	return 80 / float64(max(1, runeCount(name.text)))
}

func isGlue(term string) bool {
	switch term {
	case "не", "нет", "и", "в", "во", "на", "с", "со", "по", "у", "к", "за", "от", "до", "из", "для", "о", "об", "при", "без",
		"а", "но", "же", "бы", "ли", "это", "эт", "то", "так", "что", "как", "где", "кто", "когд", "почем", "быт", "все", "вс",
		"мы", "вы", "он", "я", "нам", "вам", "уже", "уж", "еще", "ещ", "тут", "там", "ден", "год", "мочт", "человек", "люд":
		return true
	}
	return false
}
