package store

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"bowerbird"
)

// Scope is what a key allows. Each allows what stands before it as well.
type Scope string

// The scopes.
const (
	Read  Scope = "read"
	Write Scope = "write"
	Admin Scope = "admin"
)

var scopes = []Scope{Read, Write, Admin}

// Allows tells whether a key of scope s may do what need asks for.
func (s Scope) Allows(need Scope) bool {
	have, want := slices.Index(scopes, s), slices.Index(scopes, need)
	return want >= 0 && have >= want
}

// Key is what is kept of a key: everything but its secret.
type Key struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"` // for people
	Scope   Scope     `json:"scope"`
	Hash    string    `json:"hash"` // SHA-256 of the secret, hex
	Created time.Time `json:"created"`
}

// KeyFile keeps the keys of the HTTP interface. A secret is 256 random bits, so
// a plain SHA-256 hides it: there is nothing to guess, and a slow hash, which
// passwords need, would only slow every request. Safe for concurrent use.
type KeyFile struct {
	path string
	mu   sync.RWMutex
	keys []Key
}

const secretPrefix = "bwb_"

// Keys opens the file; one that is not there holds no keys.
func Keys(path string) (*KeyFile, error) {
	k := &KeyFile{path: path}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return k, nil
	}
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if err := json.Unmarshal(b, &k.keys); err != nil {
		return nil, fmt.Errorf("%w: %s: %v", ErrCorrupt, path, err)
	}
	for _, x := range k.keys {
		if h, err := hex.DecodeString(x.Hash); err != nil || len(h) != sha256.Size || !slices.Contains(scopes, x.Scope) {
			return nil, fmt.Errorf("%w: %s: key %q", ErrCorrupt, path, x.ID)
		}
	}
	return k, nil
}

// Create makes a key and returns its secret, which is told this once.
func (k *KeyFile) Create(name string, scope Scope) (Key, string, error) {
	if !slices.Contains(scopes, scope) {
		return Key{}, "", &bowerbird.Invalid{Field: "scope", Message: fmt.Sprintf("%q is none of read, write, admin", scope)}
	}
	var random [40]byte
	if _, err := rand.Read(random[:]); err != nil {
		return Key{}, "", fmt.Errorf("store: make a key: %w", err)
	}
	secret := secretPrefix + base64.RawURLEncoding.EncodeToString(random[:32])
	sum := sha256.Sum256([]byte(secret))
	x := Key{ID: hex.EncodeToString(random[32:]), Name: name, Scope: scope,
		Hash: hex.EncodeToString(sum[:]), Created: time.Now().UTC().Truncate(time.Second)}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.write(append(slices.Clone(k.keys), x)); err != nil {
		return Key{}, "", err
	}
	return x, secret, nil
}

func (k *KeyFile) write(keys []Key) error {
	b, err := json.MarshalIndent(keys, "", "  ")
	if err != nil {
		return err
	}
	if err := writeFile(k.path, append(b, '\n')); err != nil {
		return err
	}
	k.keys = keys
	return nil
}

// List returns the keys, oldest first.
func (k *KeyFile) List() []Key {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return slices.Clone(k.keys)
}

// Revoke removes a key; ErrNotFound if there is none of that id.
func (k *KeyFile) Revoke(id string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	i := slices.IndexFunc(k.keys, func(x Key) bool { return x.ID == id })
	if i < 0 {
		return fmt.Errorf("%w: key %q", ErrNotFound, id)
	}
	return k.write(slices.Delete(slices.Clone(k.keys), i, i+1))
}

// Check finds the key of a secret. It takes the same time whether and where
// there is one: every key is compared, in constant time.
func (k *KeyFile) Check(secret string) (Key, bool) {
	sum := sha256.Sum256([]byte(strings.TrimSpace(secret)))
	given := []byte(hex.EncodeToString(sum[:]))
	k.mu.RLock()
	defer k.mu.RUnlock()
	found := -1
	for i := range k.keys {
		same := subtle.ConstantTimeCompare(given, []byte(k.keys[i].Hash))
		found = subtle.ConstantTimeSelect(same, i, found)
	}
	if found < 0 {
		return Key{}, false
	}
	return k.keys[found], true
}
