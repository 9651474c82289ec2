// Package encode gives pictures vectors by an image encoder that its owner
// exported to ONNX: CLIP's and SigLIP's image towers, DINO, MobileNet, ResNet and
// their like.
//
// Its main type is Encoder. Open reads a folder:
//
//	model.onnx                one input of pictures, float32; the first output, or the one that is named
//	bowerbird.json            optional: see Manifest
//	preprocessor_config.json  optional: as the transformers library writes it
//
// How a picture becomes the model's input stands in one of the two files;
// bowerbird.json wins, field by field. Without either it is what ImageNet's
// models of torchvision want.
//
// Models are run by internal/onnx: by ONNX Runtime where the program was built
// with it and finds it, else in pure Go. The text tower of a model of both is
// opened by text/sentence; vectors of the two may be compared.
//
// Detector is for models that find things: boxes and scores out, see DetectorManifest.
//
// One flow: Open, Encoder.Encode. It knows no items.
package encode
