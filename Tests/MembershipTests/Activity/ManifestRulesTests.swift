import Membership
import Secrets
import SignerSupport
import Statements
import Testing

@Suite struct ManifestRulesTests {
    /// Ivy takes calls, Bo has two devices, Udo audits, and there are a recovery and an audit key.
    private static func practice() -> Practice {
        let practice = Practice()
        practice.join("ivy", roles: [.intake])
        practice.join("bo")
        practice.enrolDevice("tablet", of: "bo", by: [.device("ana")])
        practice.join("udo", roles: [.auditor])
        practice.log(practice.admins(audit: .named("audit")), by: [.device("ana")])
        practice.wait(seconds: 60)
        return practice
    }

    private static func verdict(
        _ draft: ManifestDraft, by signers: [Signer] = [.device("ivy")], in practice: Practice,
        time: Timestamp? = nil, size: UInt64? = nil, reference: Reference = .absent
    ) -> RuleViolation.Code? {
        let manifest = draft.manifest
        let time = time ?? practice.now
        do {
            try ManifestRules.check(
                manifest, note: SignedNote(manifest.text, by: signers),
                view: practice.roster.view(size: size ?? practice.roster.size, at: time), time: time,
                reference: reference)
            return nil
        } catch {
            return error.code
        }
    }

    /// Whatever the policy says, and whatever other role they have; nor in answer to what they sent.
    @Test func anAuditorIsNeverWrittenTo() {
        let practice = Self.practice()
        practice.log(practice.member("udo", roles: [.provider, .auditor]), by: [.device("ana")])
        let draft = ManifestDraft(practice, from: "ivy", to: "udo")
        #expect(Self.verdict(draft, in: practice) == .notPermitted)
        let sent = ManifestDraft(practice, from: "udo", to: "bo")
        var reply = ManifestDraft(practice, from: "bo", to: "udo")
        reply.reference = .inReplyTo(sent.message)
        let referred = ReferredMessage(
            message: sent.message, member: .named("bo"), senders: [.named("udo")], urgency: .urgent,
            lifeMilliseconds: 3_600_000)
        let verdict = Self.verdict(reply, by: [.device("bo")], in: practice, reference: .logged(referred))
        #expect(verdict == .notPermitted)
        practice.log(practice.member("udo", roles: [.provider]), by: [.device("ana")])
        #expect(Self.verdict(ManifestDraft(practice, from: "ivy", to: "udo"), in: practice) == nil)
    }

    /// One row: what is changed in an honest manifest.
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: RuleViolation.Code?
        let change: @Sendable (inout ManifestDraft) -> Void

