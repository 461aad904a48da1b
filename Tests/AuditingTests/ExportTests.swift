import Auditing
import Foundation
import FuzzSupport
import Membership
import Secrets
import SignerSupport
import Statements
import Testing
import TransparencyLog

@Suite struct ExportTests {
    /// A folder of its own, gone when the test is over.
    private final class Folder {
        let path: String

        init() {
            path = NSTemporaryDirectory() + "nightbell-export-\(Hex.encode(randomBytes(8)))"
            try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        var export: String { path + "/export" }
        var names: [String] { try! FileManager.default.contentsOfDirectory(atPath: path) }
        func bytes(_ name: String) -> [UInt8]? {
            FileManager.default.contents(atPath: export + "/" + name).map { [UInt8]($0) }
        }
        func put(_ bytes: [UInt8], _ name: String) {
            _ = FileManager.default.createFile(atPath: export + "/" + name, contents: Data(bytes))
        }
    }

    private static func world(messages: Int = 1) -> World {
        let world = World.practice()
        for number in 0..<messages {
            world.wait(seconds: 1)
            world.deliver(world.send("message \(number)", lifeSeconds: 86_400), to: "bo")
        }
        return world
    }

    private static func write(
        _ world: World, to path: String, source: MemorySource? = nil
    ) async throws -> Export.Result {
        var audit = Audit()
        audit.organisation = world.organisation
        let export = Export(
            roster: (world.roster.key, world.roster.checkpoint),
            activity: (world.activity.key, world.activity.checkpoint), witnesses: world.view.witnesses, audit: audit)
        return try await export.write(from: source ?? world.source, to: path)
    }

    @Test func holdsExactlyTheFilesOfTheTiledLogs() async throws {
        let folder = Folder()
        let world = Self.world(messages: 100)
        let result = try await Self.write(world, to: folder.export)
        #expect(result.verdict.ok)
        var expected: Set<String> = []
        for log in [world.roster, world.activity] {
            let name = log.kind.rawValue
            expected.formUnion(["\(name)/checkpoint", "\(name)/log.vkey"])
            expected.formUnion(TilePath.all(size: log.size).map { "\(name)/\($0)" })
        }
        let found = try FileManager.default.subpathsOfDirectory(atPath: folder.export).filter { name in
            var isDirectory = ObjCBool(false)
            _ = unsafe FileManager.default.fileExists(atPath: folder.export + "/" + name, isDirectory: &isDirectory)
            return !isDirectory.boolValue
        }
        #expect(Set(found) == expected)
        #expect(world.activity.size > 256)
        #expect(folder.bytes("activity/checkpoint") == world.activity.checkpoint.note.bytes)
        #expect(folder.bytes("roster/log.vkey") == Array((world.roster.key.key.vkey + "\n").utf8))
        let top = try #require(folder.bytes("activity/tile/1/000.p/1"))
        let leaves = world.activity.entries.prefix(256).map { MerkleTree.leafHash($0) }
        #expect(top == MerkleTree.root(of: leaves[...]).bytes)
    }

    // MARK: Cosignatures

    /// An export of logs that two witnesses watch: one cosigned them as they are, the other as they were.
    private static func writeCosigned(to path: String) async throws -> (world: World, verdict: AuditVerdict) {
        let world = Self.world()
        world.watch(by: "one", "two", demanded: 2)
        var source = world.source
        for log in LogKind.allCases {
            let size = (log == .roster ? world.roster.size : world.activity.size) - 2
            source.cosigned[log] = [
                world.cosigned(log, by: "two", size: size, secondsAgo: 60),
                world.cosigned(log, by: "one"),
                // What nobody asked for, of nobody, of a log that is longer, stays behind.
                world.cosigned(log, by: "stranger"), Array("noise\n".utf8),
                world.cosigned(log, by: "one", size: size + 7, root: .of("more"), secondsAgo: 90),
            ]
        }
        return (world, try await write(world, to: path, source: source).verdict)
    }

