package text

import (
	"slices"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/arabic"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/hungarian"
	"github.com/blevesearch/snowballstem/irish"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/norwegian"
	"github.com/blevesearch/snowballstem/porter"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/romanian"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/swedish"
	"github.com/blevesearch/snowballstem/tamil"
	"github.com/blevesearch/snowballstem/turkish"
)

type language struct {
	snowball func(*snowballstem.Env) bool
	stop     string
	elide    bool
}

// The stop lists are small on purpose: an item's title is short, and a word wrongly dropped cannot be found again.
// English is the list of Lucene's EnglishAnalyzer.
const englishStop = "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with"

var languages = map[string]language{
	"none":      {},
	"en":        {snowball: english.Stem, stop: englishStop},
	"en-porter": {snowball: porter.Stem, stop: englishStop},
	"ar":        {snowball: arabic.Stem, stop: "في من على إلى عن مع هذا هذه و أو"},
	"da":        {snowball: danish.Stem, stop: "og i at det en den til er som på de med et for af der ikke"},
	"de":        {snowball: german.Stem, stop: "der die das den dem des ein eine einer eines einem einen und oder in im am an auf mit von vom zu zum zur für ist als bei aus"},
	"es":        {snowball: spanish.Stem, stop: "el la los las un una unos unas de del y o a al en con por para que es se su"},
	"fi":        {snowball: finnish.Stem, stop: "ja on ei se että joka tai myös ovat oli"},
	"fr":        {snowball: french.Stem, stop: "le la les un une des du de et ou à au aux en dans par pour avec sur que qui est ce se", elide: true},
	"ga":        {snowball: irish.Stem, stop: "an na agus ar i le do de a is"},
	"hu":        {snowball: hungarian.Stem, stop: "a az és egy hogy is nem ez vagy"},
	"it":        {snowball: italian.Stem, stop: "il lo la i gli le un uno una di del della dei delle e o a al alla in nel nella con per da che è", elide: true},
	"nl":        {snowball: dutch.Stem, stop: "de het een en of in op aan van voor met te ten ter is dat die bij uit"},
	"no":        {snowball: norwegian.Stem, stop: "og i det en et den til er som på de med for av at ikke"},
	"pt":        {snowball: portuguese.Stem, stop: "o a os as um uma uns umas de do da dos das e ou em no na nos nas com por para que é se"},
	"ro":        {snowball: romanian.Stem, stop: "și în la de cu pe un o din pentru este sau al a"},
	"ru":        {snowball: russian.Stem, stop: "и в во на с со к по из у от для не что как это или а"},
	"sv":        {snowball: swedish.Stem, stop: "och i att det en ett den till är som på de med för av inte"},
	"ta":        {snowball: tamil.Stem, stop: "ஒரு என்று மற்றும் இந்த அந்த"},
	"tr":        {snowball: turkish.Stem, stop: "ve bir bu da de ile için o mi"},
}

// Languages lists the codes that Options.Language knows, sorted.
func Languages() []string {
	codes := make([]string, 0, len(languages))
	for c := range languages {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	return codes
}

func (l language) stemmer() func(string) string {
	if l.snowball == nil {
		return func(w string) string { return w }
	}
	return func(w string) string {
		env := snowballstem.NewEnv(w)
		l.snowball(env)
		if out := env.Current(); out != "" {
			return out
		}
		return w
	}
}
