import Membership
import Secrets
import SignerSupport
import Statements
import Testing

@Suite struct ReceiptRulesTests {
    private static func practice() -> Practice {
        let practice = Practice()
        practice.join("ivy", roles: [.intake])
        practice.join("bo")
        practice.wait(seconds: 60)
        return practice
    }

    private static let subject = ReceiptRules.Subject(
        message: .named("first"), manifest: .of("manifest"), recipients: [.named("bo")], forwarders: [])

    private static func receipt(
        _ practice: Practice, organisation: OrganisationID? = nil, message: String = "first",
        manifest: String = "manifest", device: String = "bo", at: Timestamp? = nil, number: UInt64 = 1,
        previous: Digest? = nil, action: ReceiptAction = .delivered
    ) -> Receipt {
        Receipt(
            organisation: organisation ?? practice.organisation,
            seen: SeenBoth(roster: practice.seen, activity: practice.seen), message: .named(message),
            manifest: .of(manifest), device: .named(device), action: action, reason: nil,
            capsule: action == .delivered ? .agrees : nil,
            at: at ?? practice.now, number: number, previous: previous, steps: .of("steps"))
    }

    private static func verdict(
        _ receipt: Receipt, by signers: [Signer] = [.device("bo")], in practice: Practice,
        subject: ReceiptRules.Subject = subject, chain: ReceiptRules.Chain = .start
    ) -> RuleViolation.Code? {
        do {
            try ReceiptRules.check(
                receipt, note: SignedNote(receipt.text, by: signers), subject: subject, view: practice.view,
                chain: chain)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func isItsDevicesOwnAndNobodyElses() {
        let practice = Self.practice()
        #expect(Self.verdict(Self.receipt(practice), in: practice) == nil)
        #expect(Self.verdict(Self.receipt(practice), by: [.device("ivy")], in: practice) == .badSignature)
        #expect(
            Self.verdict(Self.receipt(practice), by: [.device("bo"), .device("ivy")], in: practice) == .badSignature)
        let stranger = Self.receipt(practice, device: "stranger")
        #expect(Self.verdict(stranger, by: [.device("stranger")], in: practice) == .unknown)
    }

    @Test func nobodyIsRidOfAMessageThatNobodyElseHas() {
        let practice = Self.practice()
        let receipt = Self.receipt(practice, action: .handedOff)
        func verdict(_ forwarders: Set<MemberID>?) -> RuleViolation.Code? {
            Self.verdict(
                receipt, in: practice,
                subject: ReceiptRules.Subject(
                    message: .named("first"), manifest: .of("manifest"), recipients: [.named("bo")],
                    forwarders: forwarders))
        }
        #expect(verdict([]) == .badReference)
        #expect(verdict([.named("ivy")]) == .badReference)
        #expect(verdict([.named("ivy"), .named("bo")]) == nil)
        #expect(verdict(nil) == nil)
    }

    @Test func isOfThisOrganisation() {
        let practice = Self.practice()
        let receipt = Self.receipt(practice, organisation: Practice.genesis(.twoAdmins).organisation)
        #expect(Self.verdict(receipt, in: practice) == .wrongOrganisation)
    }

    @Test func isRefusedFromARevokedOrSuspendedDevice() {
        let practice = Self.practice()
        practice.log(practice.revoke(.device(.named("bo"))), by: [.device("bo")])
        #expect(Self.verdict(Self.receipt(practice), in: practice) == .signerRevoked)
        let other = Self.practice()
        other.log(other.member("bo", status: .suspended), by: [.device("ana")])
        #expect(Self.verdict(Self.receipt(other), in: other) == .signerRevoked)
    }

    @Test func isAboutAMessageThatWasSealedToItsDevice() {
        let practice = Self.practice()
        #expect(Self.verdict(Self.receipt(practice, message: "second"), in: practice) == .wrongMessage)
        #expect(Self.verdict(Self.receipt(practice, manifest: "another"), in: practice) == .wrongMessage)
        #expect(
            Self.verdict(Self.receipt(practice, device: "ivy"), by: [.device("ivy")], in: practice) == .wrongMessage)
    }

    @Test func continuesItsDevicesChain() {
        let practice = Self.practice()
        let chain = ReceiptRules.Chain(number: 4, last: .of("fourth"))
        func verdict(_ number: UInt64, _ previous: Digest?) -> RuleViolation.Code? {
            Self.verdict(
                Self.receipt(practice, number: number, previous: previous), in: practice, chain: chain)
        }
        #expect(verdict(5, .of("fourth")) == nil)
        #expect(verdict(6, .of("fourth")) == .brokenChain)
        #expect(verdict(4, .of("fourth")) == .brokenChain)
        #expect(verdict(5, .of("another")) == .brokenChain)
        #expect(verdict(1, nil) == .brokenChain)
        #expect(Self.verdict(Self.receipt(practice, number: 2, previous: .of("x")), in: practice) == .brokenChain)
    }

    @Test func itsOwnTimeIsNeverAReasonToRefuseIt() {
        let practice = Self.practice()
        let old = Self.receipt(practice, at: practice.now.adding(seconds: -90 * 86_400))
        let future = Self.receipt(practice, at: practice.now.adding(seconds: 90 * 86_400))
        #expect(Self.verdict(old, in: practice) == nil)
        #expect(Self.verdict(future, in: practice) == nil)
    }

    @Test func aManifestGivesItsSubject() {
        let practice = Self.practice()
        let manifest = ManifestDraft(practice, from: "ivy", to: "bo").manifest
        let subject = ReceiptRules.Subject(manifest, hash: .of("manifest"))
        #expect(
            subject
                == ReceiptRules.Subject(
                    message: manifest.message, manifest: .of("manifest"), recipients: [.named("bo")], forwarders: nil))
    }
}
