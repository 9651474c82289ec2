package feature_test

import "bowerbird/bowerbirdtest"

var (
	does        = bowerbirdtest.Does
	randomWorld = bowerbirdtest.World
)
