import DeviceKit
import Foundation
import RelayAPI
import Secrets
import Statements
import Synchronization
import Testing

@testable import Sealing

/// What somebody who hands a message on can make of it: an honest relay cannot see into the seal, the one who gets it can.
@Suite(.timeLimit(LiePractices.timeLimit)) struct LyingForwarderTests {
    /// Clara's hand-off to Omar, as her client made it, opened again by somebody who has her device, and changed.
    private static func handedOn(
        _ world: LieWorld, _ text: String, change: @Sendable (inout JSONObject) -> Void
    ) async throws -> (original: String, forward: String) {
        let original = try await world.send(text)
        _ = try await world.nightbell(.clara, "inbox").json()
        let forward = try await LyingSender.at(.clara, of: world) { sender in
            let content = try #require(try sender.handOffContent(of: original))
            guard case .object(var object) = content.document else { throw PreparationFailed("no object", nil) }
            change(&object)
            let changed = try #require(MessageContent(plaintext: JSONValue.object(object).bytes))
            var letter = try await sender.letter(changed, to: .omar)
            letter.reference = .forwardOf(MessageID(original)!)
            try await sender.post(try letter.signed(by: sender.signer))
            return letter.message.description
        }
        return (original, forward)
    }

    /// The words inside were changed: they are shown as told by Clara, loudly, and the evidence holds her signature.
    @Test func changedRecordInsideAHandOffIsCaughtAndShownAsTold() async throws {
        try await LieWorld.run { world in
            let (_, forward) = try await Self.handedOn(world, "no allergies known") { object in
                let told = object["content"]?.string?.replacing("no allergies", with: "penicillin allergy") ?? ""
                object.set("content", to: .string(told))
            }
            world.expectCaught(try await world.nightbell(.omar, "inbox"), "original_untrue")
            try world.expectEvidence("original_untrue", by: .omar, of: "entry", "proof")
            let read = try await world.nightbell(.omar, "read", forward).json()
            #expect(read["verified"]?.bool == false)
            let broken = try #require(read["broken"]?.array?.first)
            #expect(broken["promise"]?.string == "original")
            #expect(broken["why"]?.string?.contains("as told by") == true, "\(broken)")
            #expect(broken["why"]?.string?.contains("NOT what was sent") == true, "\(broken)")
            // Nothing of it stands in the evidence in clear.
            let folder = world.person(.omar).profile + "/evidence"
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                let bytes = FileManager.default.contents(atPath: folder + "/" + name) ?? Data()
                #expect(!String(decoding: bytes, as: UTF8.self).contains("allerg"))
            }
            // Each statement is true to the logs' rules: what is a lie stands inside the seal.
            try await world.expectNothingInTheLogs()
        }
    }

    /// An honest copy of the same way is verified: the test above fails for what was changed, and for nothing else.
    @Test func unchangedHandOffIsVerified() async throws {
        try await LieWorld.run { world in
            let (_, forward) = try await Self.handedOn(world, "as it was") { _ in }
            let read = try await world.nightbell(.omar, "read", forward).json()
            #expect(read["verified"]?.bool == true, "\(read)")
            #expect(read["content"]?["content"]?["text"]?.string == "as it was")
            try await world.expectNothingSeen(by: .omar)
        }
    }

    /// Without the original's key nothing is shown, and nothing is proven false: told, and no finding.
    @Test func handOffWithoutTheKeyIsShownAsTold() async throws {
        try await LieWorld.run { world in
            let (_, forward) = try await Self.handedOn(world, "without its key") { $0 = $0.without("key") }
            let read = try await world.nightbell(.omar, "read", forward).json()
            #expect(read["verified"]?.bool == false)
            #expect(read["broken"]?.array?.first?["promise"]?.string == "original", "\(read)")
            try await world.expectNothingSeen(by: .omar)
        }
    }

    /// Another message than the one that is named stands inside.
    @Test func anotherMessageInsideAHandOffIsCaught() async throws {
        try await LieWorld.run { world in
            let other = try await world.send("another one")
            _ = try await world.nightbell(.clara, "inbox").json()
            let swapped = Mutex<MessageContent?>(nil)
            try await LyingSender.at(.clara, of: world) { sender in
                let content = try sender.handOffContent(of: other)
                swapped.withLock { $0 = content }
            }
            let (_, forward) = try await Self.handedOn(world, "the true one") { object in
                if case .object(let inside)? = swapped.withLock({ $0 })?.document { object = inside }
            }
            world.expectCaught(try await world.nightbell(.omar, "inbox"), "original_untrue")
            let read = try await world.nightbell(.omar, "read", forward).json()
            #expect(read["verified"]?.bool == false)
        }
    }

    /// A relay takes no reply, and no hand-off, of a message that does not concern its sender, nor of one that nobody sent.
    @Test func referencesThatDoNotConcernTheirSenderAreRefused() async throws {
        try await LieWorld.run { world in
            let message = try #require(MessageID(try await world.send("for Clara")))
            let refused = try await LyingSender.at(.omar, of: world) { sender -> [String] in
                var codes: [String] = []
                for reference: Manifest.Reference in [
                    .forwardOf(message), .inReplyTo(message), .inReplyTo(.make(at: .now())),
                    .forwardOf(.make(at: .now())),
                ] {
                    var letter = try await sender.letter(try MessageContent(text: "mine?"), to: .clara)
                    letter.reference = reference
                    codes.append(try await sender.refusal(of: try letter.signed(by: sender.signer)))
                }
                return codes
            }
            #expect(refused.count == 4)
            #expect(refused.allSatisfy { $0 == Problem.Code.ruleBroken.rawValue }, "\(refused)")
            try await world.expectNothingInTheLogs()
        }
    }
}

extension JSONObject {
    fileprivate func without(_ key: String) -> JSONObject {
        var rest = JSONObject()
        for member in members where member.key != key { rest.set(member.key, to: member.value) }
        return rest
    }
}
