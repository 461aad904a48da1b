import DeviceKit
import Membership
import RelayAPI
import Sealing
import Secrets
import Statements
import Testing

extension ProgramTests {
    /// What one device may ask of the relay before it harms others.
    @Suite struct BoundTests {
        @Test func aDeviceSaysOnlySoMuchAboutOneMessage() async throws {
            let practice = try await Practice.make()
            let talker = try await Self.join("Dr. Talker", "provider", practice)
            try await Self.publishPrekeys(1, of: talker)
            let sent = try await practice.desk.json(
                "send", "--to", "Dr. Talker", "--urgency", "urgent", "--text", "say it once")
            let message = try #require(sent["message"]?.string.flatMap { MessageID($0) })
            let manifest = try #require(sent["manifest"]?.string.flatMap { Digest(hex: $0.utf8) })
            _ = try await talker.get(APIPath.inbox).shape(InboxAnswer.self)
            let seen = try await talker.seen()
            var previous: Digest?
            let notes = (UInt64(1)...40).map { number in
                let text = Receipt(
                    organisation: talker.organisation, seen: seen, message: message, manifest: manifest,
                    device: talker.device, action: .read, reason: nil, capsule: nil, at: .now(), number: number,
                    previous: previous, steps: .zero
                ).text
                let note = SignedNote(text: text, signedBy: talker.key, as: talker.keyID)
                previous = note.hash
                return note.bytes
            }
            let answer = try await talker.http.send(
                "POST", APIPath.receipts(talker.organisation), body: NoteBatch.encode(notes)
            ).shape(ReceiptsAnswer.self)
            #expect(answer.logged.count == 32)
            #expect(answer.refused?.code == .quota)
            // What was logged is free to be said again.
            let again = try await talker.http.send(
                "POST", APIPath.receipts(talker.organisation), body: NoteBatch.encode(Array(notes.prefix(32)))
            ).shape(ReceiptsAnswer.self)
            #expect(again.logged.map { $0.index } == answer.logged.map { $0.index } && again.refused == nil)
            #expect(try await practice.auditor.run("audit", "verify").status == 0)
            try await practice.remove()
        }

        @Test func aClaimThatNamesAKnownDeviceCountsForTheOthersToo() async throws {
            let practice = try await Practice.make()
            let target = try await Self.join("Dr. Target", "provider", practice)
            try await Self.publishPrekeys(40, of: target)
            let claimant = try await Self.join("Second Desk", "intake", practice)
            let roster = try await claimant.roster().view(at: .now())
            let known = [Practice.claraName, Practice.danName].compactMap { name in
                TextValue(typed: name).flatMap { roster.member(named: $0) }.flatMap {
                    roster.liveDevices(of: $0.id).first
                }
            }
            try #require(known.count == 2)
            var issued = 0
            for device in known {
                for _ in 0..<10 {
                    let message = MessageID.make(at: .now())
                    let first = try await Self.claim(message, [device.id], by: claimant)
                    #expect(first.status == 200)
                    let second = try await Self.claim(message, [device.id, target.device], by: claimant)
                    if second.status == 200 { issued += 1 } else { #expect(second.status == 429) }
                }
            }
            #expect(issued == 10)
            try await practice.remove()
        }

        @Test func aKeyIsEnrolledInOneOrganisationOnly() async throws {
            let practice = try await Practice.make()
            let device = try await Self.join("Dr. Twice", "provider", practice)
            let offer = try await device.http.send(
                "POST", "/v1/foundings", body: APIJSON.encode(FoundingRequest(code: nil))
            ).shape(FoundingOffer.self)
            let member = MemberID.random()
            func key(_ text: String) throws -> VerifyingKey {
                try #require(Base64.decode(Array(text.utf8)).flatMap { VerifyingKey($0) })
            }
            let genesis = Genesis(
                name: TextValue(typed: "Another")!, relay: offer.relay, rosterKey: try key(offer.rosterKey),
                activityKey: try key(offer.activityKey), at: .now(),
                members: [.init(id: member, name: TextValue(typed: "Twice")!)],
                admins: [
                    .init(
                        member: member, key: device.key.verifyingKey, platform: Platform(Array("test".utf8))!,
                        label: TextValue(typed: "raw")!)
                ], recovery: nil, quorum: 1, policy: Policy())
            let note = SignedNote(text: genesis.text, signedBy: device.key, as: device.keyID)
            let answer = try await device.http.send(
                "POST", "/v1/orgs",
                body: APIJSON.encode(
                    FoundingSubmission(code: nil, genesis: String(decoding: note.bytes, as: UTF8.self))))
            let problem = ProblemCheck.problem(answer, "a known key founds")
            #expect(problem?.code == .ruleBroken)
            #expect(problem?.detail.contains("another organisation") == true)
            try await practice.remove()
        }

        private static func join(_ name: String, _ role: String, _ practice: Practice) async throws -> RawDevice {
            try await RawDevice.join(try await practice.invite(name, role), at: practice.relay)
        }

        private static func claim(
            _ message: MessageID, _ devices: [DeviceID], by claimant: RawDevice
        ) async throws -> RawAnswer {
            try await claimant.send(
                "POST", APIPath.claims(claimant.organisation),
                body: APIJSON.encode(
                    ClaimRequest(message: message.description, devices: devices.map(\.description))))
        }

        private static func publishPrekeys(_ count: Int, of device: RawDevice) async throws {
            let shapes = (0..<count).map { _ in
                let half = EncapsulationPrivateKey()
                let prekey = SignedPrekey(
                    PrekeyText(
                        organisation: device.organisation, device: device.device, purpose: .oneTime,
                        notAfter: Timestamp.now().adding(seconds: 86_400), key: half.publicKey),
                    signedBy: device.key)
                return PrekeyShape(
                    text: String(decoding: prekey.text, as: UTF8.self), signature: Base64.encode(prekey.signature))
            }
            let answer = try await device.send(
                "PUT", APIPath.prekeys(device.organisation),
                body: APIJSON.encode(PrekeyUpload(oneTime: shapes, fallback: nil)))
            _ = try answer.shape(PrekeyCount.self)
        }
    }
}
