/// `README.txt` of a file of evidence: all that somebody needs to check it who has neither this program nor anybody to ask.
enum EvidenceReadme {
    static let bytes = Array(text.utf8)

    private static let text = #"""
        EVIDENCE ABOUT ONE MESSAGE
        ==========================

        This archive shows what was recorded about one sealed message: who sent it to whom, when it was let out to which
        device, what those devices answered, each record with the mathematical proof of its place in a log that nobody can
        change unnoticed. It can be checked offline, without the relay, without an account and without the program that made
        it. It does not hold what the message said: message contents are sealed, and only their recipients can open them. It
        names a patient only if it has the folder capsule/, which an auditor puts in for a reason that was logged first.

        HOW TO CHECK IT
          1. nightbell audit check FILE
          2. python3 nightbell_evidence.py FILE     (an independent program; ships with Nightbell under Clients/verify)
          3. by hand or with a program of your own, as described below. The file is a POSIX "ustar" archive: `tar -xf FILE`.
        Then compare the organisation's id (org-...) by telephone, or with an invitation on paper: everything hangs on it.

        WHAT THE FILE CANNOT SHOW
          - That nothing else was recorded about the message: only a replay of the whole activity log shows that
            (`nightbell audit verify`, or an export of both logs). So also whether a page went where a subscription was proven,
            a prekey was used once, or a device without a key was left out with reason.
          - That the relay showed everybody the same logs. Compare the checkpoints' sizes and roots with those that other
            members' devices show (`nightbell status`). A witness that cosigned a checkpoint has seen no other history.
          - Who held a device in the hand. A signature is that of a device's key; the roster says whose device it is.
          - The true time. An entry's time is the relay's word, a statement's `at` is its device's; the order in the log is
            proven.
          - What happened after the checkpoint.
          - Whether what the sender wrote into the capsule is true. A receipt "delivered" with `capsule agrees` says that a
            recipient's device found in the message what the capsule names.

        THE PARTS  (all in the folder nightbell-evidence/)
          evidence.note              what the auditor's device signed: the two checkpoints, the hash of SHA256SUMS
          SHA256SUMS                 the hash of every other part: `sha256sum -c SHA256SUMS`
          README.txt                 this text
          head.note                  the relay's signed word on both logs at one time: that roster/ is not an older one
          roster/                    the whole roster log: who may sign what. A C2SP tlog-tiles directory
          activity/log.vkey          the key of the activity log
          activity/checkpoint        the signed state of the activity log under which every entry is proven
          activity/consistency/N     that the activity log of N entries is the beginning of the checkpoint's
          activity/entry/N           entry N of the activity log
          activity/proof/N.tlog-proof   its proof
          capsule/sealed             what the message's sender sealed to the auditors about it (these three may be absent)
          capsule/key                the key of this one capsule, in hex; it opens no other, and not the message
          capsule/opened.json        what the capsule holds: whom the message is about

