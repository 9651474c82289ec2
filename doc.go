// Package bowerbird holds the nouns of the visual discovery engine: items,
// boards, people, what they do (events), what is asked (requests) and what is
// answered (pages).
//
// It imports nothing of the house, so every room may speak these words. Names
// (the owner's string ids) live at the door only: in [Event], the form that is
// posted and logged. Inside, a [Fact] is the same event with dense numbers, and
// everything that folds, retrieves or ranks works on those.
//
// What it is not for: behaviour. Rooms hold that; see ARCHITECTURE.md.
package bowerbird
