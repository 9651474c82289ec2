package copies

import "slices"

// Default is the judge that serves until one is learned from the owner's pictures. It
// was learned by `bowerbird eval pictures --parts duplicates` on edits of a sixth of the
// training photographs of vision-clothing-small-256 (CC0); its precision and recall on
// others are in docs/benchmarks/vision.md.
func Default() *Judge { return &Judge{Weights: slices.Clone(learned), Threshold: .828095} }

var learned = []float64{
	-11.509, -9.61192, 3.24346, 1.1635, -10.3756, -4.67306, -11.498, -5.91686, -7.57799, -23.1592, -14.1158, -20.4697, -0.436808,
	-1.39014, 23.1234, 16.0839, 16.4199, 2.86637, 11.7957, 3.21942, 6.20268, 10.3736, 11.0799, 17.8482, -0.436808,
	4.83103, -9.31891, 13.5973, 8.15849, 0.980948, -12.5314,
}
