package feature_test

import "bowerbird/bowerbirdtest"

var (
	logOf       = bowerbirdtest.Log
	does        = bowerbirdtest.Does
	randomWorld = bowerbirdtest.World
)
