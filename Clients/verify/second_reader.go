// Command second_reader verifies what Nightbell wrote with a package that is not Nightbell's: golang.org/x/mod/sumdb,
// which guards the downloads of Go's own packages. Nothing here hashes a tree or verifies a signature.
//
//	second_reader export DIR      what `nightbell audit export DIR` wrote
//	second_reader evidence FILE   what `nightbell audit evidence MSG FILE` wrote
//
// It reads logs, not what stands in them: checkpoints, entries, hash tiles and proofs. Prints one JSON object. Exit: 0
// verified, 65 not, 64 usage. Of x/mod only note and tlog are used, and hashes are recomputed from the entries:
// tlog.TileHashReader, which believed tiles (CVE-2026-56865), is not.
//
// Build, with Debian's gccgo-go (or golang-go) and golang-golang-x-mod-dev:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go build -o second_reader Clients/verify/second_reader.go
package main

import (
	"archive/tar"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const width = 256

// A tree that a log's key signed.
type tree struct {
	Size int64  `json:"size"`
	Root string `json:"root"`
	hash tlog.Hash
}

type answer struct {
	OK          bool   `json:"ok"`
	Finding     string `json:"finding,omitempty"`
	Roster      *tree  `json:"roster,omitempty"`
	Activity    *tree  `json:"activity,omitempty"`
	Entries     int    `json:"entries"`
	Consistency int    `json:"consistency"`
}

func main() {
	if len(os.Args) != 3 || os.Args[1] != "export" && os.Args[1] != "evidence" {
		fmt.Fprintln(os.Stderr, "usage: second_reader export DIR | evidence FILE")
		os.Exit(64)
	}
	var result answer
	err := result.read(os.Args[1], os.Args[2])
	result.OK = err == nil
	if err != nil {
		result.Finding = err.Error()
	}
	text, _ := json.Marshal(result)
	fmt.Println(string(text))
	if err != nil {
		os.Exit(65)
	}
}

func (a *answer) read(kind, path string) error {
	if kind == "export" {
		files, err := directory(path)
		if err != nil {
			return err
		}
		if a.Roster, err = wholeLog(files, "roster"); err != nil {
			return err
		}
		a.Activity, err = wholeLog(files, "activity")
		return err
	}
	files, err := archive(path)
	if err != nil {
		return err
	}
	if a.Roster, err = wholeLog(files, "roster"); err != nil {
		return err
	}
	if a.Activity, err = checkpoint(files, "activity"); err != nil {
		return err
	}
	return a.proofs(files)
}

// directory reads the plain files below a directory.
func directory(root string) (map[string][]byte, error) {
	files := map[string][]byte{}
	return files, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if !entry.Type().IsRegular() {
			return fmt.Errorf("%s is no plain file", path)
		}
		name, _ := filepath.Rel(root, path)
		files[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	})
}

// archive reads the files of a tar archive, below its one folder.
func archive(path string) (map[string][]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	files := map[string][]byte{}
	for reader := tar.NewReader(io.LimitReader(file, 128<<20)); ; {
		header, err := reader.Next()
		if err == io.EOF {
			return files, nil
		}
		if err != nil {
			return nil, fmt.Errorf("archive: %w", err)
		}
		name := strings.TrimPrefix(header.Name, "nightbell-evidence/")
		if header.Typeflag != tar.TypeReg || files[name] != nil {
			return nil, fmt.Errorf("archive: %q is no plain file, or there twice", name)
		}
		if files[name], err = io.ReadAll(reader); err != nil {
			return nil, fmt.Errorf("archive: %w", err)
		}
	}
}

// checkpoint opens <log>/checkpoint.
func checkpoint(files map[string][]byte, log string) (*tree, error) {
	return open(files, log, "checkpoint", files[log+"/checkpoint"])
}

// open opens a checkpoint of a log with the key in <log>/log.vkey; signatures of keys that it does not know (cosignatures)
// are passed over.
func open(files map[string][]byte, log, file string, data []byte) (*tree, error) {
	verifier, err := note.NewVerifier(strings.TrimSuffix(string(files[log+"/log.vkey"]), "\n"))
	if err != nil {
		return nil, fmt.Errorf("%s/log.vkey: %w", log, err)
	}
	signed, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return nil, fmt.Errorf("%s/%s: %w", log, file, err)
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return nil, fmt.Errorf("%s/%s: not origin, size and root", log, file)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size <= 0 {
		return nil, fmt.Errorf("%s/%s: no size", log, file)
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return nil, fmt.Errorf("%s/%s: %w", log, file, err)
	}
	return &tree{size, hex.EncodeToString(root[:]), root}, nil
}

