import Membership
import Secrets
import SignerSupport
import Statements
import Testing
import TransparencyLog

@Suite struct RosterViewTests {
    /// Everything that a view says, in words.
    private static func words(_ view: RosterView) -> String {
        """
        \(view.members) \(view.allDevices) \(view.adminDevices.sorted { $0.key < $1.key }) \(view.quorum)
        \(view.liveAdminMembers.sorted()) \(view.auditKey?.id as Any) \(view.recoveryKey?.id as Any)
        \(view.pendingAuditKey as Any) \(view.pendingRecoveryKey as Any) \(view.adminsStatement)
        \(view.invitation(.named("for bo")) as Any)
        """
    }

    @Test func whatWasLoggedLaterDoesNotChangeAnOlderView() {
        let practice = Practice(.threeAdmins)
        var shown: [UInt64: (time: Timestamp, words: String)] = [:]
        func note() { shown[practice.roster.size] = (practice.now, Self.words(practice.view)) }
        let steps: [(Practice) -> Void] = [
            { $0.log($0.member("bo"), by: [.device("ana")]) },
            { $0.log($0.invitation("for bo", for: "bo"), by: [.device("ana")]) },
            { $0.log($0.enrol("bo", with: "for bo", of: "bo"), by: [.device("bo"), .invitation("for bo")]) },
            { $0.log($0.admins(audit: .named("audit")), by: $0.quorum) },
            { $0.log($0.admins(audit: .named("audit 2"), recovery: .named("new")), by: $0.quorum) },
            { $0.log($0.member("bo", called: "dr bo", roles: [.intake]), by: [.device("ana")]) },
            { $0.log($0.member("bo", called: "dr bo", status: .suspended), by: [.device("ana")]) },
            { $0.log($0.revoke(.device(.named("zoe"))), by: [.device("ana")]) },
            { $0.log($0.revoke(.device(.named("bo"))), by: [.device("ana")]) },
        ]
        note()
        for step in steps {
            practice.wait(seconds: 10)
            step(practice)
            note()
        }
        #expect(shown.count == steps.count + 1)
        #expect(Set(shown.values.map(\.words)).count == shown.count)
        for (size, then) in shown {
            #expect(Self.words(practice.roster.view(size: size, at: then.time)) == then.words)
        }
    }

    @Test func aPrefixHasTheRootThatItHadThen() throws {
        let practice = Practice()
        practice.join("bo")
        practice.join("ivy")
        for checkpoint in practice.checkpoints {
            #expect(practice.roster.root(size: checkpoint.size) == checkpoint.root)
        }
        #expect(practice.roster.root(size: practice.roster.size + 1) == nil)
        let proof = try #require(practice.roster.consistencyProof(from: 1, to: practice.roster.size))
        #expect(
            Proofs.isConsistent(
                first: 1, firstRoot: practice.checkpoints[0].root, second: practice.roster.size,
                secondRoot: practice.roster.root, proof: proof))
        #expect(practice.roster.consistencyProof(from: 1, to: practice.roster.size + 1) == nil)
        #expect(practice.roster.inclusionProof(index: practice.roster.size, size: practice.roster.size) == nil)
    }

    @Test func findsAMemberByExactlyItsName() {
        let practice = Practice()
        practice.join("bo")
        let size = practice.roster.size
        practice.log(practice.member("bo", called: "dr bo"), by: [.device("ana")])
        #expect(practice.view.member(named: .words("dr bo"))?.id == .named("bo"))
        #expect(practice.view.member(named: .words("bo")) == nil)
        #expect(practice.roster.view(size: size, at: practice.now).member(named: .words("bo"))?.id == .named("bo"))
    }

    @Test func whoHadANameIsKnownAndUntilWhen() {
        let practice = Practice()
        practice.join("bo")
        let before = practice.roster.size
        practice.log(practice.member("bo", called: "dr bo"), by: [.device("ana")])
        let former = practice.view.formerMembers(named: .words("bo"))
        #expect(
            former.map { $0.member } == [.named("bo")]
                && former.map { $0.until } == [practice.view.memberChanges.last?.place.time])
        #expect(practice.view.formerMembers(named: .words("dr bo")).isEmpty)
        #expect(practice.roster.view(size: before, at: practice.now).formerMembers(named: .words("bo")).isEmpty)
    }

    @Test func devicesComeInTheOrderOfEnrolmentAndLiveOnesByID() {
        let practice = Practice()
        practice.join("bo")
        practice.enrolDevice("tablet", of: "bo", by: [.device("ana")])
        practice.enrolDevice("old phone", of: "bo", by: [.device("ana")])
        practice.log(practice.revoke(.device(.named("old phone"))), by: [.device("ana")])
        #expect(
            practice.view.allDevices.map(\.id) == [.named("ana"), .named("bo"), .named("tablet"), .named("old phone")])
        let live: [DeviceID] = [.named("bo"), .named("tablet")]
        #expect(practice.view.liveDevices(of: .named("bo")).map(\.id) == live.sorted())
    }

    @Test func membersWriteToWhomThePolicySays() throws {
        let practice = Practice()
        practice.join("bo", roles: [.provider])
        practice.join("ivy", roles: [.intake])
        practice.join("udo", roles: [.auditor])
        let view = practice.view
        func may(_ sender: String, _ addressed: String) throws -> Bool {
            view.mayWrite(
                from: try #require(view.member(.named(sender))), to: try #require(view.member(.named(addressed))))
        }
        #expect(try may("ivy", "bo"))
        #expect(try may("bo", "ivy"))
        #expect(try may("bo", "bo"))
        #expect(try may("ana", "bo"))
        #expect(try !may("ivy", "ivy"))
        #expect(try !may("udo", "bo"))
        #expect(try !may("bo", "udo"))
        #expect(try !may("bo", "ana"))
    }

    @Test func anEntryThatBreaksARuleCanBePassedOver() throws {
        let practice = Practice()
        practice.join("bo")
        let bad = practice.entry(practice.member("ivy"), by: [.device("bo")])
        var roster = practice.roster
        #expect(throws: RuleViolation(.notPermitted, "")) { try roster.append(bad) }
        roster.passOver(leafHash: bad.leafHash, time: bad.time)
        #expect(roster.size == practice.roster.size + 1)
        #expect(roster.view(at: practice.now).member(.named("ivy")) == nil)
        var tree = GrowingTree(
            size: practice.roster.size,
            edge: try MerkleTree.edge(of: practice.roster.size).map { try practice.roster.hash(of: $0) })
        tree.append(bad.leafHash)
        #expect(roster.root == tree.root)
        // What follows in the log finds its place.
        let next = practice.entry(
            practice.member("ivy", seen: practice.sign(size: roster.size, root: roster.root)), by: [.device("ana")])
        #expect(throws: Never.self) { try roster.append(next) }
    }
}
