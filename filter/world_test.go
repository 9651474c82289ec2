package filter_test

import "bowerbird/bowerbirdtest"

var (
	logOf       = bowerbirdtest.Log
	put         = bowerbirdtest.Put
	does        = bowerbirdtest.Does
	randomWorld = bowerbirdtest.World
)
