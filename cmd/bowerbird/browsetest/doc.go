// Package browsetest browses the page as a person would: a headless Chromium on
// the real server, over a small world with drawn pictures that went in through
// the ordinary door. It holds tests only.
//
// It is not for the page's functions (web/ has unit tests) and not for relevance
// (eval). The test is skipped where there is no Chromium; with BOWERBIRD_CI set
// that is a failure. Pictures of the screen go to the folder named by
// BOWERBIRD_SCREENSHOTS, or to one in the system's folder for temporary files:
//
//	BOWERBIRD_SCREENSHOTS=/tmp/shots go test -v ./cmd/bowerbird/browsetest
package browsetest
