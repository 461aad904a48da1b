import DeviceKit
import Foundation
import FuzzSupport
import Membership
import Sealing
import Secrets
import SignerSupport
import Statements
import Testing
import TransparencyLog

@testable import Auditing

/// Files of evidence: honest ones are told in order, and whatever was changed is found and named, by us and by the program
/// in Clients/verify, which shares no code with this.
@Suite struct EvidenceTests {
    private static func check(_ file: EvidenceFiles, organisation: OrganisationID? = nil) throws -> EvidenceVerdict {
        try check(file.bytes, organisation: organisation)
    }

    private static func check(_ bytes: [UInt8], organisation: OrganisationID? = nil) throws -> EvidenceVerdict {
        EvidenceCheck(organisation: organisation, isCapsule: CapsuleContent.isCapsule).run(bytes)
    }

    /// A list has no more lines than an archive has files, and is read no further than to its first wrong line.
    @Test func aListOfPartsIsReadInItsBounds() {
        let line = Array("\(Digest.of("part"))  a\n".utf8)
        #expect(EvidenceSums.read(line + line)?.map(\.name) == ["a", "a"])
        #expect(EvidenceSums.read(Array(line.dropLast())) == nil && EvidenceSums.read([]) == nil)
        #expect(EvidenceSums.read(line + [UInt8(ascii: "\n")]) == nil)
        let empty = [UInt8](repeating: UInt8(ascii: "\n"), count: EvidenceSums.maximumByteCount + 1)
        #expect(EvidenceSums.read(empty) == nil)
        // The longest list that there can be is within them.
        let most = [UInt8](repeating: UInt8(ascii: "a"), count: 100)
        let longest = Array("\(Digest.of("part"))  ".utf8) + most + [UInt8(ascii: "\n")]
        #expect(longest.count * Ustar.maximumFileCount == EvidenceSums.maximumByteCount)
        #expect(EvidenceSums.read(longest)?.count == 1)
    }