// wholeLog recomputes a log from its entry bundles and holds root and hash tiles against it.
func wholeLog(files map[string][]byte, log string) (*tree, error) {
	signed, err := checkpoint(files, log)
	if err != nil {
		return nil, err
	}
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			if index >= int64(len(stored)) {
				return nil, fmt.Errorf("no hash %d", index)
			}
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	expected := map[string]bool{log + "/log.vkey": true, log + "/checkpoint": true}
	for first := int64(0); first < signed.Size; first += width {
		name := log + "/tile/entries/" + tileName(first/width, min(width, signed.Size-first))
		expected[name] = true
		rest := files[name]
		for place := first; place < first+min(width, signed.Size-first); place++ {
			if len(rest) < 2 || len(rest) < 2+int(binary.BigEndian.Uint16(rest)) {
				return nil, fmt.Errorf("%s: entry %d is missing or cut off", name, place)
			}
			entry := rest[2 : 2+int(binary.BigEndian.Uint16(rest))]
			rest = rest[2+len(entry):]
			hashes, err := tlog.StoredHashes(place, entry, reader)
			if err != nil {
				return nil, err
			}
			stored = append(stored, hashes...)
		}
		if len(rest) > 0 {
			return nil, fmt.Errorf("%s: does not end with its last entry", name)
		}
	}
	root, err := tlog.TreeHash(signed.Size, reader)
	if err != nil || root != signed.hash {
		return nil, fmt.Errorf("%s/checkpoint: the entries do not give its root", log)
	}
	// What witnesses cosigned last, each a beginning of this very log.
	if file, isThere := files[log+"/cosigned"]; isThere {
		expected[log+"/cosigned"] = true
		parts := strings.Split(string(file), "\n\n")
		for place := 0; place+2 < len(parts); place += 2 {
			smaller, err := open(files, log, "cosigned", []byte(parts[place]+"\n\n"+parts[place+1]+"\n"))
			if err != nil {
				return nil, err
			}
			if smaller.Size > signed.Size {
				continue // of a later day than these entries
			}
			root, err := tlog.TreeHash(smaller.Size, reader)
			if err != nil || root != smaller.hash {
				return nil, fmt.Errorf("%s/cosigned: another log of %d entries was signed", log, smaller.Size)
			}
		}
	}
	for level := 0; signed.Size>>(8*level) > 0; level++ {
		count := signed.Size >> (8 * level)
		for first := int64(0); first < count; first += width {
			name := fmt.Sprintf("%s/tile/%d/%s", log, level, tileName(first/width, min(width, count-first)))
			expected[name] = true
			var tile []byte
			for place := first; place < first+min(width, count-first); place++ {
				hash := stored[tlog.StoredHashIndex(8*level, place)]
				tile = append(tile, hash[:]...)
			}
			if !bytes.Equal(files[name], tile) {
				return nil, fmt.Errorf("%s: not what the entries give", name)
			}
		}
	}
	for name := range files {
		if strings.HasPrefix(name, log+"/") && !expected[name] {
			return nil, fmt.Errorf("%s: has no place in a log of %d entries", name, signed.Size)
		}
	}
	return signed, nil
}

func tileName(index, count int64) string {
	name := fmt.Sprintf("%03d", index%1000)
	for index >= 1000 {
		index /= 1000
		name = fmt.Sprintf("x%03d/%s", index%1000, name)
	}
	if count < width {
		name += fmt.Sprintf(".p/%d", count)
	}
	return name
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

var seen = regexp.MustCompile(`(?m)^seen activity ([0-9]+) ([0-9a-f]{64}) `)

// proofs checks every entry's tlog-proof, and that what its signer had seen is the beginning of the log.
func (a *answer) proofs(files map[string][]byte) error {
	var names []string
	for name := range files {
		if strings.HasPrefix(name, "activity/entry/") {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		index, err := strconv.ParseInt(strings.TrimPrefix(name, "activity/entry/"), 10, 64)
		if err != nil {
			return fmt.Errorf("%s: no number", name)
		}
		part := fmt.Sprintf("activity/proof/%d.tlog-proof", index)
		prefix := fmt.Sprintf("c2sp.org/tlog-proof@v1\nindex %d\n", index)
		hashes, err := parseProof(files[part], prefix, files["activity/checkpoint"])
		if err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
		if err := tlog.CheckRecord(hashes, a.Activity.Size, a.Activity.hash, index, tlog.RecordHash(files[name])); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		a.Entries++
		match := seen.FindSubmatch(files[name])
		if match == nil {
			continue
		}
		old, err := strconv.ParseInt(string(match[1]), 10, 64)
		if err != nil {
			return fmt.Errorf("%s: no size", name)
		}
		root, _ := hex.DecodeString(string(match[2]))
		var oldRoot tlog.Hash
		copy(oldRoot[:], root)
		part = fmt.Sprintf("activity/consistency/%d", old)
		hashes, err = parseProof(files[part], fmt.Sprintf("old %d\n", old), files["activity/checkpoint"])
		if err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
		if err := tlog.CheckTree(hashes, a.Activity.Size, a.Activity.hash, old, oldRoot); err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
		a.Consistency++
	}
	return nil
}

// parseProof reads lines of hashes between a beginning and a checkpoint.
func parseProof(data []byte, prefix string, checkpoint []byte) ([]tlog.Hash, error) {
	rest := strings.TrimPrefix(string(data), prefix)
	end := "\n" + string(checkpoint)
	found := strings.HasSuffix(rest, end)
	rest = strings.TrimSuffix(rest, end)
	if !strings.HasPrefix(string(data), prefix) || !found {
		return nil, fmt.Errorf("not a proof to the checkpoint in the file")
	}
	var hashes []tlog.Hash
	for _, line := range strings.Split(strings.TrimSuffix(rest, "\n"), "\n") {
		if line == "" && rest == "" {
			break
		}
		raw, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(raw) != tlog.HashSize {
			return nil, fmt.Errorf("a hash is malformed")
		}
		var hash tlog.Hash
		copy(hash[:], raw)
		hashes = append(hashes, hash)
	}
	return hashes, nil
}
