import FuzzSupport
import Secrets
import Statements
import Testing
import TransparencyLog

/// The logs of `protocol.json`, built again entry by entry from its statements.
@Suite struct LogVectorTests {
    private let file: JSONValue

    init() throws { file = try Vectors.load("protocol.json") }

    /// The body of the entry that holds a statement: its note, or an event's text.
    private func body(of name: String) throws -> [UInt8] {
        let vector = try #require(file["statements"].array.first { $0["name"].string == name })
        let signatures = vector["signatures"].array.map { $0.string + "\n" }.joined()
        return Array((vector["text"].string + (signatures.isEmpty ? "" : "\n" + signatures)).utf8)
    }

    private func entries(_ log: JSONValue) throws -> [Entry] {
        try log["entries"].array.map { entry in
            let time = try #require(Timestamp(entry["time"].utf8))
            return Entry(time: time, body: try body(of: entry["statement"].string))
        }
    }

    private func signer(_ name: String, origin: String) throws -> LogSigner {
        let key = try #require(file["keys"].array.first { $0["name"].string == "\(name) log" })
        let seed = try #require(Base64.decode(key["seed"].utf8))
        return LogSigner(origin: origin, key: SigningKey(seed: SecretBytes(copying: seed)))
    }

    @Test(arguments: ["roster", "activity"]) func logsAreBuiltAgain(_ name: String) throws {
        let log = file["logs"][name]
        let signer = try signer(name, origin: log["origin"].string)
        #expect(signer.logKey.key.vkey == log["vkey"].string)
        var tree = GrowingTree()
        var checkpoints = log["checkpoints"].array[...]
        for (entry, vector) in zip(try entries(log), log["entries"].array) {
            #expect(entry.bytes.count == vector["bytes"].integer)
            #expect(entry.leafHash.hex == vector["leaf"].string)
            #expect(try Entry(parsing: entry.bytes) == entry)
            tree.append(entry.leafHash)
            guard let checkpoint = checkpoints.first, checkpoint["size"].integer == Int(tree.size) else { continue }
            #expect(tree.root.hex == checkpoint["root"].string)
            let signed = signer.sign(size: tree.size, root: tree.root)
            #expect(signed.note.bytes == checkpoint["note"].utf8)
            #expect(signed.shortForm == checkpoint["short"].string)
            #expect(try signer.logKey.verify(checkpoint: checkpoint["note"].utf8) == signed)
            checkpoints.removeFirst()
        }
        #expect(checkpoints.isEmpty)
        #expect(tree.size > 10)
    }

    /// Every `seen` names a checkpoint that the log had signed.
    @Test func whatSignersSawWasSigned() throws {
        var keys: [String: LogKey] = [:]
        var signed: [String: Set<String>] = [:]
        for name in ["roster", "activity"] {
            keys[name] = try signer(name, origin: file["logs"][name]["origin"].string).logKey
            signed[name] = Set(
                file["logs"][name]["checkpoints"].array.map { "\($0["size"].integer) \($0["root"].string)" })
        }
        var checked = 0
        for vector in file["statements"].array {
            for (name, seen) in vector["fields"].optional("seen")?.members ?? [] {
                let root = try #require(Digest(hex: seen["root"].utf8))
                let signature = try #require(Base64.decode(seen["signature"].utf8))
                let value = Seen(
                    size: UInt64(seen["size"].integer), root: root, signature: SeenSignature(bytes: signature))
                #expect(keys[name]?.verifies(value) == true)
                #expect(signed[name]?.contains("\(value.size) \(value.root)") == true)
                checked += 1
            }
        }
        #expect(checked > 30)
    }

    @Test func proofsVerifyAndAreMadeAgain() throws {
        for vector in file["proofs"].array {
            let log = file["logs"][vector["log"].string]
            let entries = try entries(log)
            let tree = GrowingTree(leaves: entries.map(\.leafHash))
            let proof = try LogProof(parsing: vector["tlog-proof"].utf8)
            #expect(proof.bytes == vector["tlog-proof"].utf8)
            #expect(proof.index == UInt64(vector["index"].integer))
            #expect(proof.path == (try tree.inclusionProof(index: proof.index, size: tree.size)))
            let key = try signer(vector["log"].string, origin: log["origin"].string).logKey
            #expect(try proof.verify(entry: entries[Int(proof.index)], key: key).size == tree.size)
        }
        for vector in file["consistency"].array {
            let entries = try entries(file["logs"][vector["log"].string])
            let (first, second) = (UInt64(vector["first"].integer), UInt64(vector["second"].integer))
            let tree = GrowingTree(leaves: entries.map(\.leafHash))
            let path = try tree.consistencyProof(from: first, to: second)
            #expect(path.map { Base64.encode($0.bytes) } == vector["path"].array.map(\.string))
            #expect(
                Proofs.isConsistent(
                    first: first, firstRoot: try tree.root(size: first), second: second,
                    secondRoot: try tree.root(size: second), proof: path))
        }
    }

    @Test func tilesAndBundlesAreMadeAgain() throws {
        let entries = try entries(file["logs"]["activity"])
        #expect(
            file["tiles"].array.map(\.["path"].string) == TilePath.all(size: UInt64(entries.count)).map(\.description))
        for vector in file["tiles"].array {
            let path = try #require(TilePath(vector["path"].string))
            let bytes =
                path.kind == .entries
                ? EntryBundle.encode(entries.map(\.bytes)) : HashTile.encode(entries.map(\.leafHash))
            #expect(bytes.count == vector["bytes"].integer)
            #expect(Digest.sha256(bytes).hex == vector["sha256"].string)
        }
    }

    @Test func theQueuesRunningHashIsMadeAgain() throws {
        let entries = try entries(file["logs"]["activity"])
        var running = Digest.zero
        var hashes = [running.hex]
        for item in file["queue"]["items"].array {
            running = Digest.sha256(prefix: nil, running, entries[item.integer].leafHash)
            hashes.append(running.hex)
        }
        #expect(hashes == file["queue"]["running-hashes"].array.map(\.string))
        #expect(hashes.count > 3)
        let head = try #require(file["statements"].array.first { $0["name"].string == "head for a device" })
        let parsed = try Head(parsing: head["text"].utf8)
        #expect(parsed.device?.runningHash == running)
        #expect(parsed.device?.lastNumber == UInt64(hashes.count - 1))
    }
}