    @Test func anHonestFileTellsTheMessagesStory() async throws {
        let world = DoctoredEvidence.story()
        let file = try await world.evidence(about: "answered")
        let verdict = try Self.check(file, organisation: world.organisation)
        #expect(verdict.findings == [])
        #expect(verdict.organisation == world.organisation)
        #expect(verdict.statement?.message == .named("answered"))
        #expect(verdict.auditor == .named("udo"))
        #expect(verdict.roster == .init(size: world.roster.size, root: world.roster.root))
        #expect(verdict.activity == .init(size: world.activity.size, root: world.activity.root))
        #expect(verdict.head?.time == world.now)
        let kinds = verdict.events.map { event in
            switch event.kind {
            case .manifest: "manifest"
            case .referred: "referred"
            case .referring(let manifest): "referring \(manifest.member == .named("ivy"))"
            case .receipt(let receipt): receipt.action.rawValue
            case .access(let access): "look, \(access.reason.rawValue)"
            case .event(let event): event.kind.word
            }
        }
        #expect(
            kinds == [
                "fallback", "manifest", "served", "pushed", "delivered", "served", "delivered", "served", "read",
                "acknowledged", "referring true", "referring false", "handed_off", "closed", "look, legal",
            ])
        #expect(verdict.events.map(\.index) == verdict.events.map(\.index).sorted())
        // Bo's receipts 1 and 3 are about another message.
        let numbers = try #require(verdict.numbers.first { $0.device == .named("bo") })
        #expect(numbers.numbers == [2, 4, 5, 6, 7] && numbers.hasGaps)
        #expect(verdict.numbers.first { $0.device == .named("tablet") }?.hasGaps == false)
        // Nothing of what was sealed is in it, and no name of a patient.
        #expect(!String(decoding: file.bytes, as: UTF8.self).contains("p-1"))
    }

    /// A change in the very first bytes is one like any other, and what was never evidence is none.
    @Test func aFileIsKnownByAnyOfItsHeaders() async throws {
        var bytes = try await DoctoredEvidence.story().evidence(about: "answered").bytes
        #expect(EvidenceCheck.isEvidence(bytes))
        bytes[3] ^= 1
        #expect(EvidenceCheck.isEvidence(bytes))
        #expect(try Self.check(bytes).findings.first?.code == .archiveMalformed)
        for other in ["", "something else", String(repeating: "x", count: 600)] {
            #expect(!EvidenceCheck.isEvidence(Array(other.utf8)))
        }
    }

    /// Whose the message is, proven by the key of its own capsule, which opens no other.
    @Test func whatACapsuleNamesIsProvenAndNothingElseIsGivenAway() async throws {
        let world = DoctoredEvidence.story()
        let file = try await world.evidence(about: "answered", capsule: true)
        let verdict = try Self.check(file, organisation: world.organisation)
        #expect(verdict.findings == [])
        let capsule = try #require(verdict.capsule)
        #expect(String(decoding: capsule, as: UTF8.self).contains(#""patient":"p-1""#))
        #expect(file[.capsuleContent] == capsule)
        #expect(try Self.check(try await world.evidence(about: "answered")).capsule == nil)
        // The audit key is not in it, nor what is sealed to it; and this key fits no other capsule.
        let secret = world.auditKey.secret().exposed()
        let sealedKey = try #require(world.capsules[.named("answered")]).sealedKey
        let all = Data(file.bytes)
        for part in [Array(secret.prefix(32)), Array(secret.suffix(64)), Array(sealedKey.suffix(48))] {
            #expect(all.range(of: Data(part)) == nil && all.range(of: Data(Hex.encode(part).utf8)) == nil)
        }
        let key = try #require(EvidenceCapsule.key(parsing: file[.capsuleKey]))
        let other = try await world.evidence(about: "other", capsule: true)
        #expect(EvidenceCapsule.key(parsing: other[.capsuleKey]) != key)
    }

    /// A capsule that does not open is said to be none, before anything is signed.
    @Test func aCapsuleThatDoesNotOpenIsNotGivenAway() async throws {
        let world = DoctoredEvidence.story()
        let verdict = try await Audit().run(world.source)
        let message = try #require(verdict.messages.first { $0.message == .named("answered") })
        let size = world.activity.size
        await #expect(throws: AuditError(.noCapsule, "")) {
            try await EvidenceCapsule.open(of: message, size: size, from: world.source, NoCapsules())
        }
        world.capsules[.named("answered")] = world.capsules[.named("other")]
        await #expect(throws: AuditError(.noCapsule, "")) {
            try await EvidenceCapsule.open(of: message, size: size, from: world.source, world)
        }
        world.capsules[.named("answered")] = nil
        await #expect(throws: AuditError(.noCapsule, "")) {
            try await EvidenceCapsule.open(of: message, size: size, from: world.source, world)
        }
    }

    /// What witnesses cosigned of exactly its checkpoints stands under them, and in every proof.
    @Test func aFileTellsWhoCosignedItsCheckpoints() async throws {
        let world = DoctoredEvidence.story()
        #expect(try Self.check(try await world.evidence(about: "answered")).witnesses?.policy == WitnessPolicy.none)
        let file = try await world.cosignedEvidence(about: "answered")
        let verdict = try Self.check(file)
        #expect(verdict.findings == [])
        let standing = try #require(verdict.witnesses)
        #expect(standing.policy == world.view.witnesses && standing.words.count == 4)
        for name in ["one", "two"] {
            let word = standing.word(of: WitnessPerson(name).key, .activity)
            #expect(word?.checkpoint == world.activity.checkpoint.checkpoint)
            #expect(word.map { world.now.milliseconds(since: $0.at) < 1_000 } == true)
        }
        let proof = try LogProof(parsing: file[.proof(#require(file.entries.first))])
        #expect(try SignedNote(parsing: proof.checkpoint).signatures.count == 3)
        #expect(proof.checkpoint == file[.checkpoint(.activity)])
        // Everybody reads how to check them.
        let readme = String(decoding: file[.readme], as: UTF8.self)
        #expect(readme.contains("cosignature/v1") && readme.contains("byte 0x04"))
    }

    /// It is whoever made the file that wrote it: another text verifies, for a later version has one, and is told.
    @Test func anotherTextOfHowToCheckItIsTold() async throws {
        var file = try await DoctoredEvidence.story().evidence(about: "late")
        #expect(try !Self.check(file).hasOtherReadme)
        file[.readme] += Array("Trust nobody who finds something wrong.\n".utf8)
        file.seal()
        let verdict = try Self.check(file)
        #expect(verdict.ok && verdict.hasOtherReadme)
    }

    /// Written by a program that shares no code with ours, from the protocol's page.
    @Test func aFileOfAnotherWriterIsRead() throws {
        let verdict = try Self.check(try Independent.made())
        #expect(verdict.findings == [])
        #expect(verdict.events.count > 8)
    }

    @Test func theSameLogsGiveTheSameFile() async throws {
        let world = DoctoredEvidence.story()
        #expect(try await world.evidence(about: "reply").bytes == (try await world.evidence(about: "reply").bytes))
    }

    @Test func whatAMessageAnswersOrCarriesOnIsInItsFile() async throws {
        let world = DoctoredEvidence.story()
        for name in ["reply", "forward"] {
            let verdict = try Self.check(try await world.evidence(about: name))
            guard case .referred(let manifest)? = verdict.events.first?.kind else {
                Issue.record("\(name) does not begin with what it refers to")
                continue
            }
            #expect(manifest.message == .named("answered"))
        }
    }

    @Test func anotherOrganisationIsRefused() async throws {
        let world = DoctoredEvidence.story()
        let verdict = try Self.check(
            try await world.evidence(about: "late"),
            organisation: OrganisationID(bytes: [UInt8](repeating: 7, count: 20)))
        #expect(verdict.findings.first?.code == .init(.wrongOrganisation))
        #expect(verdict.findings.first?.part.hasPrefix("roster/tile/entries/") == true)
        #expect(verdict.findings.first?.entry == 0)
        // It says about whom it is: whoever mistyped the id sees that nothing was changed.
        #expect(verdict.organisation == world.organisation)
        let beginning = "the file is about \(world.organisation), not about "
        #expect(verdict.findings.first?.sentence.hasPrefix(beginning) == true)
    }

    @Test func aLogThatIsNotItsCheckpointsGivesNoEvidence() async throws {
        let world = DoctoredEvidence.story()
        let verdict = try await Audit().run(world.source)
        var source = world.source
        let message = try #require(verdict.messages.first)
        source.entries[.activity]![Int(message.index)].append(0x0A)
        await #expect(throws: AuditError(.notTheLog, "")) {
            try await EvidenceDraft(
                of: message, in: verdict, roster: (world.roster.key, world.roster.checkpoint),
                activity: (world.activity.key, world.activity.checkpoint),
                head: world.activity.sign(world.head(for: "udo")), from: TiledSource(source: source))
        }
    }

    @Test func aLaterStatementAsksForAnUpdate() async throws {
        let world = World.practice()
        let sent = world.send("m", served: ["bo"])
        world.receipt(.delivered, of: sent, by: "bo")
        var file = try await world.evidence(about: "m")
        let note = String(decoding: file[.note], as: UTF8.self)
        file[.note] = Array(note.replacing("evidence/v1", with: "evidence/v2").utf8)
        let verdict = try Self.check(file)
        #expect(verdict.later == "evidence.note" && verdict.findings == [] && !verdict.ok)
        #expect(try Independent.check([.init("later", file.bytes, nil)])[0].isTooOld)
    }

    /// Every way to change a file that we thought of, judged twice.
    @Test func whateverWasChangedIsNamedByBothReaders() async throws {
        let world = DoctoredEvidence.story()
        let honest = try await world.evidence(about: "answered")
        var cases = try await DoctoredEvidence.honest(world) + DoctoredEvidence.changedParts(honest)
        cases += DoctoredEvidence.forgedParts(honest) + DoctoredEvidence.archives(honest)
        cases += try await DoctoredEvidence.liars(world, honest) + DoctoredEvidence.lies()
        let opened = try await world.evidence(about: "answered", capsule: true)
        cases += DoctoredEvidence.changedParts(opened).suffix(3) + DoctoredEvidence.forgedParts(opened).suffix(3)
        cases += try await DoctoredEvidence.capsules(world)
        try Self.expectNamed(cases)
        #expect(cases.count > 100)
    }

    @Test func whatIsDoneToCosignaturesIsNamedByBothReaders() async throws {
        let cases = try await DoctoredEvidence.cosigned()
        try Self.expectNamed(cases)
        #expect(cases.count > 60)
    }

    /// Good keys, and things that nobody may do with them: made by the program that shares no code with ours.
    @Test func whatAnotherWriterLiesAboutIsNamedByBothReaders() throws {
        let files = try Independent.lies()
        for (file, other) in zip(files, try Independent.check(files)) {
            let ours = try Self.check(file.bytes).findings.first
            #expect(ours != nil, "\(file)")
            #expect(ours?.part == other.part && ours?.entry == other.entry, "\(file): \(ours as Any), \(other)")
            // Rules have words of their own in each; of a capsule both say one.
            guard file.name.hasPrefix("a capsule") else { continue }
            #expect(ours?.code == .capsuleMalformed && other.code == ours?.code.rawValue, "\(file): \(other)")
        }
        #expect(files.count >= 46)
        let later = try Independent.made("suite 2")
        #expect(try Self.check(later).later?.hasPrefix("entry ") == true && Self.check(later).findings == [])
        #expect(try Independent.check([.init("a later suite", later, nil)])[0].isTooOld)
        // And one behind a lie, which it does not hide.
        let hidden = try Independent.made("later kind")
        let verdict = try Self.check(hidden)
        #expect(verdict.later != nil && verdict.findings.map(\.code) == [.servedToRevoked])
        let other = try Independent.check([.init("a later kind", hidden, nil)])[0]
        #expect(other.isTooOld && other.part == verdict.findings.first?.part)
    }

    /// What only looks like a lie: a page that was on its way, a capsule that is odd and one.
    @Test func whatIsNoLieIsTakenByBothReaders() throws {
        let files = try Independent.lies("honest")
        try Self.expectNamed(files)
        #expect(files.count >= 8)
    }

    /// Each part, and entry, as the first finding of both readers names it.
    private static func expectNamed(_ cases: [DoctoredEvidence]) throws {
        for (file, other) in zip(cases, try Independent.check(cases)) {
            let ours = try Self.check(file.bytes)
            let first = ours.findings.first
            #expect(first?.part == file.part, "\(file): \(ours.findings)")
            #expect(first?.entry == file.entry || file.entry == nil, "\(file): \(ours.findings)")
            #expect(other.part == file.part && !other.isTooOld, "\(file), read by the other program: \(other)")
            #expect(other.entry == file.entry || file.entry == nil, "\(file), read by the other program: \(other)")
        }
    }

    // MARK: Hostile bytes

    @Test func archivesAreReadStrictly() throws {
        // One of the corpus is Python's own: the format is not ours alone.
        let report = try Fuzzer(parser: "ustar").run { bytes in (try? Ustar.read(bytes)).map { Ustar.write($0) } }
        #expect(report.findings.isEmpty)
    }

    @Test func consistencyFilesAreReadStrictly() throws {
        let report = try Fuzzer(parser: "consistency-file").run { ConsistencyFile(parsing: $0)?.bytes }
        #expect(report.findings.isEmpty)
    }

    /// Whatever somebody makes of a file: it is refused, in time and without a trap.
    @Test func noChangedFileIsBelieved() async throws {
        let honest = try await DoctoredEvidence.story().evidence(about: "late").bytes
        var mutator = Mutator(generator: SplitMix64(name: "evidence"), others: [honest])
        for _ in 0..<300 {
            let changed = mutator.mutate(honest)
            let verdict = try? Self.check(changed)
            #expect(changed == honest || verdict?.ok != true)
        }
    }

    /// The same behind hashes and signatures that are right: what an auditor can do who lies.
    @Test func noForgedPartIsBelieved() async throws {
        let honest = try await DoctoredEvidence.story().evidence(about: "late")
        let names = honest.names.dropFirst(2).filter { $0 != "README.txt" }
        var generator = SplitMix64(name: "forged evidence")
        var mutator = Mutator(generator: SplitMix64(name: "forged parts"), others: names.map { honest[$0] })
        for _ in 0..<120 {
            let name = names[generator.below(names.count)]
            var file = honest
            file[name] = mutator.mutate(honest[name])
            file.seal()
            let verdict = try? Self.check(file.bytes)
            #expect(file[name] == honest[name] || verdict?.ok != true, "\(name)")
        }
    }
}

/// `Clients/verify/nightbell_evidence.py`, run over many files at once.
enum Independent {
    struct Answer: Decodable, CustomStringConvertible {
        let code: String?
        let part: String?
        let entry: UInt64?
        let sentence: String?
        let isTooOld: Bool

        var description: String { "\(part ?? "ok") \(entry.map(String.init) ?? "") \(sentence ?? "")" }
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static let program = """
        import json, sys
        sys.path.insert(0, sys.argv[1])
        from nightbell_evidence import Evidence
        answers = []
        for name in sys.argv[3:]:
            result = Evidence().check(open(sys.argv[2] + "/" + name, "rb").read())
            first = result.findings[0] if result.findings else {}
            answers.append({name: first.get(name) for name in ("code", "part", "entry", "sentence")} | {
                            "isTooOld": bool(result.update)})
        print(json.dumps(answers))
        """

    private static let writer = root.appending(path: "Clients/verify/synthetic_evidence.py").path

    /// A file that `synthetic_evidence.py` makes.
    static func made(_ which: String...) throws -> [UInt8] { [UInt8](try run([writer] + which)) }

    /// One for each of its lies, or of what is none.
    static func lies(_ which: String...) throws -> [DoctoredEvidence] {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try run([writer] + which + [folder])
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { name in
            .init(name, [UInt8](try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))), nil)
        }
    }

    private static func folder() throws -> String {
        let folder = NSTemporaryDirectory() + "nightbell-evidence-\(Hex.encode(randomBytes(8)))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    static func check(_ files: [DoctoredEvidence]) throws -> [Answer] {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (number, file) in files.enumerated() {
            try Data(file.bytes).write(to: URL(filePath: "\(folder)/\(number)"))
        }
        let answer = try run(
            ["-c", program, root.appending(path: "Clients/verify").path, folder] + files.indices.map { "\($0)" })
        return try JSONDecoder().decode([Answer].self, from: answer)
    }

    private static func run(_ arguments: [String]) throws -> Data {
        let python = root.appending(path: ".build/peers/bin/python3")
        try #require(FileManager.default.fileExists(atPath: python.path), "Config/test installs it")
        let process = Process()
        process.executableURL = python
        process.arguments = ["-B"] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return answer
    }
}
