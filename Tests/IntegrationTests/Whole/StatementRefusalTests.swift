import DeviceKit
import RelayAPI
import Secrets
import Statements
import Testing

extension ProgramTests {
    /// Statements that are nearly right, straight to the relay: refused for what is wrong with them.
    @Suite struct StatementRefusalTests {
        /// An envelope that the relay accepts, and where each of its parts ends.
        private static func envelope(_ guests: Guests.All) async throws -> (Envelope, ends: [Int]) {
            let envelope = try await guests.intake.envelope(to: Practice.claraName, saying: "raw")
            var ends = [4, 4 + envelope.note.bytes.count]
            let parts =
                envelope.sealedKeys + [envelope.recoverySealedKey, envelope.capsuleSealedKey].compactMap { $0 }
                + [envelope.alert] + [envelope.capsule].compactMap { $0 } + [envelope.content]
            for part in parts { ends.append(ends.last! + part.count) }
            return (envelope, ends)
        }

        private static func post(_ envelope: [UInt8], _ guests: Guests.All) async throws -> RawAnswer {
            try await guests.http.send("POST", APIPath.messages(guests.intake.organisation), body: envelope)
        }

        @Test func anEnvelopeIsWholeOrNothing() async throws {
            let guests = try await Guests.shared.all()
            let (envelope, ends) = try await Self.envelope(guests)
            let bytes = envelope.bytes
            try #require(ends.last == bytes.count)
            for end in ends.dropLast() {
                for cut in [end - 1, end, end + 1] {
                    let answer = try await Self.post(Array(bytes.prefix(cut)), guests)
                    #expect(ProblemCheck.problem(answer, "cut at \(cut)")?.code == .malformed)
                }
            }
            #expect(ProblemCheck.problem(try await Self.post(bytes + [0], guests), "longer")?.code == .malformed)
            #expect(ProblemCheck.problem(try await Self.post(bytes.dropLast(), guests), "shorter")?.code == .malformed)
            // A bit in every part: each is bound by the manifest.
            for (start, end) in zip(ends.dropFirst(), ends.dropFirst(2)) {
                var changed = bytes
                changed[(start + end) / 2] ^= 1
                #expect(
                    ProblemCheck.problem(try await Self.post(changed, guests), "bit in \(start)..<\(end)")?.code
                        == .malformed)
            }
            for length in [0, envelope.note.bytes.count - 1, envelope.note.bytes.count + 1, 65_001, 0xFFFF_FFFF] {
                var lying = bytes
                for (place, shift) in zip(0..<4, [24, 16, 8, 0]) {
                    lying[place] = UInt8(truncatingIfNeeded: length >> shift)
                }
                #expect(
                    ProblemCheck.problem(try await Self.post(lying, guests), "length \(length)")?.code == .malformed)
            }
            // After all that the true one is accepted, once, and said again with the same place.
            let accepted = try await Self.post(bytes, guests).shape(LoggedEntry.self)
            let again = try await Self.post(bytes, guests).shape(LoggedEntry.self)
            #expect(accepted.index == again.index)
        }

        @Test func aMessageIsItsSendersAlone() async throws {
            let guests = try await Guests.shared.all()
            let (envelope, _) = try await Self.envelope(guests)
            func signed(by device: RawDevice, _ manifest: Manifest) throws -> [UInt8] {
                try Envelope(
                    note: SignedNote(text: manifest.text, signedBy: device.key, as: device.keyID), manifest: manifest,
                    sealedKeys: envelope.sealedKeys, recoverySealedKey: envelope.recoverySealedKey,
                    capsuleSealedKey: envelope.capsuleSealedKey, alert: envelope.alert, capsule: envelope.capsule,
                    content: envelope.content
                ).bytes
            }
            func manifest(
                message: MessageID? = nil, sender: DeviceID? = nil, at: Timestamp? = nil, expires: Timestamp? = nil,
                seen: SeenBoth? = nil, recipients: [Manifest.Recipient]? = nil
            ) -> Manifest {
                let old = envelope.manifest
                return Manifest(
                    organisation: old.organisation, seen: seen ?? old.seen, message: message ?? old.message,
                    sender: sender ?? old.sender, at: at ?? old.at, expires: expires ?? old.expires,
                    urgency: old.urgency, member: old.member, reference: nil, commitment: old.commitment,
                    recipients: recipients ?? old.recipients, without: [], recovery: old.recovery,
                    capsule: old.capsule, alert: old.alert, content: old.content, binding: old.binding)
            }
            let intake = guests.intake
            let old = envelope.manifest
            let falseSeen = SeenBoth(
                roster: old.seen.roster,
                activity: Seen(
                    size: old.seen.activity.size, root: Digest.sha256([1]), signature: old.seen.activity.signature))
            var cases: [(what: String, bytes: [UInt8], codes: Set<Problem.Code>)] = [
                (
                    "signed by another", try signed(by: guests.provider, old),
                    [.malformed, .ruleBroken, .unauthorized, .notPermitted]
                ),
                (
                    "from an unknown device", try signed(by: guests.nobody, manifest(sender: guests.nobody.device)),
                    [.ruleBroken, .unauthorized, .notPermitted]
                ),
                (
                    "from a revoked device", try signed(by: guests.revoked, manifest(sender: guests.revoked.device)),
                    [.revoked]
                ),
                ("old", try signed(by: intake, manifest(at: old.at.adding(seconds: -400))), [.clock, .ruleBroken]),
                (
                    "of the future", try signed(by: intake, manifest(at: old.at.adding(seconds: 400))),
                    [.clock, .ruleBroken]
                ),
                ("over already", try signed(by: intake, manifest(expires: old.at)), [.malformed, .ruleBroken]),
                (
                    "for too long", try signed(by: intake, manifest(expires: old.at.adding(seconds: 30 * 86_400))),
                    [.ruleBroken]
                ),
                ("with a root that nobody signed", try signed(by: intake, manifest(seen: falseSeen)), [.ruleBroken]),
                (
                    "of another id than was claimed for", try signed(by: intake, manifest(message: .make(at: .now()))),
                    [.unclaimed, .ruleBroken]
                ),
            ]
            // A manifest without recipients cannot be written: nobody would be addressed.
            if old.recipients.count > 1 {
                cases.append(
                    (
                        "to fewer devices",
                        try signed(by: intake, manifest(recipients: Array(old.recipients.dropLast()))),
                        [.recipients, .malformed]
                    ))
            }
            for (what, bytes, codes) in cases {
                let problem = ProblemCheck.problem(try await Self.post(bytes, guests), what)
                #expect(
                    problem.map { codes.contains($0.code) } == true,
                    "\(what): \(problem?.type ?? "") \(problem?.detail ?? "")")
            }
        }

        @Test func aReceiptIsForTheAddressedAlone() async throws {
            let guests = try await Guests.shared.all()
            let history = try await guests.auditor.get(
                "/v1/orgs/\(guests.auditor.organisation)/messages/\(guests.message)"
            )
            .shape(MessageHistory.self)
            let first = try Entry(parsing: Array(try #require(history.entries.first).entry.utf8))
            let note = try SignedNote(parsing: first.body)
            let message = try #require(MessageID(guests.message))
            func receipt(
                _ device: RawDevice, action: ReceiptAction = .acknowledged, reason: ReceiptReason? = .callingNow,
                number: UInt64 = 1, previous: Digest? = nil, message: MessageID, manifest: Digest,
                signer: RawDevice? = nil
            ) async throws -> [UInt8] {
                let text = Receipt(
                    organisation: device.organisation, seen: try await device.seen(), message: message,
                    manifest: manifest, device: device.device, action: action, reason: reason, capsule: nil, at: .now(),
                    number: number, previous: previous, steps: .zero
                ).text
                let signer = signer ?? device
                return NoteBatch.encode([SignedNote(text: text, signedBy: signer.key, as: signer.keyID).bytes])
            }
            let provider = guests.provider
            let cases: [(what: String, body: [UInt8], codes: Set<Problem.Code>)] = [
                (
                    "by one who was not addressed", try await receipt(provider, message: message, manifest: note.hash),
                    [.notPermitted, .ruleBroken]
                ),
                (
                    "signed by another",
                    try await receipt(provider, message: message, manifest: note.hash, signer: guests.intake),
                    [.malformed, .ruleBroken, .unauthorized, .notPermitted]
                ),
                (
                    "on no message", try await receipt(provider, message: .make(at: .now()), manifest: note.hash),
                    [.notFound]
                ),
                (
                    "on another manifest", try await receipt(provider, message: message, manifest: .zero),
                    [.ruleBroken, .notPermitted]
                ),
                (
                    "out of its chain",
                    try await receipt(provider, number: 2, previous: .zero, message: message, manifest: note.hash),
                    [.brokenChain, .ruleBroken, .notPermitted]
                ),
                (
                    "by a revoked device",
                    try await receipt(guests.intake, message: message, manifest: note.hash, signer: guests.revoked),
                    [.malformed, .ruleBroken, .revoked, .notPermitted]
                ),
            ]
            for (what, body, codes) in cases {
                let answer = try await guests.http.send("POST", APIPath.receipts(provider.organisation), body: body)
                let problem: Problem?
                if answer.status == 200 {
                    // The batch was read; its first receipt was refused.
                    let answer = try answer.shape(ReceiptsAnswer.self)
                    #expect(answer.logged.isEmpty)
                    problem = answer.refused
                } else {
                    problem = ProblemCheck.problem(answer, what)
                }
                #expect(
                    problem.map { codes.contains($0.code) } == true,
                    "\(what): \(problem?.type ?? "nothing") \(problem?.detail ?? "")")
            }
        }
    }
}
