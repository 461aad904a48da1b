"""A log that is not ours (aics-tlog), and its way to ask a witness (aics-witness), for the tests of our witness.

    foreign_log.py vkey ORIGIN                    the log's vkey
    foreign_log.py feed ORIGIN URL WITNESS-VKEY   grows, then forks; one JSON object on standard output

What the witness answers is verified by those packages, not by ours. The log's key follows from its origin: it guards nothing.
"""

import base64
import hashlib
import json
import sys
import urllib.request

from aics_tlog import (
    Checkpoint, MerkleTree, parse_checkpoint, parse_note, parse_vkey, sign_checkpoint, verify_checkpoint, vkey_from_ed25519)
from aics_witness.feeder import WitnessAhead, WitnessClient, WitnessRejected, merge_cosignatures
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def main() -> int:
    verb, origin = sys.argv[1:3]
    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(origin.encode()).digest())
    vkey = vkey_from_ed25519(origin, key.public_key())
    if verb == "vkey":
        blob = base64.b64encode(bytes([1]) + vkey.public_key).decode()
        print(f"{vkey.name}+{vkey.key_id.hex()}+{blob}")
        return 0
    url, witness = sys.argv[3], parse_vkey(sys.argv[4])

    def note(tree: MerkleTree, size: int) -> bytes:
        return sign_checkpoint(Checkpoint(origin, size, tree.root(size)), key, origin).to_bytes()

    true = MerkleTree([b"entry %d" % number for number in range(300)])
    false = MerkleTree([b"entry %d" % number for number in range(100)] + [b"other %d" % number for number in range(300)])
    told = {"cosigned": [], "refused": []}
    with WitnessClient(url, witness) as client:
        for size in (1, 2, 3, 7, 8, 64, 129, 256, 257, 300, 300):
            line = client.submit(note(true, size), true.consistency_proof)
            merged = merge_cosignatures(note(true, size), line)
            result = verify_checkpoint(parse_note(merged), vkey, [witness], quorum=1)
            assert result.ok, result
            told["cosigned"].append(size)
    for tree, size in ((false, 300), (false, 350), (true, 250)):
        # One that remembers nothing: it asks with 0, and is told the size.
        with WitnessClient(url, witness) as client:
            try:
                client.submit(note(tree, size), tree.consistency_proof)
                told["refused"].append("nothing")
            except WitnessAhead:
                told["refused"].append("ahead")
            except WitnessRejected as refusal:
                told["refused"].append(str(refusal.status))
    path = hashlib.sha256(origin.encode()).hexdigest()
    with urllib.request.urlopen(f"{url}/{path}/checkpoint") as answer:
        seen = parse_note(answer.read())
    assert verify_checkpoint(seen, vkey, [witness], quorum=1).ok
    told["seen"] = parse_checkpoint(seen.text).size
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
