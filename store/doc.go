// Package store keeps what must not be lost: the log of events, which is the
// only truth, the catalogue folded from it, and the files beside it: pictures
// (blobs), checkpoints of views, models and API keys.
//
// [Log] is the interface, [OpenLog] the embedded one: events are acknowledged
// when they are durable, counted once by their ids, checksummed one by one, and
// can be forgotten. [Catalogue] gives names dense numbers and hydrates documents.
//
// One flow: [Log.Append] makes an event durable and says at which offset;
// [Catalogue.Apply] numbers it into a Fact, which every other view folds; after
// a restart the views load their checkpoint and [Log.Scan] brings the rest.
//
// What it is not for: deciding whether an event makes sense (Event.Validate, and
// the engine), stamping times (who takes the event in), and serving pages.
package store
