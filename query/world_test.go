package query_test

import "bowerbird/bowerbirdtest"

var (
	logOf       = bowerbirdtest.Log
	put         = bowerbirdtest.Put
	randomWorld = bowerbirdtest.World
)
