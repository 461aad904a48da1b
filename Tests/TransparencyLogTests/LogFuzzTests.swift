import FuzzSupport
import Secrets
import Statements
import Testing
import TransparencyLog

/// Every parser of this layer, over its corpus and mutations of it.
@Suite struct LogFuzzTests {
    @Test func checkpoints() throws {
        let report = try Fuzzer(parser: "checkpoint").run { try? Checkpoint(parsing: $0).text }
        #expect(report.findings.isEmpty)
    }

    /// With the log's key: nothing but foreign lines may change.
    @Test func signedCheckpoints() throws {
        let log = try Vectors.load("protocol.json")["logs"]["activity"]
        let key = try #require(NoteKey(vkey: log["vkey"].string))
        let logKey = LogKey(origin: key.name, key: key.key)
        let last = try #require(log["checkpoints"].array.last)
        let report = try Fuzzer(parser: "signed-checkpoint").run { bytes in
            guard let signed = try? logKey.verify(checkpoint: bytes) else { return nil }
            #expect(signed.root.hex == last["root"].string)
            #expect(Int(signed.size) == last["size"].integer)
            return signed.note.bytes
        }
        #expect(report.findings.isEmpty)
    }

    @Test func proofs() throws {
        let report = try Fuzzer(parser: "tlog-proof").run { try? LogProof(parsing: $0).bytes }
        #expect(report.findings.isEmpty)
    }

    @Test func requestsToWitnesses() throws {
        let report = try Fuzzer(parser: "add-checkpoint").run { try? AddCheckpoint(parsing: $0).bytes }
        #expect(report.findings.isEmpty)
    }

    @Test func answersOfWitnesses() throws {
        let lines = try Fuzzer(parser: "signature-lines").run { NoteSignature.lines(parsing: $0)?.flatMap(\.line) }
        #expect(lines.findings.isEmpty)
        let keys = try Fuzzer(parser: "witness-vkey").run { bytes in
            String(validating: bytes, as: UTF8.self).flatMap(WitnessKey.init(vkey:)).map { Array($0.vkey.utf8) }
        }
        #expect(keys.findings.isEmpty)
    }

    @Test func tilePaths() throws {
        let report = try Fuzzer(parser: "tile-path").run { bytes in
            String(validating: bytes, as: UTF8.self).flatMap(TilePath.init).map { Array($0.description.utf8) }
        }
        #expect(report.findings.isEmpty)
    }

    @Test func bundlesAndTiles() throws {
        let bundles = try Fuzzer(parser: "entry-bundle").run { bytes in
            (try? EntryBundle.decode(bytes, count: 3)).map(EntryBundle.encode)
        }
        #expect(bundles.findings.isEmpty)
        let tiles = try Fuzzer(parser: "hash-tile").run { bytes in
            (try? HashTile.decode(bytes, width: 3)).map(HashTile.encode)
        }
        #expect(tiles.findings.isEmpty)
    }
}
