import FuzzSupport
import Sealing
import Secrets
import Statements
import TransparencyLog

/// The generated part of the fuzz corpora: what each parser must accept, and what it must refuse. Files that other
/// people add (`found-…`, or of other parsers) are left alone.
struct CorpusFiles {
    let story: Story
    let sealed: SealedStory

    init(_ file: ProtocolFile) {
        story = file.story
        sealed = file.sealed
    }

    var all: [GeneratedFile] { statements + notes + logs + keyTexts + sealedBytes + words }

    func file(_ parser: String, _ name: String, _ bytes: [UInt8]) -> GeneratedFile {
        GeneratedFile(
            path: "corpus/\(parser)/\(name.map { $0 == " " ? "-" : $0 }.map(String.init).joined())", bytes: bytes)
    }

    private var vectors: [StatementVector] {
        (story.roster.entries + story.activity.entries).map(\.vector) + story.loose
    }

    /// One file for each form that a type has.
    private var statements: [GeneratedFile] {
        let chosen: [(parser: String, names: [String])] = [
            ("genesis", ["genesis"]), ("member", ["member bo", "member ivy"]),
            ("invitation", ["invitation for device ivy"]), ("enrol", ["enrol device bo tablet"]),
            ("revoke", ["revoke device", "revoke invitation", "revoke statement"]), ("admins", ["admins"]),
            ("manifest", ["manifest", "manifest with steps"]),
            ("receipt", ["receipt delivered", "receipt acknowledged", "receipt filed", "receipt undecryptable"]),
            ("access", ["access patient", "access message", "access device", "access report"]),
            (
                "event",
                [
                    "event: roster 1", "event: served envelope", "event: undeliverable", "event: fallback",
                    "event: unanswered",
                ]
            ), ("head", ["head", "head for a device"]), ("audit-key", ["audit key offer"]), ("evidence", ["evidence"]),
        ]
        return chosen.flatMap { parser, names in
            names.map { name in
                let bare = name.hasPrefix("event: ") ? String(name.dropFirst(7)) : name
                return file(parser, "ok-\(bare)", vectors.first { $0.name == name }!.text)
            }
        } + damaged
    }

    /// What a lenient reader would take.
    private var damaged: [GeneratedFile] {
        let member = vectors.first { $0.name == "member bo" }!.text
        let receipt = vectors.first { $0.name == "receipt delivered" }!.text
        let access = vectors.first { $0.name == "access patient" }!.text
        let genesis = vectors.first { $0.name == "genesis" }!.text
        func replaced(_ text: [UInt8], _ from: String, _ to: String) -> [UInt8] {
            let parts = String(decoding: text, as: UTF8.self).replacing(each: from, to)
            precondition(Array(parts.utf8) != text, "nothing to replace")
            return Array(parts.utf8)
        }
        return [
            file("member", "bad-crlf", replaced(member, "\n", "\r\n")),
            file("member", "bad-no-final-line-feed", Array(member.dropLast())),
            file("member", "bad-empty-line", member + [0x0A]),
            file("member", "bad-unknown-role", replaced(member, "roles provider", "roles operator")),
            file("member", "bad-role-admin", replaced(member, "roles provider", "roles provider admin")),
            file("receipt", "bad-number-zero", replaced(receipt, "number 1\n", "number 0\n")),
            file("receipt", "bad-number-plus", replaced(receipt, "number 1\n", "number +1\n")),
            file("access", "bad-kind", replaced(access, "kind patient", "kind person")),
            file("access", "bad-subject", replaced(access, "subject query ", "subject  query ")),
            file("access", "bad-subject-of-another-kind", replaced(access, "kind patient", "kind report")),
            file("genesis", "bad-lifespan-of-nothing", replaced(genesis, "lifespan 86400 604800", "lifespan 86400 0")),
        ]
    }

    /// From the C2SP signed-note specification.
    private static let sumdbExample =
        "This is an example message.\n\n— example.com/foo "
        + "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"

    private var notes: [GeneratedFile] {
        let genesis = vectors.first { $0.name == "genesis" }!.body
        return [
            file("note", "ok-two-signatures", genesis),
            file("note", "ok-receipt", vectors.first { $0.name == "receipt read" }!.body),
            file("note", "ok-sumdb", Array(Self.sumdbExample.utf8)),
            file("note", "bad-unused-bits", Array(Self.sumdbExample.replacing(each: "aQM=", "aQN=").utf8)),
            file("note", "bad-no-signature", Array("text\n\n".utf8)),
            file("activity-statement", "ok-manifest", vectors.first { $0.name == "manifest" }!.body),
            file("activity-statement", "ok-receipt", vectors.first { $0.name == "receipt closed" }!.body),
            file("activity-statement", "ok-access", vectors.first { $0.name == "access patient" }!.body),
            file("activity-statement", "ok-event", vectors.first { $0.name == "event: roster 1" }!.body),
            file("activity-statement", "bad-roster-statement", vectors.first { $0.name == "member bo" }!.body),
        ]
    }

