package index

// anchors returns a set of atoms one of which stands in every text that
// satisfies the node, and the set's cost: how often, roughly, texts hold one
// of them. ok is false where no such set exists.
func (a *atoms) anchors(n node) (set []atom, cost int, ok bool) {
	switch n.op {
	case opLeaf:
		return a.cheapest(n.run)
	case opAnd, opNear:
		for _, kid := range n.kids {
			kidSet, kidCost, kidOK := a.anchors(kid)
			if kidOK && (!ok || kidCost < cost) {
				set, cost, ok = kidSet, kidCost, true
			}
		}
		return set, cost, ok
	case opOr:
		for _, kid := range n.kids {
			kidSet, kidCost, kidOK := a.anchors(kid)
			if !kidOK {
				return nil, 0, false
			}
			set, cost = append(set, kidSet...), cost+kidCost
		}
		return set, cost, true
	}
	return nil, 0, false
}

func (a *atoms) cheapest(run []atom) ([]atom, int, bool) {
	best, cost := run[0], a.cost(run[0])
	for _, id := range run[1:] {
		if c := a.cost(id); c < cost {
			best, cost = id, c
		}
	}
	return []atom{best}, cost, true
}

// cost guesses how common an atom is. Short words are, and words that hold
// sentences together are above all.
func (a *atoms) cost(id atom) int {
	name := a.names[id]
	if isGlue(name.text) {
		return 1000
	}
	cost := max(2, 40/runeCount(name.text))
	if name.mode == prefixForm {
		cost *= 2
	}
	return cost
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