    @Test func whatWitnessesCosignedGoesAlong() async throws {
        let folder = Folder()
        let (world, written) = try await Self.writeCosigned(to: folder.export)
        let read = try await Audit().run(ExportDirectory(folder.export))
        for verdict in [written, read] {
            #expect(verdict.findings.isEmpty)
            let standing = try #require(verdict.witnesses)
            #expect(standing.word(of: WitnessPerson("one").key, .activity)?.checkpoint.size == world.activity.size)
            #expect(standing.word(of: WitnessPerson("two").key, .activity)?.checkpoint.size == world.activity.size - 2)
            #expect(standing.words.count == 4)
        }
        // As C2SP has them: under the checkpoint that they are of.
        let note = try SignedNote(parsing: #require(folder.bytes("activity/checkpoint")))
        #expect(note.signatures.map(\.name) == [world.activity.key.origin, "one.example/w"])
        #expect(
            folder.bytes("roster/cosigned")
                == world.cosigned(.roster, by: "two", size: world.roster.size - 2, secondsAgo: 60) + [0x0A])
    }

    /// A fork that a witness saw is evidence: it goes along, and is told.
    @Test func aForkThatWasCosignedGoesAlong() async throws {
        let folder = Folder()
        let world = Self.world()
        world.watch(by: "one", demanded: 1)
        var source = world.source
        source.cosigned[.activity] = [world.cosigned(.activity, by: "one", root: .of("fork"))]
        let result = try await Self.write(world, to: folder.export, source: source)
        #expect(result.verdict.findings.map(\.code) == [.cosignedOtherHistory])
        #expect(try await Audit().run(ExportDirectory(folder.export)).findings.map(\.code) == [.cosignedOtherHistory])
    }

    @Test func aFlippedBitInACosignatureIsFound() async throws {
        let folder = Folder()
        _ = try await Self.writeCosigned(to: folder.export)
        for name in ["activity/checkpoint", "activity/cosigned"] {
            let honest = try #require(folder.bytes(name))
            for place in stride(from: 0, to: honest.count, by: 5) {
                var bytes = honest
                bytes[place] ^= 1 << UInt8(place % 8)
                folder.put(bytes, name)
                #expect(try await !Audit().run(ExportDirectory(folder.export)).ok, "\(name) at \(place)")
            }
            folder.put(honest, name)
        }
        #expect(try await Audit().run(ExportDirectory(folder.export)).ok)
    }

