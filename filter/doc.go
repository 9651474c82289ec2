// Package filter holds what keeps items off a page: withdrawn, seen, hidden,
// muted, or not what was asked for. Each filter owns the view that it decides
// by; For compiles one request's test, which is then safe for concurrent use and
// takes no lock.
//
// It is not for taste: an item that is merely unlikely to please is the ranker's
// affair.
//
//	fields := filter.NewFields()            // folds item_put, item_delete
//	live, where := filter.Live(fields), filter.Where(fields)
//	seen := filter.NewSeen(filter.SeenOptions{})
package filter
