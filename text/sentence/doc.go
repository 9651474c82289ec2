// Package sentence gives texts vectors by a sentence model of the BERT family
// that its owner exported to ONNX: MiniLM, BGE, E5, GTE and their like.
//
// Its main type is Encoder, which has the methods of meaning.Encoder. Open reads
// a folder as it is published:
//
//	model.onnx                   inputs input_ids, attention_mask and, if the model has it, token_type_ids
//	tokenizer.json or vocab.txt  a WordPiece vocabulary
//	1_Pooling/config.json        optional: mean (default) or first token
//	sentence_bert_config.json    optional: the longest text, in tokens (default 256)
//	bowerbird.json               optional: what is said nowhere else, see Manifest
//
// Models run by ONNX Runtime where the program was built with -tags onnxruntime
// and finds it, else in pure Go (internal/onnx), where a text of 128 tokens takes
// MiniLM-L6 about 0.1 s on one core. Nothing is downloaded.
//
// It is not an index, and it reads no tokenizer but WordPiece: SentencePiece and
// byte-pair vocabularies are refused.
//
// One flow: Open, Encoder.Encode.
package sentence