        FORMATS  (C2SP: https://c2sp.org signed-note, tlog-checkpoint, tlog-tiles, tlog-proof, tlog-witness; RFC 6962, 9162)

        A signed note is a text that ends with a line feed (LF), an empty line, and lines
            <em dash U+2014> <space> <key name> <space> base64(key id, 4 bytes || Ed25519 signature, 64 bytes)
        The signature is over the text with its last LF, without the empty line. The key id is the first 4 bytes of
        SHA-256(key name || LF || byte 0x01 || public key, 32 bytes). Base64 is RFC 4648 section 4 with padding.
        log.vkey is one line: <key name>+<key id in hex>+base64(byte 0x01 || public key).

        A checkpoint is a note whose text is three lines: origin (the key name), number of entries, base64(root hash). Behind
        the log's signature may stand those of witnesses (C2SP tlog-cosignature), in the order in which the roster names them:
            <em dash U+2014> <space> <witness name> <space> base64(key id, 4 bytes || time, 8 bytes || signature, 64 bytes)
        The time is big-endian, in seconds since 1970. The signature is over the line `cosignature/v1`, a line `time <seconds>`
        and the checkpoint's text. It says: as of that time, this is the largest tree of this log that I saw, and it continues
        every one that I saw before. The witness's key stands in the newest `admins` statement, as `witness <name>+<key id in
        hex>+base64(byte 0x04 || public key)`; `cosignatures` says of how many witnesses the organisation's members demand one.

        Hashes (|| joins bytes):
            leaf(entry)      = SHA-256(byte 0x00 || entry)
            node(left,right) = SHA-256(byte 0x01 || left || right)
            root of n > 1 leaves = node(root of the first k, root of the rest), k the largest power of two below n

        roster/tile/entries/NNN holds up to 256 entries, each as 2 bytes length (big-endian) and the entry. Together they are
        all entries of the roster log, in order; their root must be the one in roster/checkpoint. roster/tile/L/NNN hold hashes
        of complete subtrees of 256^L leaves, for readers of C2SP tiles; nobody needs them here.

        A tlog-proof is the line `c2sp.org/tlog-proof@v1`, a line `index N`, lines base64(hash), an empty line, the checkpoint.
        To verify (index i, size n, hashes P): r = leaf(entry), f = i, s = n-1. For each p of P:
            if s = 0: fail.
            if f is odd or f = s:  r = node(p,r); if f is even: halve f and s (dropping the rest) until f is odd or f = 0;
            else:                  r = node(r,p).
            Then halve f and s.
        Good if and only if s = 0 and r is the checkpoint's root.

        activity/consistency/M is the line `old M`, lines base64(hash), an empty line, the checkpoint (size n, root R).
        To verify with the root Q that a signer had seen for size M (see `seen activity`): if M is a power of two, put Q before
        the hashes. f = M-1, s = n-1; while f is odd, halve both. a = b = the first hash. For each further hash c:
            if s = 0: fail.
            if f is odd or f = s:  a = node(c,a), b = node(c,b); if f is even: halve f and s until f is odd or f = 0;
            else:                  b = node(b,c).
            Then halve f and s.
        Good if and only if s = 0, a = Q and b = R.

        An entry is the line `nightbell.entry/v1 <time>` and then a signed note, or an event's text, which the relay recorded
        and nobody signed: the checkpoint covers it. Times are UTC. A statement's hash is SHA-256 of its text.

        Every text is lines `key value`; its first line is its type. Names are hashes, so that no other key can claim them:
            org-...  base32(first 20 bytes of SHA-256(text of entry 0 of the roster log, the genesis))
            dev-...  base32(first 20 bytes of SHA-256(Ed25519 public key)); inv-... likewise
        (RFC 4648 base32, small letters, no padding.) mem-... are members, msg-... messages.

        `seen roster|activity <size> <root in hex> <base64(key id || signature)>` in a statement is the newest checkpoint that
        its signer had verified: the signature is the log's over the checkpoint of that size and root. So the signers
        themselves vouch for the log's beginning.

        THE CAPSULE  (if it is there)

        The manifest has the line `capsule <id of the audit key> <commitment> <hash of its sealed key> <size> <hash>` and a
        line `binding <hex>`. With k the 32 bytes of capsule/key:
            SHA-256 and size of capsule/sealed are the manifest's
            crypto_kdf(k, 1, "nbcapsul") = commitment
            capsule/sealed = nonce (24 bytes) || XChaCha20-Poly1305(key k, nonce, plaintext, associated data: 32 bytes of binding)
            plaintext = capsule/opened.json || byte 0x80 || bytes 0x00, 1024 bytes together
        crypto_kdf(k, n, context) is BLAKE2b of nothing, 32 bytes long, keyed with k, salt n (8 bytes, little-endian) and 8 zeros,
        personal context and 8 zeros. XChaCha20-Poly1305 is that of draft-irtf-cfrg-xchacha. The commitment leaves one key,
        the seal one plaintext, and the sender signed both hashes: so this is what was sealed when the message was sent.
        k is itself crypto_kdf(K, 3, "nbseal01") of the message's key K, which cannot be computed from it.

        THE ROSTER LOG  (who signs; rights are those at the entry's own place)
          genesis     names both logs' keys, the first members and admin devices. Signed by these devices
          member      a member's name, roles, status. By an admin device; by the quorum for roles auditor and gateway
          invitation  lets a member bring one device. By an admin (and a device of the member, once it has one)
          enrol       a device and its key. By the new device and the invitation's key
          revoke      ends a device, an invitation, or a change of keys. By an admin, the recovery key, or the device itself
          admins      admin devices, quorum, audit and recovery key, witnesses. By the quorum or the recovery key
        A revoked device, or one of a suspended member, signs nothing that counts after that place. The roster in force at an
        entry of the activity log is all roster entries of no later time.

        THE ACTIVITY LOG  (what happened)
          manifest    one message: sender's device, member addressed, urgency, times, `to` a device with the hash of its sealed
                      key, hashes of the sealed content. `in-reply-to` and `forward-of` name another message. By the sender
          receipt     one step on a recipient's device: delivered, read, acknowledged, declined, handed_off, closed, filed,
                      disclosed, undecryptable. `number` and `previous` chain all receipts of a device: a gap in this file is
                      filled by receipts of other messages. By that device
          access      an auditor's look at the message: `kind` evidence or message, and the reason. By the auditor's device,
                      before anything was shown
          event       the relay's record. served: it may have let the sealed bytes out to that device (recorded before it
                      did). pushed: it tried to wake the device. undeliverable, unanswered, fallback: what the words say

        WHAT A CHECK MUST FIND
          1. The archive's files are evidence.note, SHA256SUMS and the files that it lists; all hashes hold; evidence.note
             names the hash of SHA256SUMS after the number of files.
          2. The roster log's entries give the root of roster/checkpoint. From the genesis on, every statement has exactly the
             signatures that it needs; no two members bear one name at one time. The genesis' hash is the organisation's id, its keys are those of log.vkey, and both
             checkpoints are signed by them. Every other signature under a checkpoint is that of a witness that the roster names.
          3. evidence.note is signed by a device of a member with the role auditor, neither revoked nor suspended, and its `seen`
             lines are the two checkpoints. head.note is there, is signed by the activity log's key and names the same sizes and
             roots: without it nothing says that the roster log is not an older one, from before a revocation. Its time is no
             more than a minute before that of any entry in the file, and 5 minutes after `at` of evidence.note.
          4. Every entry's proof leads to the root of activity/checkpoint; times never decrease.
          5. Every statement is signed by a device that was live in the roster in force; what it had `seen` is signed by the
             logs and, by its consistency proof, the beginning of these logs.
          6. The manifest had seen the roster in force, and its `to` and `without` lines name exactly the live devices of the
             member addressed. The policy in genesis (`write FROM TO`, roles) lets the sender's member write to that member, unless
             it answers; nobody writes to an auditor. `recovery` and `capsule` name the keys in force: the recovery key of genesis,
             the first audit key, and what replaced them 72 hours before, or at once where the recovery key signed.
             Every receipt is by a device of `to`, names the manifest's hash, comes after a served event for that
             device, and follows that device's receipt before it in the file (number greater; if greater by one, `previous` is
             the hash of that receipt's text). `unanswered` stands once, after the message's expiry and no answer; `undeliverable`
             names a revoked device of `to` that signed no `delivered` before it, or a line `without`, and a device once.
             `pushed` names a device of `to` that was live within the minute before, and comes no more than a minute after the
             message's expiry, or the first receipt `acknowledged`, `handed_off`, `closed` or `declined` (of a reply: `delivered`).
          7. If the folder capsule/ is there, its three files fit the manifest and each other as above, and opened.json is one
             JSON object of texts: sha256 (of the sealed content), and if known record_id, patient, practice, category, operator;
             in UTF-8 without byte order mark, no name twice, no half of a surrogate pair, no comma before the brace.

        """#
}
