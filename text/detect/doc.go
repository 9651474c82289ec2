// Package detect guesses the language of a text, from three letters to a page.
//
// Its main type is [Detector]. One flow: [New] with the languages that may occur, [Detector.Best] on a title,
// [Detector.Rank] on a query, whose few words may be of several.
//
// Scripts that one language writes are told by their letters. Among the languages of the Latin, Cyrillic and Arabic
// scripts a naive Bayes classifier decides, over the n-grams of one to five letters of each word, as langid.py does
// (Lui and Baldwin, 2012). The n-grams are those with the most information about the language; where ours differs is
// that a text that belongs to none of the languages asked for still competes against all that are known.
//
// The weights in weights.bin are numbers that the program in fit estimated from the translations of Django 5.2's own
// messages (BSD-3-Clause, © Django Software Foundation and contributors, from its Python package); no text of them is
// kept. It knows no dialects, and a word that several languages share is anybody's.
package detect
