package area

// Plain switches the kernels off until the function is called that it returns.
func Plain() func() {
	was := vectors
	vectors = false
	return func() { vectors = was }
}