        init(
            _ description: String, _ code: RuleViolation.Code?,
            _ change: @escaping @Sendable (inout ManifestDraft) -> Void
        ) {
            testDescription = description
            self.code = code
            self.change = change
        }
    }

    @Test(arguments: [
        Row("nothing", nil) { _ in },
        Row("another organisation", .wrongOrganisation) { $0.organisation = Practice.genesis(.twoAdmins).organisation },
        Row("a sender that is no device", .unknown) { $0.sender = .named("stranger") },
        Row("a sender that did not sign", .badSignature) { $0.sender = .named("bo") },
        Row("5 minutes old", nil) { $0.at = $0.at.adding(seconds: -300) },
        Row("older", .clock) { $0.at = $0.at.adding(milliseconds: -300_001) },
        Row("further ahead than 5 minutes", .clock) { $0.at = $0.at.adding(milliseconds: 300_001) },
        Row("the policy's longest life", nil) { $0.lifeSeconds = 604_800 },
        Row("a second more", .outOfBounds) { $0.lifeSeconds = 604_801 },
        Row("a member who is none", .unknown) { $0.member = .named("nobody") },
        Row("a member to whom intake does not write", .notPermitted) { $0.member = .named("udo") },
    ])
    func senderAndAddressed(_ row: Row) { Self.check(row) }

    @Test(arguments: [
        Row("one is missing", .wrongRecipients) { $0.recipients.removeLast() },
        Row("one is too many", .wrongRecipients) { $0.recipients.append(ManifestDraft.recipient(.named("ivy"))) },
        Row("a ghost in the place of one", .wrongRecipients) {
            $0.recipients[1] = ManifestDraft.recipient(.named("ghost"))
        },
        Row("one is named without", nil) {
            let left = $0.recipients.removeLast()
            $0.without = [Manifest.Without(device: left.device, reason: .noPrekey)]
        },
        Row("one is sealed to and named without", .wrongRecipients) {
            $0.without = [Manifest.Without(device: $0.recipients[0].device, reason: .queueFull)]
        },
        Row("a stranger is named without", .wrongRecipients) {
            $0.without = [Manifest.Without(device: .named("ivy"), reason: .noPrekey)]
        },
        Row("a later step", .wrongRecipients) {
            $0.recipients[1] = ManifestDraft.recipient($0.recipients[1].device, step: 1)
        },
        Row("a delay", .wrongRecipients) {
            $0.recipients[0] = ManifestDraft.recipient($0.recipients[0].device, delay: 1)
        },
    ])
    func recipientsAreExactlyTheLiveDevices(_ row: Row) { Self.check(row) }

    @Test(arguments: [
        Row("no recovery key", .wrongBinding) { $0.recovery = nil },
        Row("another recovery key", .wrongBinding) {
            $0.recovery = Manifest.Recovery(key: .named("thief's"), sealedKeyHash: .of("key"))
        },
        Row("no capsule", .wrongBinding) { $0.capsule = nil },
        Row("a capsule for another key", .wrongBinding) { $0.capsule = ManifestDraft.capsule(.named("thief's")) },
        Row("a binding of something else", .wrongBinding) { $0.binding = .of("something else") },
        Row("a larger content", nil) { $0.content = Manifest.Blob(size: 65_576, hash: .of("content")) },
        Row("a content between two sizes", .outOfBounds) { $0.content = Manifest.Blob(size: 553, hash: .of("c")) },
        Row("a longer alert", .outOfBounds) { $0.alert = Manifest.Blob(size: 553, hash: .of("alert")) },
        Row("a longer capsule", .outOfBounds) {
            $0.capsule = ManifestDraft.capsule(EncapsulationKey.named("audit").id, size: 1_065)
        },
    ])
    func partsAreThoseOfTheSuiteAndTheRoster(_ row: Row) { Self.check(row) }

    @Test(arguments: [
        Row("the smallest", nil) { $0.attachments = attachments(chunks: [1]) },
        Row("25 MiB, and with it 64", nil) { $0.attachments = attachments(chunks: [401, 401, 222]) },
        Row("a chunk more together", .outOfBounds) { $0.attachments = attachments(chunks: [401, 401, 223]) },
        Row("a chunk more in one", .outOfBounds) { $0.attachments = attachments(chunks: [402]) },
        Row("no chunk", .outOfBounds) { $0.attachments = attachments(chunks: [0]) },
        Row("nothing", .outOfBounds) { $0.attachments = [Manifest.Blob(size: 0, hash: .of("a"))] },
        Row("half a chunk", .outOfBounds) { $0.attachments = [Manifest.Blob(size: 24 + 32_000, hash: .of("a"))] },
    ])
    func attachmentsAreWholeChunksAndBounded(_ row: Row) { Self.check(row) }

    private static func attachments(chunks: [UInt64]) -> [Manifest.Blob] {
        chunks.enumerated().map { Manifest.Blob(size: 24 + $1 * 65_553, hash: .of("attachment \($0)")) }
    }

    private static func check(_ row: Row) {
        let practice = practice()
        var draft = ManifestDraft(practice, from: "ivy", to: "bo")
        row.change(&draft)
        #expect(verdict(draft, in: practice) == row.code)
    }

    /// Ivy's urgent message to Bo, good for an hour.
    private static let first = ReferredMessage(
        message: .named("asked"), member: .named("bo"), senders: [.named("ivy")], urgency: .urgent,
        lifeMilliseconds: 3_600_000)

    @Test func aReplyStaysAmongThoseWhomItsMessageConcerns() {
        let practice = Self.practice()
        var draft = ManifestDraft(practice, from: "bo", to: "ivy")
        draft.reference = .inReplyTo(.named("asked"))
        func verdict(_ reference: Reference, by signer: String = "bo") -> RuleViolation.Code? {
            Self.verdict(draft, by: [.device(signer)], in: practice, reference: reference)
        }
        #expect(verdict(.logged(Self.first)) == nil)
        #expect(verdict(.notShown) == nil)
        #expect(verdict(.absent) == .badReference)
        let other = ReferredMessage(
            message: .named("another"), member: .named("bo"), senders: [.named("ivy")], urgency: .urgent,
            lifeMilliseconds: 3_600_000)
        #expect(verdict(.logged(other)) == .badReference)
        let strange = ReferredMessage(
            message: .named("asked"), member: .named("bo"), senders: [.named("ana")], urgency: .urgent,
            lifeMilliseconds: 3_600_000)
        #expect(verdict(.logged(strange)) == .badReference)
        draft = ManifestDraft(practice, from: "udo", to: "bo")
        draft.reference = .inReplyTo(.named("asked"))
        #expect(verdict(.logged(Self.first), by: "udo") == .badReference)
    }

    @Test func whoeverWasWrittenToMayAnswerAndNothingElse() {
        let practice = Self.practice()
        // No policy lets an auditor's or an admin's words be answered; that they wrote does.
        var draft = ManifestDraft(practice, from: "bo", to: "ana")
        #expect(Self.verdict(draft, by: [.device("bo")], in: practice) == .notPermitted)
        let asked = ReferredMessage(
            message: .named("asked"), member: .named("bo"), senders: [.named("udo"), .named("ana")], urgency: .urgent,
            lifeMilliseconds: 3_600_000)
        draft.reference = .inReplyTo(.named("asked"))
        #expect(Self.verdict(draft, by: [.device("bo")], in: practice, reference: .logged(asked)) == nil)
        draft.reference = .forwardOf(.named("asked"))
        #expect(Self.verdict(draft, by: [.device("bo")], in: practice, reference: .logged(asked)) == .notPermitted)
        // The one who asked writes again by the policy, as before.
        let own = ReferredMessage(
            message: .named("asked"), member: .named("ana"), senders: [.named("bo")], urgency: .urgent,
            lifeMilliseconds: 3_600_000)
        draft.reference = .inReplyTo(.named("asked"))
        #expect(Self.verdict(draft, by: [.device("bo")], in: practice, reference: .logged(own)) == .notPermitted)
    }

    @Test(arguments: [
        Row("as it was", nil) { _ in },
        Row("for a shorter time", nil) { $0.lifeSeconds = 60 },
        Row("for longer", .badReference) { $0.lifeSeconds = 3_601 },
        Row("less urgent", .badReference) { $0.urgency = .routine },
        Row("more urgent", .badReference) { $0.urgency = .emergent },
        Row("another message", .badReference) { $0.reference = .forwardOf(.named("first")) },
    ])
    func aMessageIsCarriedOnAsItIs(_ row: Row) {
        let practice = Self.practice()
        practice.join("max")
        var draft = ManifestDraft(practice, from: "bo", to: "max")
        draft.reference = .forwardOf(.named("asked"))
        row.change(&draft)
        #expect(Self.verdict(draft, by: [.device("bo")], in: practice, reference: .logged(Self.first)) == row.code)
    }

    @Test func onlyWhoHasOrSentAMessageCarriesItOnAndNotForEver() {
        let practice = Self.practice()
        practice.join("max")
        func verdict(from sender: String, senders: [MemberID], member: String = "bo") -> RuleViolation.Code? {
            var draft = ManifestDraft(practice, from: sender, to: "max")
            draft.reference = .forwardOf(.named("asked"))
            let asked = ReferredMessage(
                message: .named("asked"), member: .named(member), senders: senders, urgency: .urgent,
                lifeMilliseconds: 3_600_000)
            return Self.verdict(draft, by: [.device(sender)], in: practice, reference: .logged(asked))
        }
        #expect(verdict(from: "bo", senders: [.named("ivy")]) == nil)
        #expect(verdict(from: "ivy", senders: [.named("ivy")]) == nil)
        #expect(verdict(from: "ivy", senders: [.named("bo"), .named("ivy")], member: "ana") == .badReference)
        let many = [MemberID](repeating: .named("ivy"), count: ReferredMessage.maximumForwards)
        #expect(verdict(from: "bo", senders: many) == nil)
        #expect(verdict(from: "bo", senders: many + [.named("ivy")]) == .badReference)
    }

    @Test func carriesTheSendersSignatureAlone() {
        let practice = Self.practice()
        let draft = ManifestDraft(practice, from: "ivy", to: "bo")
        #expect(Self.verdict(draft, by: [.device("bo")], in: practice) == .badSignature)
        #expect(Self.verdict(draft, by: [.device("ivy"), .device("bo")], in: practice) == .badSignature)
    }

    @Test func theRosterThatTheSenderSawIsInForceAtItsPlace() {
        let practice = Self.practice()
        let draft = ManifestDraft(practice, from: "ivy", to: "bo")
        let size = practice.roster.size
        practice.log(practice.revoke(.device(.named("tablet"))), by: [.device("ana")])
        #expect(Self.verdict(draft, in: practice) == .stale)
        // What was valid when logged stays valid.
        #expect(Self.verdict(draft, in: practice, size: size) == nil)
        let forked = SeenBoth(roster: practice.sign(size: size, root: .of("fork")), activity: draft.seen.activity)
        var other = draft
        other.seen = forked
        #expect(Self.verdict(other, in: practice, size: size) == .stale)
    }

    @Test func aRevokedOrSuspendedSenderSendsNothing() {
        let practice = Self.practice()
        practice.log(practice.revoke(.device(.named("ivy"))), by: [.device("ana")])
        #expect(Self.verdict(ManifestDraft(practice, from: "ivy", to: "bo"), in: practice) == .signerRevoked)
        let other = Self.practice()
        other.log(other.member("ivy", roles: [.intake], status: .suspended), by: [.device("ana")])
        #expect(Self.verdict(ManifestDraft(other, from: "ivy", to: "bo"), in: other) == .signerRevoked)
    }

    @Test func nobodyWritesToASuspendedMember() {
        let practice = Self.practice()
        var draft = ManifestDraft(practice, from: "ivy", to: "bo")
        practice.log(practice.member("bo", status: .suspended), by: [.device("ana")])
        draft.seen = SeenBoth(roster: practice.seen, activity: practice.seen)
        #expect(Self.verdict(draft, in: practice) == .unknown)
    }

    @Test func keysAreThoseInForceAtTheEntrysTime() {
        let practice = Self.practice()
        practice.log(practice.admins(audit: .named("audit 2")), by: [.device("ana")])
        let old = ManifestDraft(practice, from: "ivy", to: "bo")
        #expect(Self.verdict(old, in: practice) == nil)
        practice.wait(seconds: 72 * 3_600)
        var late = old
        late.at = practice.now
        #expect(Self.verdict(late, in: practice) == .wrongBinding)
        #expect(Self.verdict(ManifestDraft(practice, from: "ivy", to: "bo"), in: practice) == nil)
    }

    @Test func theSenderIsToldApartBeforeTheManifestHasAPlace() throws {
        let practice = Self.practice()
        let manifest = ManifestDraft(practice, from: "ivy", to: "bo").manifest
        let sender = try ManifestRules.verifySender(
            manifest, note: SignedNote(manifest.text, by: [.device("ivy")]), view: practice.view)
        #expect(sender.device.id == .named("ivy"))
        #expect(sender.member.id == .named("ivy"))
    }
}
