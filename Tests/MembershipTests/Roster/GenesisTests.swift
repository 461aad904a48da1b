import Membership
import Secrets
import SignerSupport
import Statements
import Testing

@Suite struct GenesisTests {
    private static func verdict(
        _ founding: Practice.Founding, by signers: [Signer]? = nil, time: Timestamp = Practice.start,
        organisation: OrganisationID? = nil, changing change: (Genesis) -> Genesis = { $0 }
    ) -> RuleViolation.Code? {
        let genesis = change(Practice.genesis(founding))
        let note = SignedNote(genesis.text, by: signers ?? Practice.adminSigners(founding))
        do {
            let entry = Entry(time: time, body: note.bytes)
            if let organisation {
                _ = try Roster(genesis: entry, organisation: organisation)
            } else {
                _ = try Roster(genesis: entry)
            }
            return nil
        } catch {
            return error.code
        }
    }

    private static func changed(
        _ genesis: Genesis, members: [Genesis.Member]? = nil, admins: [Genesis.Admin]? = nil,
        activityKey: VerifyingKey? = nil, recovery: RecoveryPublicKey?? = nil, quorum: UInt64? = nil
    ) -> Genesis {
        Genesis(
            name: genesis.name, relay: genesis.relay, rosterKey: genesis.rosterKey,
            activityKey: activityKey ?? genesis.activityKey, at: genesis.at, members: members ?? genesis.members,
            admins: admins ?? genesis.admins, recovery: recovery ?? genesis.recovery, quorum: quorum ?? genesis.quorum,
            policy: genesis.policy)
    }

    @Test func isAcceptedWhenEveryFoundingAdminSigned() {
        for founding in [Practice.Founding.oneAdmin, .twoAdmins, .threeAdmins] {
            #expect(Self.verdict(founding) == nil)
            #expect(Self.verdict(founding, organisation: Practice.genesis(founding).organisation) == nil)
        }
    }

    @Test func isRefusedForAnotherOrganisationThanTheOneThatIsKnown() {
        let other = Practice.genesis(.twoAdmins).organisation
        #expect(Self.verdict(.oneAdmin, organisation: other) == .wrongOrganisation)
    }

    @Test func needsExactlyTheSignaturesOfItsAdminsInOrder() {
        let signers = Practice.adminSigners(.twoAdmins)
        #expect(Self.verdict(.twoAdmins, by: [signers[0]]) == .badSignature)
        #expect(Self.verdict(.twoAdmins, by: signers.reversed()) == .badSignature)
        #expect(Self.verdict(.twoAdmins, by: signers + [.recovery("paper")]) == .badSignature)
        #expect(Self.verdict(.twoAdmins, by: [signers[0], .device("stranger")]) == .badSignature)
    }

    @Test func itsTimeLiesNearItsEntrysTime() {
        let start = Practice.start
        #expect(Self.verdict(.oneAdmin, time: start.adding(seconds: 300)) == nil)
        #expect(Self.verdict(.oneAdmin, time: start.adding(milliseconds: 300_001)) == .clock)
        #expect(Self.verdict(.oneAdmin, time: start.adding(milliseconds: -300_001)) == .clock)
        #expect(Self.verdict(.twoAdmins, time: start.adding(seconds: 7 * 86_400)) == nil)
        #expect(Self.verdict(.twoAdmins, time: start.adding(seconds: 7 * 86_400 + 1)) == .clock)
    }

    @Test func twoFoundersBearNoCommonName() {
        let verdict = Self.verdict(.twoAdmins) { genesis in
            Self.changed(
                genesis, members: genesis.members.map { Genesis.Member(id: $0.id, name: .words("the same")) })
        }
        #expect(verdict == .duplicate)
    }

    @Test func noKeyHasTwoPurposes() {
        #expect(
            Self.verdict(.oneAdmin) { Self.changed($0, activityKey: $0.admins[0].key) } == .duplicate)
        #expect(Self.verdict(.oneAdmin) { Self.changed($0, activityKey: $0.rosterKey) } == .duplicate)
        let verdict = Self.verdict(.oneAdmin) { genesis in
            Self.changed(
                genesis,
                recovery: RecoveryPublicKey(signing: genesis.admins[0].key, encapsulation: .named("recovery")))
        }
        #expect(verdict == .duplicate)
    }

    @Test func everyAdminIsAFoundingMember() {
        let verdict = Self.verdict(.twoAdmins) { genesis in
            Self.changed(genesis, members: genesis.members.filter { $0.id == .named("ana") })
        }
        #expect(verdict == .unknown)
    }

    @Test func theQuorumIsAtLeastOneAndAtMostTheAdminMembers() {
        #expect(Self.verdict(.twoAdmins) { Self.changed($0, quorum: 3) } == .tooFewAdmins)
        #expect(Self.verdict(.oneAdmin) { Self.changed($0, quorum: 0) } == .tooFewAdmins)
        // Two devices of one member are one admin member.
        let verdict = Self.verdict(.oneAdmin, by: Practice.ordered([.device("ana"), .device("ana's phone")])) {
            Self.changed(
                $0,
                admins: $0.admins + [
                    Genesis.Admin(
                        member: .named("ana"), key: Signer.device("ana's phone").key.verifyingKey,
                        platform: Platform("ios".utf8)!, label: .words("phone"))
                ], quorum: 2)
        }
        #expect(verdict == .tooFewAdmins)
    }

    @Test func anythingElseAtTheLogsBeginIsRefused() {
        let practice = Practice()
        let entry = practice.entry(practice.member("bo"), by: [.device("ana")])
        #expect(throws: RuleViolation(.wrongOrganisation, "")) { _ = try Roster(genesis: entry) }
        let noise = Entry(time: Practice.start, body: Array("noise\n".utf8))
        #expect(throws: RuleViolation(.malformed, "")) { _ = try Roster(genesis: noise) }
    }

    @Test func foundsMembersAdminsAndKeys() {
        let practice = Practice(.threeAdmins)
        let view = practice.view
        #expect(view.members.map(\.name.description).sorted() == ["ana", "max", "zoe"])
        #expect(view.members.allSatisfy { $0.roles == [.admin] && $0.status == .active })
        #expect(view.quorum == 2)
        #expect(view.liveAdminMembers.count == 3)
        #expect(view.auditKey == nil)
        #expect(view.recoveryKey == .named("paper"))
        #expect(view.adminsStatement == Digest.sha256(practice.genesis.text))
    }
}
