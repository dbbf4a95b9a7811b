// Package joined takes joined errors apart.
package joined

// Each calls f for every error that err joins, at any depth, and for err itself
// where it joins none.
func Each(err error, f func(error)) {
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range list.Unwrap() {
			Each(e, f)
		}
		return
	}
	f(err)
}
