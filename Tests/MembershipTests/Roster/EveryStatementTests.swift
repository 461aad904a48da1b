import Membership
import Secrets
import SignerSupport
import Statements
import Testing

/// What holds for every statement of the roster log, whatever it says.
@Suite struct EveryStatementTests {
    @Test(arguments: [
        RuleCase("of another organisation", .wrongOrganisation) { practice in
            let other = Practice.genesis(.twoAdmins).organisation
            return practice.entry(practice.member("bo", organisation: other), by: [.device("ana")])
        },
        RuleCase("another organisation's genesis", .wrongOrganisation) { practice in
            practice.entry(Practice.genesis(.twoAdmins), by: Practice.adminSigners(.twoAdmins))
        },
        RuleCase("a second genesis", .duplicate) { practice in
            practice.entry(practice.genesis, by: [.device("ana")])
        },
        RuleCase("the same statement again", .duplicate) { practice in
            let entry = practice.entry(practice.member("bo"), by: [.device("ana")])
            practice.log(entry)
            return entry
        },
        RuleCase("a text that is no statement", .malformed) { practice in
            Entry(time: practice.now, body: Array("nightbell.member/v1\nnoise\n\n".utf8))
        },
        RuleCase("a statement of the other log", .malformed) { practice in
            Entry(time: practice.now, body: Array("nightbell.manifest/v1\norg \(practice.organisation)\n".utf8))
        },
        RuleCase("a type of a later version", .unknownType) { practice in
            let text = Array("nightbell.rota/v1\norg \(practice.organisation)\n".utf8)
            return Entry(time: practice.now, body: SignedNote(text, by: [.device("ana")]).bytes)
        },
        RuleCase("a witness of a later version", .unknownType) { practice in
            let text = String(decoding: practice.admins().text, as: UTF8.self)
                .replacing("witness none", with: "witness example.org/w+0123abcd+CQEC")
            return Entry(time: practice.now, body: SignedNote(Array(text.utf8), by: [.device("ana")]).bytes)
        },
    ])
    func isOfThisLog(_ row: RuleCase) { row.check() }

    @Test(arguments: [
        RuleCase("a millisecond before the last entry", .timeOrder) { practice in
            practice.wait(seconds: 60)
            practice.log(practice.member("bo"), by: [.device("ana")])
            return practice.entry(
                practice.member("ivy"), by: [.device("ana")], at: practice.now.adding(milliseconds: -1))
        },
        RuleCase("at the last entry's time", nil) { practice in
            practice.log(practice.member("bo"), by: [.device("ana")])
            return practice.entry(practice.member("ivy"), by: [.device("ana")])
        },
        RuleCase("5 minutes old", nil) { practice in
            let statement = practice.member("bo")
            return practice.entry(statement, by: [.device("ana")], at: practice.now.adding(seconds: 300))
        },
        RuleCase("a millisecond older", .clock) { practice in
            let statement = practice.member("bo")
            return practice.entry(statement, by: [.device("ana")], at: practice.now.adding(milliseconds: 300_001))
        },
        RuleCase("5 minutes ahead", nil) { practice in
            practice.entry(practice.member("bo", at: practice.now.adding(seconds: 300)), by: [.device("ana")])
        },
        RuleCase("a millisecond further ahead", .clock) { practice in
            practice.entry(practice.member("bo", at: practice.now.adding(milliseconds: 300_001)), by: [.device("ana")])
        },
        RuleCase("collected over 7 days", nil, founding: .twoAdmins) { practice in
            let statement = practice.member("udo", roles: [.auditor])
            return practice.entry(statement, by: practice.quorum, at: practice.now.adding(seconds: 7 * 86_400))
        },
        RuleCase("collected over a millisecond more", .clock, founding: .twoAdmins) { practice in
            let statement = practice.member("udo", roles: [.auditor])
            return practice.entry(
                statement, by: practice.quorum, at: practice.now.adding(milliseconds: 7 * 86_400_000 + 1))
        },
        RuleCase("collected, and more than 5 minutes ahead", .clock, founding: .twoAdmins) { practice in
            let statement = practice.member("udo", roles: [.auditor], at: practice.now.adding(seconds: 301))
            return practice.entry(statement, by: practice.quorum)
        },
    ])
    func hasItsTime(_ row: RuleCase) { row.check() }

    @Test(arguments: [
        RuleCase("an older signed prefix", nil) { practice in
            let old = practice.seen
            practice.log(practice.member("bo"), by: [.device("ana")])
            return practice.entry(practice.member("ivy", seen: old), by: [.device("ana")])
        },
        RuleCase("a tree that the log never signed", .seenUnsigned) { practice in
            let seen = Seen(
                size: practice.seen.size, root: practice.seen.root,
                signature: SeenSignature(bytes: Array(repeating: 7, count: SeenSignature.byteCount)))
            return practice.entry(practice.member("bo", seen: seen), by: [.device("ana")])
        },
        RuleCase("a signature of another tree", .seenUnsigned) { practice in
            let seen = Seen(size: 1, root: .of("another"), signature: practice.seen.signature)
            return practice.entry(practice.member("bo", seen: seen), by: [.device("ana")])
        },
        RuleCase("a fork that the log signed", .seenContradicts) { practice in
            let seen = practice.sign(size: 1, root: .of("fork"))
            return practice.entry(practice.member("bo", seen: seen), by: [.device("ana")])
        },
        RuleCase("a signed tree longer than this log", .seenContradicts) { practice in
            let seen = practice.sign(size: 9, root: .of("tail that was cut off"))
            return practice.entry(practice.member("bo", seen: seen), by: [.device("ana")])
        },
    ])
    func namesWhatItsSignerHadSeen(_ row: RuleCase) { row.check() }

    @Test func aRefusedEntryChangesNothing() {
        let practice = Practice()
        practice.join("bo")
        var roster = practice.roster
        let before = (roster.size, roster.root, roster.lastTime)
        let refused = practice.entry(practice.member("bo", called: "ana"), by: [.device("ana")])
        #expect(throws: RuleViolation(.duplicate, "")) { try roster.append(refused) }
        #expect((roster.size, roster.root, roster.lastTime) == before)
        #expect(roster.view(at: practice.now).members == practice.view.members)
    }

    @Test func theGivenWordOnWhatWasSeenIsBelievedInPlaceOfVerifying() {
        let practice = Practice()
        var roster = practice.roster
        let entry = practice.entry(practice.member("bo"), by: [.device("ana")])
        #expect(throws: RuleViolation(.seenUnsigned, "")) { try roster.append(entry) { _ in false } }
        #expect(throws: Never.self) { try roster.append(entry) { $0 == practice.seen } }
    }
}
