// Package patch makes visual vectors with features that are learned from the
// owner's own pictures, without labels and without anything to download: small
// linear kernels on whitened patches, found by k-means, rectified, summed over the
// quarters of the picture, and projected to a few hundred numbers. It sees textures,
// parts and their places; beside it in the vector stands the built-in descriptor of
// package vision.
//
// It does not know what is shown, as a network trained on a billion labelled pictures
// does; for that an owner brings an encoder in ONNX.
//
// The main type is [Encoder]; [Fit] learns one, [Load] reads one.
package patch
