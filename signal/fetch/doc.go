// Package fetch gets pictures by their URL from places that strangers name, and
// nothing else: no page, no redirect into the owner's own network, no endless
// answer.
//
// An address in a catalogue is somebody's word. A server that follows it can be
// made to speak to its neighbours (server-side request forgery, OWASP). So a
// name is resolved once, every address it has must be public (IANA's registries
// of special-purpose addresses, RFC 6890 and its updates), the connection goes
// to the very address that was checked, and the same is asked again of every
// redirect, so that a name that answers differently the second time (DNS
// rebinding) gains nothing. The socket itself is asked once more before it
// connects. Names that some resolver would read as an address (0x7f.1, 127.1,
// 2130706433) are refused unread.
//
// It does not decode: what it returns is bytes of at most MaxBytes that begin
// like a picture. It uses no proxy, keeps no cookies and sends no credentials.
//
// One flow: New once; Picture for each address. A Fetcher may be called by any
// number of goroutines.
package fetch
