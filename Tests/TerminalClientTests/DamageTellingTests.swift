import AuditSupport
import Auditing
import DeviceKit
import Statements
import Testing
import TransparencyLog

@testable import TerminalClient

/// What is told of logs that are not what was signed.
@Suite struct DamageTellingTests {
    /// Who is told something of a verdict.
    private static func told(_ verdict: AuditVerdict) -> [DamageTelling] {
        [.nothing, .whatIsThere, .damage].filter { (try? $0.check(verdict)) != nil }
    }

    @Test func nothingIsToldOfWhatCannotBeReadAndOfWhatWasChangedThatItIs() async throws {
        let world = World.practice()
        world.play("sent", to: "bo", [.delivered])
        #expect(Self.told(try await world.audit()) == [.nothing, .whatIsThere, .damage])
        let changed = try await world.audit { source in
            source.entries[.activity]?.swapAt(1, 2)
        }
        #expect(changed.hasAllEntries && Self.told(changed) == [.whatIsThere, .damage])
        // So it is where a checkpoint's signature alone was changed; of one that cannot be read nobody knows what it names.
        var note = world.activity.checkpoint.note.bytes
        let place = note.count - 9
        note[place] = UInt8(ascii: note[place] == UInt8(ascii: "B") ? "C" : "B")
        let unsigned = try await world.audit { [note] source in
            source.checkpoints[.activity] = note
        }
        #expect(Self.told(unsigned) == [.whatIsThere, .damage])
        let unnamed = try await world.audit { source in
            source.checkpoints[.activity] = []
        }
        #expect(Self.told(unnamed) == [.damage])
        let short = try await world.audit { source in
            source.entries[.activity]?.removeLast()
        }
        #expect(!short.hasAllEntries && Self.told(short) == [.damage])
        let error = try #require(throws: DeviceKitError.self) { try DamageTelling.nothing.check(short) }
        #expect(error.code == "export_unverified" && error.category == .verification)
        #expect(error.message == "the export is not what was signed, and nothing is told from it")
    }
}
