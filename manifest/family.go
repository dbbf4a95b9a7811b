package manifest

// family is a set of items and top-level values of a ResourceList that share
// anchors. If one of them changes, all are written with their aliases expanded,
// because the anchor they refer to may be gone, or mean something else.
type family struct {
	items  []*Item
	fields []edit // top-level values written without aliases
	// holdsItems is whether an anchor on the list of items itself is shared.
	merged *family
}

// find returns the family that f has become part of.
func (f *family) find() *family {
	for f.merged != nil {
		f = f.merged
	}
	return f
}

// isChanged reports whether the members must be written expanded.
func (f *family) isChanged(dropped bool) bool {
	for _, it := range f.items {
		if it.changed || dropped {
			return true
		}
	}
	return false
}

// member is a part of a ResourceList that has its own place in the output.
type member struct {
	item  *Item  // nil for a top-level value that is no item
	field *Field // nil for an item of the list
	node  *Node
	alias bool // refers to an anchor outside
	group *family
}

// share finds the members that share anchors and gives them bytes that stand
// on their own.
func (rl *ResourceList) share() error {
	s := &sharing{owners: make(map[*Node]*member)}
	for i := range rl.root.Fields {
		f := &rl.root.Fields[i]
		if f == rl.items {
			rl.shareItems(s)
			continue
		}
		m := &member{field: f, node: f.Value, group: new(family)}
		if f.Key.Value == "functionConfig" {
			m.item = rl.FunctionConfig
		}
		s.add(m, f.Key)
		s.add(m, f.Value)
		s.members = append(s.members, m)
	}
	if !s.found {
		return nil
	}
	return rl.settle(s)
}

func (rl *ResourceList) shareItems(s *sharing) {
	list := &member{node: rl.items.Value, group: new(family)}
	if rl.items.Value.Anchor != "" {
		s.owners[rl.items.Value] = list
	}
	for i, n := range rl.items.Value.Items {
		m := &member{item: rl.Items[i], node: n, group: new(family)}
		if rl.items.Value.Anchor != "" {
			m.group = list.group
		}
		s.add(m, n)
		s.members = append(s.members, m)
	}
}

// settle writes members with foreign aliases anew and forms the families.
func (rl *ResourceList) settle(s *sharing) error {
	shared := make(map[*family]int)
	for _, m := range s.members {
		shared[m.group.find()]++
	}
	for _, m := range s.members {
		g := m.group.find()
		if shared[g] == 1 {
			continue
		}
		if m.field != nil && m.field == rl.results {
			return &Error{Msg: "results share an anchor with the rest of the ResourceList"}
		}
		if err := rl.join(m, g); err != nil {
			return err
		}
	}
	return nil
}

func (rl *ResourceList) join(m *member, g *family) error {
	if len(g.items) == 0 && len(g.fields) == 0 {
		rl.families = append(rl.families, g)
	}
	if m.item != nil {
		m.item.family = g
		g.items = append(g.items, m.item)
		if !m.alias {
			return nil
		}
		flow := m.node.Style == Flow || rl.root.Style == Flow || m.field != nil
		text, err := expand(m.node, m.item.column, flow)
		m.item.original, m.item.text = text, text
		return err
	}
	text, err := expand(m.node, 0, true)
	g.fields = append(g.fields, edit{m.field.Key.End, m.node.End, append([]byte(": "), text...)})
	return err
}

// sharing looks for anchors used outside the member they stand in.
type sharing struct {
	members []*member
	owners  map[*Node]*member // of nodes with an anchor
	found   bool
}

func (s *sharing) add(m *member, n *Node) {
	if n.Anchor != "" {
		s.owners[n] = m
	}
	if n.Kind == Alias {
		if owner := s.owners[n.Target]; owner != nil && owner != m {
			s.found, m.alias = true, true
			if a, b := owner.group.find(), m.group.find(); a != b {
				b.merged = a
			}
		}
		return
	}
	for _, f := range n.Fields {
		s.add(m, f.Key)
		s.add(m, f.Value)
	}
	for _, it := range n.Items {
		s.add(m, it)
	}
}
