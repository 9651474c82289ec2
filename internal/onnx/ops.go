package onnx

import "bowerbird/internal/vec"

// ops are the operators that are known, of the default domain and, where they
// are the same, of com.microsoft.
var ops map[string]op

func init() { // not a literal: some operators look others up
	ops = map[string]op{
		// element by element
		"Add": binary2(addOp), "Sub": binary2(subOp), "Mul": binary2(mulOp), "Div": binary2(divOp), "Pow": binary2(powOp),
		"Min": variadic(minOp), "Max": variadic(maxOp), "Sum": variadic(addOp),
		"Equal": compared(equalOp), "Less": compared(lessOp), "LessOrEqual": compared(lessEqOp), "Greater": compared(greaterOp),
		"GreaterOrEqual": compared(greaterEqOp), "And": compared(andOp), "Or": compared(orOp), "Where": where,
		"Relu": unary(relu), "Sigmoid": unary(sigmoid), "Tanh": unary(tanh32), "Erf": unary(erf32), "Exp": unary(vec.Exp), "Log": unary(log32),
		"Sqrt": unary(sqrt32), "Reciprocal": unary(reciprocal), "Neg": signed(neg32, negInt), "Abs": signed(abs32, absInt),
		"Floor": unary(floor32), "Ceil": unary(ceil32), "Sin": unary(sin32), "Cos": unary(cos32), "Softplus": unary(softplus),
		"Gelu": gelu, "FastGelu": fastGelu, "QuickGelu": quickGelu, "LeakyRelu": leakyRelu, "Elu": elu, "HardSigmoid": hardSigmoid,
		"HardSwish": unary(hardSwish), "PRelu": prelu, "Clip": clip, "Not": not, "Cast": cast,
		// shapes
		"Constant": constant, "ConstantOfShape": constantOfShape, "Identity": identity, "Dropout": dropout, "Shape": shapeOf, "Size": sizeOf,
		"Reshape": reshape, "Flatten": flatten, "Squeeze": squeeze, "Unsqueeze": unsqueeze, "Transpose": transpose, "Concat": concat,
		"Split": split, "Slice": slice, "Gather": gather, "GatherElements": gatherElements, "Expand": expand, "Tile": tile, "Range": rangeOf,
		"Pad": pad, "DepthToSpace": depthToSpace, "OneHot": oneHot, "Resize": resize, "Upsample": resize,
		// sums along axes
		"ReduceMean": reduce(meanOf), "ReduceSum": reduce(sumOf), "ReduceMax": reduce(maxOf), "ReduceMin": reduce(minOf), "ReduceL2": reduce(normOf),
		"ArgMax": argMax, "Softmax": softmax, "LogSoftmax": logSoftmax, "LayerNormalization": layerNorm, "LpNormalization": lpNorm, "CumSum": cumSum,
		// products
		"MatMul": matMul, "Gemm": gemm, "Conv": conv, "MaxPool": maxPool, "AveragePool": averagePool, "GlobalAveragePool": globalPool(meanOf),
		"GlobalMaxPool": globalPool(maxOf), "BatchNormalization": batchNorm, "InstanceNormalization": instanceNorm,
	}
}