    /// A stranger's line, a note that nobody cosigned, lines in another order, no notes at all.
    @Test func whatIsNoCosignedCheckpointHasNoPlaceThere() async throws {
        let folder = Folder()
        let (world, _) = try await Self.writeCosigned(to: folder.export)
        let stranger = world.cosigned(.activity, by: "stranger")
        func reversed(_ bytes: [UInt8]?) throws -> [UInt8] {
            let note = try SignedNote(parsing: #require(bytes))
            return SignedNote(text: note.text, signatures: note.signatures.reversed()).bytes
        }
        let cosigned = try #require(folder.bytes("activity/cosigned")).dropLast()
        for (name, bytes) in [
            ("checkpoint", try reversed(folder.bytes("activity/checkpoint"))),
            ("cosigned", try reversed(Array(cosigned)) + [0x0A]), ("checkpoint", stranger),
            ("cosigned", stranger + [0x0A]),
            ("cosigned", world.activity.checkpoint.note.bytes + [0x0A]), ("cosigned", []), ("cosigned", stranger),
        ] {
            let honest = try #require(folder.bytes("activity/\(name)"))
            folder.put(bytes, "activity/\(name)")
            let findings = try await Audit().run(ExportDirectory(folder.export)).findings
            #expect(findings.map(\.code) == [.wrongFiles] && findings[0].sentence.contains("activity/\(name)"))
            folder.put(honest, "activity/\(name)")
        }
    }

    /// What people were shown is held against it, prefix by prefix; what is longer proves nothing.
    @Test func isAHistoryToCompareWith() async throws {
        let folder = Folder()
        let world = Self.world(messages: 100)
        _ = try await Self.write(world, to: folder.export)
        let log = world.activity
        #expect(log.size > 300)
        let keys: [LogKind: LogKey] = [.roster: world.roster.key, .activity: log.key]
        func compare(_ checkpoints: SignedCheckpoint...) async throws -> Comparison {
            let people = try checkpoints.map { try #require(TreeClaims(parsing: $0.note.bytes, keys: keys)).claims }
            let history = try await ExportHistory(
                ExportDirectory(folder.export), trees: [.roster: world.roster.size, .activity: log.size],
                sizes: Dictionary(grouping: people.flatMap { $0 }, by: \.log).mapValues { Set($0.map(\.size)) })
            return try await Comparison(people, history: history)
        }
        func honest(_ size: UInt64) -> SignedCheckpoint { log.sign(size: size, root: log.root(of: size)) }
        #expect(try await compare(log.checkpoint).word == .same)
        #expect(try await compare(honest(3), honest(257), log.checkpoint, world.roster.checkpoint).word == .extends)
        #expect(try await compare(honest(3), log.sign(size: log.size + 1, root: .of("more"))).word == .unproven)
        for size in [3, 256, log.size] {
            let comparison = try await compare(honest(5), log.sign(size: size, root: .of("fork")))
            let contradiction = try #require(comparison.results[0].contradictions.first)
            #expect(comparison.word == .contradict && contradiction.convicts && contradiction.first.size == size)
            #expect(contradiction.evidence.last == log.checkpoint.note.bytes)
        }
    }

    @Test func isVerifiedWithoutTheRelay() async throws {
        let folder = Folder()
        let world = Self.world()
        _ = try await Self.write(world, to: folder.export)
        let verdict = try await Audit().run(ExportDirectory(folder.export))
        #expect(verdict.findings.isEmpty)
        #expect(verdict.activity == .init(size: world.activity.size, root: world.activity.root))
        #expect(verdict.organisation == world.organisation)
    }

    /// It need not be there; what is there must be what it is.
    @Test func aFileOfCosignaturesThatCannotBeReadIsFound() async throws {
        let folder = Folder()
        _ = try await Self.write(Self.world(), to: folder.export)
        let path = folder.export + "/activity/cosigned"
        folder.put([], "activity/cosigned")
        try FileHandle(forWritingTo: URL(filePath: path)).truncate(atOffset: 1 << 40)
        let verdict = try await Audit().run(ExportDirectory(folder.export))
        #expect(verdict.only(.wrongFiles)?.severity == .damagedCopy)
        try FileManager.default.removeItem(atPath: path)
        #expect(try await Audit().run(ExportDirectory(folder.export)).ok)
    }

    /// That is evidence: what this version cannot judge, a later one can.
    @Test func whatALaterVersionWroteIsExportedAllTheSame() async throws {
        let folder = Folder()
        let world = Self.world()
        world.activity.append(
            Entry(time: world.now, body: Array("nightbell.event/v2\norg \(world.organisation)\n".utf8)))
        let verdict = try await Self.write(world, to: folder.export).verdict
        #expect(verdict.findings.map(\.code) == [.updateNeeded])
        #expect(try await Audit().run(ExportDirectory(folder.export)).findings.map(\.severity) == [.unjudged])
    }

    @Test func aFlippedBitAnywhereIsFound() async throws {
        let folder = Folder()
        _ = try await Self.write(Self.world(), to: folder.export)
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.export).filter {
            folder.bytes($0) != nil
        }
        var generator = SplitMix64(seed: 7)
        #expect(names.count == 8)
        for name in names {
            let honest = try #require(folder.bytes(name))
            for place in [0, honest.count / 2, honest.count - 1, Int.random(in: 0..<honest.count, using: &generator)] {
                var bytes = honest
                bytes[place] ^= 4
                folder.put(bytes, name)
                let verdict = try await Audit().run(ExportDirectory(folder.export))
                // A disk did it: what a copy says that is not what was signed is nobody's word.
                let convicting = verdict.findings.filter { $0.severity == .brokenPromise }
                #expect(convicting.isEmpty && verdict.isDamagedCopy, "\(name) at \(place): \(convicting)")
            }
            folder.put(honest, name)
        }
        #expect(try await Audit().run(ExportDirectory(folder.export)).ok)
    }

    /// A checkpoint of one moment beside the tiles of a later one: no entry was changed, and none is accused.
    @Test func filesOfTwoMomentsAreSaidToBeMixed() async throws {
        let (old, new) = (Folder(), Folder())
        let world = Self.world()
        let before = world.activity.size
        _ = try await Self.write(world, to: old.export)
        world.wait(seconds: 1)
        world.deliver(world.send("later", lifeSeconds: 86_400), to: "bo")
        _ = try await Self.write(world, to: new.export)
        new.put(try #require(old.bytes("activity/checkpoint")), "activity/checkpoint")
        let findings = try await Audit().run(ExportDirectory(new.export)).findings
        let sentence = try #require(findings.first { $0.code == .entriesMissing }).sentence
        #expect(
            sentence.hasPrefix(
                "the copy is damaged: activity/checkpoint is of \(before) entries, and in place of activity/tile/entries/000.p/\(before) there is tile/entries/000.p/\(world.activity.size): files of two moments are mixed"
            ), "\(sentence)")
        #expect(!sentence.contains("were changed"))
        // All of the files are named, where they are few.
        let files = try #require(findings.first { $0.code == .wrongFiles && $0.log == .activity }).sentence
        for size in [before, world.activity.size] {
            for kind in ["entries", "0"] { #expect(files.contains("tile/\(kind)/000.p/\(size)"), "\(files)") }
        }
    }

    @Test func theEntryThatWasChangedIsNamedAndNothingElseIsSaid() async throws {
        let folder = Folder()
        let world = Self.world(messages: 3)
        _ = try await Self.write(world, to: folder.export)
        let name = "activity/\(TilePath(kind: .entries, index: 0, width: Int(world.activity.size)))"
        var bytes = try #require(folder.bytes(name))
        bytes[bytes.count - 1] ^= 4
        folder.put(bytes, name)
        let verdict = try await Audit().run(ExportDirectory(folder.export))
        let finding = try #require(verdict.only(.rootDiffers))
        #expect(finding.severity == .damagedCopy && finding.log == .activity)
        #expect(finding.entries == [world.activity.size - 1])
        #expect(finding.sentence.hasPrefix("the copy is damaged") && finding.sentence.contains("convicts nobody"))
        #expect(!verdict.isWhole)
    }

    /// What stands under the roots that were signed convicts all the same.
    @Test func whatIsProvenInADamagedCopyIsStillTold() async throws {
        let folder = Folder()
        let world = Self.world()
        let note = SignedNote(world.member("ghost", roles: [.provider]).text, by: [.device("bo")])
        let index = world.roster.append(Entry(time: world.now, body: note.bytes))
        world.putInForce()
        _ = try await Self.write(world, to: folder.export)
        let name = "activity/\(TilePath(kind: .entries, index: 0, width: Int(world.activity.size)))"
        var bytes = try #require(folder.bytes(name))
        bytes[bytes.count - 1] ^= 4
        folder.put(bytes, name)
        let findings = try await Audit().run(ExportDirectory(folder.export)).findings
        #expect(findings.map(\.code) == [.init(.notPermitted), .rootDiffers], "\(findings)")
        #expect(findings.map(\.severity) == [.brokenPromise, .damagedCopy])
        #expect(findings.first?.entries == [index])
    }

    /// Whoever holds two true exports can join their halves: no relay is convicted by that, and what stands behind what the older
    /// half knows is not judged by it.
    @Test func trueHalvesOfTwoMomentsConvictNobody() async throws {
        let (old, new) = (Folder(), Folder())
        let world = Self.world()
        let known = world.roster.size
        _ = try await Self.write(world, to: old.export)
        let event = world.activity.size
        world.join("zoe", roles: [.provider])
        world.wait(seconds: 1)
        world.deliver(world.send("later", lifeSeconds: 86_400), to: "bo")
        #expect(try await Self.write(world, to: new.export).verdict.ok)
        for log in LogKind.allCases {
            let mixed = Folder()
            for (name, half) in [(log.rawValue, old), (log == .roster ? "activity" : "roster", new)] {
                try FileManager.default.createDirectory(atPath: mixed.export, withIntermediateDirectories: true)
                try FileManager.default.copyItem(atPath: "\(half.export)/\(name)", toPath: "\(mixed.export)/\(name)")
            }
            let verdict = try await Audit().run(ExportDirectory(mixed.export))
            #expect(!verdict.ok)
            #expect(verdict.findings.allSatisfy { $0.severity != .brokenPromise }, "\(verdict.findings)")
            let finding = try #require(verdict.findings.first { $0.severity == .damagedCopy })
            #expect(finding.code == (log == .roster ? .rosterEventFalse : .rosterEventMissing))
            #expect(finding.log == (log == .roster ? .activity : .roster))
            #expect(finding.entries.first == (log == .roster ? event : known))
        }
    }

    /// A relay that gives entries which are not under its root has given them: there it is its own word.
    @Test func whatARelayGivesIsHeldAgainstIt() async throws {
        let world = Self.world()
        var source = world.source
        source.entries[.activity]?[3][60] ^= 1
        let findings = try await Audit().run(source).findings
        #expect(findings.contains { $0.code == .rootDiffers && $0.severity == .brokenPromise })
        #expect(!findings.contains { $0.severity == .damagedCopy })
    }

    @Test func whoseLogsTheseAreIsReadFromGenesis() async throws {
        let folder = Folder()
        let world = Self.world()
        _ = try await Self.write(world, to: folder.export)
        #expect(try await ExportDirectory(folder.export).organisation() == world.organisation)
        let name = "roster/\(TilePath(kind: .entries, index: 0, width: Int(world.roster.size)))"
        var bytes = try #require(folder.bytes(name))
        bytes[120] ^= 1
        folder.put(bytes, name)
        #expect(try await ExportDirectory(folder.export).organisation() == nil)
    }

    @Test func filesThatAreMissingOrHaveNoPlaceAreFound() async throws {
        let folder = Folder()
        _ = try await Self.write(Self.world(), to: folder.export)
        folder.put([1], "activity/notes.txt")
        #expect(try await Audit().run(ExportDirectory(folder.export)).findings.contains { $0.code == .wrongFiles })
        try FileManager.default.removeItem(atPath: folder.export + "/activity/notes.txt")
        folder.put([1], "notes.txt")
        let beside = try await Audit().run(ExportDirectory(folder.export)).findings.first { $0.code == .wrongFiles }
        #expect(beside?.sentence.contains(": \"notes.txt\" has no place there") == true, "\(beside?.sentence ?? "")")
        try FileManager.default.removeItem(atPath: folder.export + "/notes.txt")
        let tile = try #require(TilePath.all(size: 8).first { $0.kind != .entries })
        #expect(tile.description.hasPrefix("tile/0"))
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.export + "/roster/tile/0")
        let last = try #require(names.max { $0.count < $1.count })
        try FileManager.default.removeItem(atPath: folder.export + "/roster/tile/0/" + last)
        let verdict = try await Audit().run(ExportDirectory(folder.export))
        #expect(verdict.findings.contains { $0.code == .wrongFiles && $0.log == .roster })
        #expect(verdict.findings.contains { $0.code == .tileDiffers && $0.log == .roster })
    }

    /// What is not there was signed by nobody: it is said to be missing, and not to be something else.
    @Test(arguments: [("roster", "roster/"), ("activity", "activity/"), ("roster/checkpoint", "roster/checkpoint")])
    func whatIsMissingIsSaidToBe(_ removed: String, _ named: String) async throws {
        let folder = Folder()
        _ = try await Self.write(Self.world(), to: folder.export)
        try FileManager.default.removeItem(atPath: folder.export + "/" + removed)
        let verdict = try await Audit().run(ExportDirectory(folder.export))
        let finding = try #require(verdict.findings.first { $0.code == .checkpointInvalid })
        #expect(finding.severity == .damagedCopy)
        #expect(finding.sentence.hasPrefix("the copy is damaged: \(named) is missing;"), "\(finding.sentence)")
    }

    @Test(arguments: ["", "roster/", "activity/", "activity/tile/", "activity/tile/0/x001/"])
    func anEmptyDirectoryHasNoPlace(_ place: String) async throws {
        let folder = Folder()
        _ = try await Self.write(Self.world(), to: folder.export)
        try FileManager.default.createDirectory(
            atPath: folder.export + "/" + place + "stray", withIntermediateDirectories: true)
        let findings = try await Audit().run(ExportDirectory(folder.export)).findings
        #expect(findings.map(\.code) == [.wrongFiles])
        if !place.isEmpty { #expect(findings.first?.sentence.contains("stray") == true || place.contains("x001")) }
    }

    /// Only what is there is counted: a list of the files that so many entries have would fill the memory.
    @Test(.timeLimit(.minutes(40))) func aSizeThatTheFilesCannotHoldIsNotCountedUpTo() async throws {
        let folder = Folder()
        let world = Self.world()
        _ = try await Self.write(world, to: folder.export)
        let size: UInt64 = 1 << 50
        folder.put(world.activity.sign(size: size, root: .of("no such tree")).note.bytes, "activity/checkpoint")
        let findings = try await Audit().run(ExportDirectory(folder.export)).findings
        let wrong = findings.first { $0.code == .wrongFiles && $0.log == .activity }
        #expect(wrong?.sentence.contains("too few for the \(size) entries") == true, "\(findings)")
        // Of a roster that is not there nothing else is told.
        folder.put(world.roster.sign(size: size, root: .of("no such tree")).note.bytes, "roster/checkpoint")
        #expect(try await Audit().run(ExportDirectory(folder.export)).ok == false)
    }

    /// Whoever stops an export finds nothing beside its place.
    @Test func ofAnExportThatIsStoppedNothingStays() async {
        let isGone = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                let folder = Folder()
                let world = Self.world()
                unsafe withUnsafeCurrentTask { task in unsafe task?.cancel() }
                do { _ = try await Self.write(world, to: folder.export) } catch is CancellationError {
                    return folder.names.isEmpty
                } catch {}
                return false
            }
            return await group.next() == true
        }
        #expect(isGone)
    }

