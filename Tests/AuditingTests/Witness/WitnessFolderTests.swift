import Auditing
import Foundation
import FuzzSupport
import Secrets
import Statements
import Testing
import TransparencyLog

/// What a witness keeps on the disk: made once, whole, never made anew.
@Suite struct WitnessFolderTests {
    private let path = NSTemporaryDirectory() + "witness-\(UUID().uuidString)"
    private let log = ForkingLog(count: 12, fork: 4)

    private func made() throws -> WitnessFolder {
        let key = try WitnessFolder.make(at: path, name: "witness.example/w1")
        let folder = try WitnessFolder(path)
        #expect(try folder.state().witness == key)
        var state = try folder.state()
        #expect(try state.add(log.key))
        try folder.replace(state)
        return folder
    }

    private func keeper(_ folder: WitnessFolder) throws -> WitnessKeeper {
        WitnessKeeper(try folder.witness(), memory: folder)
    }

    @Test func aWitnessGoesOnWhereItWas() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        do {
            let folder = try made()
            #expect(try keeper(folder).answer(log.request(0, 8), at: { 7 }).status == 200)
        }
        let folder = try WitnessFolder(path)
        let witness = try keeper(folder)
        #expect(WitnessFolder.evidence(path).isEmpty)
        #expect(witness.answer(log.request(8, 8, 1), at: { 8 }).status == 422)
        #expect(witness.answer(log.request(8, 12), at: { 8 }).status == 200)
        #expect(try folder.state()[log.key.name]?.latest?.checkpoint.size == 12)
        let evidence = try FileManager.default.contentsOfDirectory(atPath: path + "/evidence")
        #expect(evidence.count == 1 && WitnessFolder.evidence(path) == evidence)
        let notes = try #require(
            KeptHeads(parsing: [UInt8](Data(contentsOf: URL(filePath: "\(path)/evidence/\(evidence[0])")))))
        #expect(notes.notes.count == 2)
        for name in ["witness.key", "state", "evidence/\(evidence[0])"] {
            let mode = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(name)")
        }
    }

    /// Its lies fill no disk, and leave room for the proof of another one's; what is not kept is not said to be.
    @Test func aLogThatLiesWithoutEndLeavesRoomForOthers() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = try made()
        func proof(_ origin: String, _ number: Int) -> [[UInt8]] { [Array("\(origin)\n\(number)\n".utf8), [1]] }
        for number in 0..<WitnessFolder.logEvidenceLimit { #expect(folder.keep(evidence: proof("a", number))) }
        #expect(!folder.keep(evidence: proof("a", WitnessFolder.logEvidenceLimit)))
        // What is there is kept already.
        #expect(folder.keep(evidence: proof("a", 0)))
        #expect(folder.keep(evidence: proof("b", 0)))
        #expect(WitnessFolder.evidence(path).count == WitnessFolder.logEvidenceLimit + 1)
    }

    @Test func nothingIsMadeOverAnything() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        #expect(throws: AuditError(.wouldOverwrite, "")) { try WitnessFolder.make(at: path, name: "w") }
        #expect(throws: AuditError(.noWitness, "")) { try WitnessFolder(path + "-other") }
    }

    @Test func aSlashBehindTheNameChangesNothing() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let key = try WitnessFolder.make(at: path + "//", name: "witness.example/w1")
        #expect(try WitnessFolder(path).state().witness == key)
        #expect(throws: AuditError(.wouldOverwrite, "")) { try WitnessFolder.make(at: path + "/", name: "w") }
    }

    @Test func aLostStateIsNeverMadeAnew() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = try made()
        try FileManager.default.removeItem(atPath: path + "/state")
        #expect(throws: AuditError(.witnessStateLost, "")) { try folder.state() }
        #expect(throws: AuditError(.witnessStateLost, "")) { _ = try folder.witness() }
        #expect(throws: AuditError(.wouldOverwrite, "")) { try WitnessFolder.make(at: path, name: "w") }
    }

    /// A folder of something else: nobody is told to give up a witness for a path that they mistyped.
    @Test func anotherFolderIsNoWitness() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        #expect(throws: AuditError(.noWitness, "")) { try WitnessFolder.look(path) }
        #expect(throws: AuditError(.noWitness, "")) { _ = try WitnessFolder(path).witness() }
    }

    /// A state of an earlier day, and one that forgot a log, by what this witness signed and kept.
    @Test func aStateThatForgotWhatWasCosignedIsNotServed() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = try made()
        let new = try folder.state()
        #expect(try keeper(folder).answer(log.request(0, 6), at: { 6 }).status == 200)
        let earlier = try folder.state()
        let witness = try keeper(folder)
        #expect(witness.answer(log.request(6, 8), at: { 7 }).status == 200)
        #expect(witness.answer(log.request(8, 8, 1), at: { 8 }).convicts)
        let latest = try folder.state()
        for forgetful in [new, earlier] {
            try folder.replace(forgetful)
            #expect(throws: AuditError(.witnessStateDamaged, "")) { _ = try folder.witness() }
        }
        // What it says now, and what grew since, is no less than what it kept.
        try folder.replace(latest)
        let again = try keeper(folder)
        #expect(again.answer(log.request(8, 12), at: { 9 }).status == 200)
        _ = try folder.witness()
        // Nothing that others put there says what this witness signed.
        try Data("nothing\n".utf8).write(to: URL(filePath: path + "/evidence/other"))
        _ = try folder.witness()
    }

    @Test func oneAtATime() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = try made()
        #expect(throws: AuditError(.witnessInUse, "")) { try WitnessFolder(path) }
        withExtendedLifetime(folder) {}
    }

    @Test func aKeyThatOthersReadOrAnothersIsRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = try made()
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path + "/witness.key")
        #expect(throws: AuditError(.witnessKeyUnfit, "")) { _ = try folder.witness() }
        try FileManager.default.removeItem(atPath: path + "/witness.key")
        #expect(throws: AuditError(.witnessKeyUnfit, "")) { _ = try folder.witness() }
        try KeyFile.create(path + "/witness.key", holding: SecretBytes(random: 32))
        #expect(throws: AuditError(.witnessKeyUnfit, "")) { _ = try folder.witness() }
    }

    /// No byte of what is kept can change unnoticed, and nothing is read that was not written so.
    @Test func theStateIsReadStrictly() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = try made()
        #expect(try keeper(folder).answer(log.request(0, 8), at: { 7 }).status == 200)
        var state = try folder.state()
        _ = try state.add(ForkingLog("log.example/another", count: 1, fork: 0).key)
        let bytes = state.bytes
        #expect(try WitnessState(parsing: bytes).bytes == bytes)
        var random = SplitMix64(name: "witness state")
        var accepted = 0
        for _ in 0..<2_000 {
            var changed = bytes
            switch random.below(3) {
            case 0: changed[random.below(changed.count)] = UInt8(truncatingIfNeeded: random.next())
            case 1: changed.remove(at: random.below(changed.count))
            default: changed.insert(changed[random.below(changed.count)], at: random.below(changed.count))
            }
            guard let read = try? WitnessState(parsing: changed) else { continue }
            #expect(read.bytes == changed)
            if changed != bytes { accepted += 1 }
        }
        // Names and keys are each bound by a key id, trees by two signatures.
        #expect(accepted == 0)
    }
}