    private var logs: [GeneratedFile] {
        let manifest = story.activity.entries.first { $0.vector.name == "manifest" }!
        let checkpoint = story.activity.newest
        return [
            file("entry", "ok-manifest", manifest.entry.bytes),
            file("entry", "ok-event", story.activity.entries[0].entry.bytes),
            file("checkpoint", "ok-activity", checkpoint.checkpoint.text),
            file("checkpoint", "ok-empty", Checkpoint(origin: "o", size: 0, root: MerkleTree.emptyRoot).text),
            file("checkpoint", "bad-extension-line", checkpoint.checkpoint.text + Array("more\n".utf8)),
            file("signed-checkpoint", "ok-activity", checkpoint.note.bytes),
            file("signed-checkpoint", "ok-cosigned", checkpoint.note.bytes + Self.foreignCosignature),
            file("tlog-proof", "ok-first", story.activity.proof(of: 0).bytes),
            file("tlog-proof", "ok-last", story.activity.proof(of: story.activity.tree.size - 1).bytes),
            file("tlog-proof", "ok-no-path", LogProof(index: 0, path: [], checkpoint: checkpoint.note.bytes).bytes),
            file(
                "add-checkpoint", "ok-first", AddCheckpoint(old: 0, proof: [], checkpoint: checkpoint.note.bytes).bytes),
            file(
                "add-checkpoint", "ok-proof",
                AddCheckpoint(
                    old: 1, proof: story.activity.entries.prefix(3).map(\.entry.leafHash),
                    checkpoint: checkpoint.note.bytes
                ).bytes),
            file("add-checkpoint", "bad-no-checkpoint", Array("old 0\n\n".utf8)),
            file("signature-lines", "ok-cosignature", Self.foreignCosignature),
            file("signature-lines", "ok-two", Self.foreignCosignature + checkpoint.signature.line),
            file("signature-lines", "bad-empty-line", Self.foreignCosignature + [0x0A]),
            file(
                "witness-vkey", "ok-mirror",
                Array("mirror.example.org+3fb148ef+BAAjjch9GyYz0sJsJx7ALhbdAtz2ov0unbzSl1vMp94O".utf8)),
            file("witness-vkey", "bad-log", Array(story.roster.key.key.vkey.utf8)),
            file("entry-bundle", "ok-three", EntryBundle.encode(story.activity.entries.prefix(3).map(\.entry.bytes))),
            file("entry-bundle", "bad-two", EntryBundle.encode(story.activity.entries.prefix(2).map(\.entry.bytes))),
            file("hash-tile", "ok-three", HashTile.encode(story.activity.entries.prefix(3).map(\.entry.leafHash))),
            file("tile-path", "ok-leaf", Array("tile/0/000".utf8)),
            file("tile-path", "ok-deep", Array("tile/1/x001/x234/067.p/255".utf8)),
            file("tile-path", "ok-entries", Array("tile/entries/273.p/112".utf8)),
            file("tile-path", "bad-level", Array("tile/64/000".utf8)),
            file("tile-path", "bad-leading-group", Array("tile/0/x000/001".utf8)),
            file("tile-path", "bad-full-partial", Array("tile/0/000.p/256".utf8)),
        ]
    }

    /// A line such as a witness adds: unknown to us, carried along.
    private static let foreignCosignature = Array(
        ("— mirror.example.org "
            + "P7FI7wAAAABpVGeAjA1S4pJm6MbcXjX7UUImu4azZtrfcVW2uyr/LXIYlwEJzXC0N0EiZkbqfLdXt/4gVEEuGmxJjAfXKMCISpsJAg==\n")
            .utf8)

    private var keyTexts: [GeneratedFile] {
        [
            file("prekey", "ok-one-time", SealedStory.prekeys[0].text.text),
            file("prekey", "ok-fallback", SealedStory.prekeys[1].text.text),
            file("alert", "ok-alert", SealedStory.alertPlaintext(sealed.binding)),
            file("invitation-text", "ok-relay", Array(InvitationKeys.text("invitation for device ivy").exposed().utf8)),
            file(
                "invitation-text", "bad-kelvin",
                Array(
                    InvitationKeys.text("invitation for device ivy").exposed().replacing(
                        each: "nightbell", "nightbe\u{212A}l"
                    ).utf8)),
            file("vkey", "ok-log", Array(story.roster.key.key.vkey.utf8)),
            file("vkey", "bad-key-id", Array(story.roster.key.key.vkey.replacing(each: "+", "+0").utf8)),
        ]
    }

