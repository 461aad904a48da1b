import RelayAPI
import Statements
import Testing

extension ProgramTests {
    /// Two that exclude each other, posted in the same moment: one stands, the other is told which, and the relay goes on.
    @Suite struct SameMomentTests {
        @Test func twoMessagesWithOneIdAtOnceAreOneMessageAndOneConflict() async throws {
            let guests = try await Guests.shared.all()
            for _ in 0..<4 {
                let first = try await guests.intake.envelope(to: Practice.claraName, saying: "which one")
                let second = try Self.later(first, by: guests.intake)
                let answers = try await withThrowingTaskGroup(of: RawAnswer.self) { group in
                    for envelope in [first, second] + Array(repeating: [first, second], count: 5).flatMap({ $0 }) {
                        group.addTask {
                            try await guests.http.send(
                                "POST", APIPath.messages(guests.intake.organisation), body: envelope.bytes)
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                let accepted = try answers.filter { $0.status == 200 }.map { try $0.shape(LoggedEntry.self) }
                let refused = try answers.filter { $0.status != 200 }.map {
                    try APIJSON.decode(Problem.self, from: $0.body)
                }
                #expect(accepted.count == 6 && refused.count == 6)
                #expect(Set(accepted.map(\.index)).count == 1)
                #expect(refused.allSatisfy { $0.code == .conflict && $0.statement?.index == accepted.first?.index })
            }
        }

        /// The same message under another manifest, which lets it live a millisecond longer: whichever stands is an honest one.
        private static func later(_ envelope: Envelope, by device: RawDevice) throws -> Envelope {
            let old = envelope.manifest
            let manifest = Manifest(
                organisation: old.organisation, seen: old.seen, message: old.message, sender: old.sender,
                at: old.at, expires: Timestamp(milliseconds: old.expires.milliseconds + 1), urgency: old.urgency,
                member: old.member,
                reference: old.reference, commitment: old.commitment, recipients: old.recipients,
                without: old.without, recovery: old.recovery, capsule: old.capsule, alert: old.alert,
                content: old.content, binding: old.binding)
            return try Envelope(
                note: SignedNote(text: manifest.text, signedBy: device.key, as: device.keyID), manifest: manifest,
                sealedKeys: envelope.sealedKeys, recoverySealedKey: envelope.recoverySealedKey,
                capsuleSealedKey: envelope.capsuleSealedKey, alert: envelope.alert, capsule: envelope.capsule,
                content: envelope.content)
        }
    }
}