    @Test func nothingIsWrittenOver() async throws {
        let folder = Folder()
        let world = Self.world()
        _ = FileManager.default.createFile(atPath: folder.export, contents: Data([7]))
        await #expect(throws: AuditError(.wouldOverwrite, "")) { try await Self.write(world, to: folder.export) }
        #expect(FileManager.default.contents(atPath: folder.export) == Data([7]))
        #expect(folder.names == ["export"])
    }

    @Test func whatIsNotTheSignedLogIsNotKept() async throws {
        let folder = Folder()
        let world = Self.world()
        var source = world.source
        source.entries[.activity]?[3][60] ^= 1
        await #expect(throws: AuditError(.notTheLog, "")) {
            try await Self.write(world, to: folder.export, source: source)
        }
        source = world.source
        source.entries[.roster]?.removeLast()
        await #expect(throws: AuditError(.notTheLog, "")) {
            try await Self.write(world, to: folder.export, source: source)
        }
        #expect(folder.names.isEmpty)
    }

    @Test func aFaithfulExportOfABrokenPromiseIsKeptAndSaysSo() async throws {
        let folder = Folder()
        let world = Self.world()
        world.receipt(.delivered, of: world.send("never served"), by: "bo")
        let result = try await Self.write(world, to: folder.export)
        #expect(!result.verdict.ok)
        #expect(result.verdict.findings.contains { $0.code == .notServed })
        #expect(folder.names == ["export"])
    }

    @Test func aFolderThatIsNoneIsNoExport() {
        let folder = Folder()
        #expect(throws: AuditError(.noExport, "")) { try ExportDirectory(folder.path + "/nothing") }
        // One that is there, and holds something else.
        #expect(throws: AuditError(.noExport, "")) { try ExportDirectory(folder.path) }
    }

    @Test func theFolderOfOneLogIsNoExport() async throws {
        let folder = Folder()
        _ = try await Self.write(Self.world(), to: folder.export)
        #expect(throws: AuditError(.noExport, "")) { try ExportDirectory(folder.export + "/roster") }
    }

    @Test func anExportMayBeNamedByALink() async throws {
        let folder = Folder()
        _ = try await Self.write(Self.world(), to: folder.export)
        let link = folder.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.export)
        #expect(try await Audit().run(ExportDirectory(link)).ok)
    }
}
