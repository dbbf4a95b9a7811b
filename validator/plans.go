package validator

import "github.com/usergroup-dev/usergroup/podspec"

// plans are what findings do to places, one thing to each: mostly to a handful, but a
// pod may have thousands of containers.
type plans struct {
	few  []plan
	many map[string]podspec.Op // by path, instead of few
}

type plan struct {
	at podspec.Path
	op podspec.Op
}

// fewPlans is how many places are as quickly compared one by one.
const fewPlans = 16

func (p *plans) add(e podspec.Edit) {
	if p.many == nil && len(p.few) < fewPlans {
		if p.few == nil {
			p.few = make([]plan, 0, usual)
		}
		p.few = append(p.few, plan{e.Path, e.Op})
		return
	}
	if p.many == nil {
		p.many = make(map[string]podspec.Op)
		for _, f := range p.few {
			p.many[f.at.String()] = f.op
		}
	}
	p.many[e.Path.String()] = e.Op
}

func (p *plans) at(path podspec.Path) (podspec.Op, bool) {
	if p.many != nil {
		op, ok := p.many[path.String()]
		return op, ok
	}
	for i := len(p.few) - 1; i >= 0; i-- { // the last one holds
		if p.few[i].at.Equal(path) {
			return p.few[i].op, true
		}
	}
	return 0, false
}
