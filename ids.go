package bowerbird

// Dense ids, numbered from 1 in the order in which names first appear in the
// log. 0 means none, so the zero value of a struct names nobody. A number is
// never given to a second name, also not after a delete or an erasure.
type (
	ItemID  uint32
	BoardID uint32
	UserID  uint32
)