    private var sealedBytes: [GeneratedFile] {
        [
            file("sealed-key", "ok-phone", sealed.parts.sealedKeys[0]),
            file("sealed-key", "bad-for-the-other-device", sealed.parts.sealedKeys[1]),
            file("sealed-content", "ok-text", sealed.parts.content),
            file("sealed-content", "bad-alert", sealed.parts.alert),
            file("sealed-alert", "ok-alert", sealed.parts.alert),
            file("sealed-capsule", "ok-capsule", sealed.parts.capsule),
            file("sealed-capsule", "bad-content", sealed.parts.content),
            file("sealed-attachment", "ok-short", sealed.parts.attachments[1]),
            file("sealed-attachment", "bad-the-other", sealed.parts.attachments[0]),
        ] + pages
    }

    /// The example of RFC 8291, section 5.
    private static let pushMessage =
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        + "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"

    private var pages: [GeneratedFile] {
        let page = sealed.page(0).bytes
        return [
            file("page", "ok-phone", page), file("page", "bad-for-the-other-device", sealed.page(1).bytes),
            file("page", "bad-version", [2] + page.dropFirst()), file("page", "bad-padding", page.dropLast() + [1]),
            file("page", "bad-short", page.dropLast()), file("page", "bad-long", page + [0]),
            file("push-message", "ok-rfc-8291", Base64URL.decode(Self.pushMessage.utf8)!),
        ]
    }

    private var words: [GeneratedFile] {
        let lists: [(parser: String, good: [String], bad: [String])] = [
            (
                "base64", ["", "AA==", "AAA=", "AAAA", "+/+/", "AgQ="],
                ["A", "AA", "AB==", "AgR=", "AA=A", "====", "AA==AAAA"]
            ),
            (
                "base32", ["", "aa", "aaaq", "aaaqe", "aaaqeay", "aaaqeaye", "777q"],
                ["a", "aaa", "aaaaaa", "ab", "A", "a1", "aa="]
            ),
            ("hex", ["", "00", "ff0a"], ["0", "0G", "FF", " 00"]),
            (
                "timestamp",
                ["1970-01-01T00:00:00.000Z", "2024-02-29T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
                [
                    "2023-02-29T00:00:00.000Z", "2026-02-30T00:00:00.000Z", "1969-12-31T23:59:59.999Z",
                    "2026-11-23T24:00:00.000Z", "2026-11-23T03:07:60.000Z", "2026-11-23T03:07:09Z",
                    "2026-11-23t03:07:09.250z", "2026-11-23T03:07:09.250+00:00",
                ]
            ),
            (
                "text-value", ["a", "Dr. Bo O’Neill", "刘", "é", "a  b"],
                [
                    "", " a", "a ", "e\u{301}", "a\u{200B}b", "a\nb", "\u{2028}", "a\u{7F}",
                    String(repeating: "a", count: 257),
                ]
            ),
            (
                "relay-address",
                ["relay.example.org", "relay.example.org:8443", "127.0.0.1:1", "[::1]:65535", "localhost"],
                [
                    "", "a:0", "a:65536", "a:01", "a:+1", "a:", ":1", "A", "a..b", ".a", "a.", "-a", "a-", "a_b",
                    "[::1",
                    "[]", "[::1]x", "[:::]", "a/b", "a@b", "a b", "[fe80::1%eth0]",
                ]
            ),
        ]
        return lists.flatMap { parser, good, bad in
            good.enumerated().map { file(parser, "ok-\($0)", Array($1.utf8)) }
                + bad.enumerated().map { file(parser, "bad-\($0)", Array($1.utf8)) }
        }
    }
}

extension String {
    /// Each occurrence of one string replaced, compared as Unicode scalars.
    fileprivate func replacing(each from: String, _ to: String) -> String {
        let pattern = Array(from.unicodeScalars)
        let scalars = Array(unicodeScalars)
        var result = String.UnicodeScalarView()
        var index = 0
        while index < scalars.count {
            if scalars[index...].starts(with: pattern) {
                result.append(contentsOf: to.unicodeScalars)
                index += pattern.count
            } else {
                result.append(scalars[index])
                index += 1
            }
        }
        return String(result)
    }
}
