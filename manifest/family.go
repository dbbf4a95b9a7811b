package manifest

// family is a set of items and top-level values of a ResourceList that share
// anchors. If an item of it changes, all are written with their aliases
// expanded, because the anchor they refer to may be gone, or mean something
// else.
type family struct {
	items   []*Item
	values  []edit // the top-level values, expanded
	members int
	merged  *family // the family this one has become part of
}

// find returns the family that f has become part of.
func (f *family) find() *family {
	for f.merged != nil {
		f = f.merged
	}
	return f
}

// isChanged reports whether the members must be written expanded. dropped is
// whether the items of the list are not written at all.
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
	flow  bool // must be written in braces
	group *family
}

// share forms the families of a list that go-yaml has read, and gives those
// items other bytes that would not mean the same on their own.
func (rl *ResourceList) share() error {
	s := &sharing{owners: make(map[*Node]*member)}
	for i := range rl.root.Fields {
		f := &rl.root.Fields[i]
		if f == rl.items {
			rl.shareItems(s)
			continue
		}
		m := &member{field: f, node: f.Value, flow: true, group: &family{members: 1}}
		if f.Key.Value == "functionConfig" {
			m.item = rl.FunctionConfig
			// Lines can be lines again, unless they begin behind the key.
			m.flow = !isLines(f.Value) || f.Value.PropStart < f.Value.Start
		}
		s.add(m, f.Key)
		s.add(m, f.Value)
		s.members = append(s.members, m)
	}
	for _, m := range s.members {
		if m.item != nil {
			if err := m.standAlone(); err != nil {
				return err
			}
		}
		if g := m.group.find(); g.members > 1 {
			if err := rl.join(m, g); err != nil {
				return err
			}
		}
	}
	return nil
}

func (rl *ResourceList) shareItems(s *sharing) {
	list := rl.items.Value
	all := new(family)
	for i, n := range list.Items {
		m := &member{
			item: rl.Items[i], node: n,
			flow:  list.Style == Flow || n.Style == Flow,
			group: &family{members: 1},
		}
		if list.Anchor != "" {
			// Whoever refers to the list refers to each item.
			all.absorb(m.group)
			s.owners[list] = m
		}
		s.add(m, n)
		s.members = append(s.members, m)
	}
}

// standAlone sees to it that the item's bytes mean what they mean in the list:
// they may have aliases, or tags that need a directive.
func (m *member) standAlone() error {
	it := m.item
	if own, err := DecodeFull(it.original, it.column); err == nil && Equal(own, m.node) {
		it.head, it.headKnown = headOf(own), true
		return nil
	}
	text, err := expand(m.node, it.column, m.flow)
	if err != nil {
		return at(err, "", it.line)
	}
	text = endLike(text, it.original)
	it.original, it.text = text, text
	return nil
}

// join makes m, which shares anchors, part of its family.
func (rl *ResourceList) join(m *member, g *family) error {
	if len(g.items) == 0 && len(g.values) == 0 {
		rl.families = append(rl.families, g)
	}
	switch {
	case m.item != nil:
		m.item.family = g
		g.items = append(g.items, m.item)
		return nil
	case m.field == rl.results:
		return rl.fail(m.node, "results share an anchor with other parts of the ResourceList")
	}
	text, err := expand(m.node, 0, true)
	if err != nil {
		return rl.fail(m.node, "%v", err)
	}
	g.values = append(g.values, edit{m.field.Key.End, m.node.End, append([]byte(": "), text...)})
	return nil
}

// sharing looks for anchors that are used outside the member they stand in.
type sharing struct {
	members []*member
	owners  map[*Node]*member // of nodes with an anchor
}

func (s *sharing) add(m *member, n *Node) {
	if n.Anchor != "" {
		s.owners[n] = m
	}
	if n.Kind == Alias {
		if owner := s.owners[n.Target]; owner != nil && owner != m {
			owner.group.find().absorb(m.group.find())
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

// absorb makes other part of f.
func (f *family) absorb(other *family) {
	if f != other {
		f.members += other.members
		other.merged = f
	}
}
