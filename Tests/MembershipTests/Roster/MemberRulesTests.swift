import Membership
import Secrets
import SignerSupport
import Statements
import Testing

@Suite struct MemberRulesTests {
    @Test(arguments: [
        RuleCase("an admin adds a member", nil) { practice in
            practice.entry(practice.member("bo", roles: [.provider, .intake]), by: [.device("ana")])
        },
        RuleCase("one admin suffices where two are the quorum", nil, founding: .twoAdmins) { practice in
            practice.entry(practice.member("bo"), by: [.device("max")])
        },
        RuleCase("two admins are one too many", .badSignature, founding: .twoAdmins) { practice in
            practice.entry(practice.member("bo"), by: practice.quorum)
        },
        RuleCase("a member is no admin", .notPermitted) { practice in
            practice.join("bo")
            return practice.entry(practice.member("ivy"), by: [.device("bo")])
        },
        RuleCase("a stranger is no admin", .notPermitted) { practice in
            practice.entry(practice.member("bo"), by: [.device("stranger")])
        },
        RuleCase("the recovery key adds nobody", .notPermitted) { practice in
            practice.entry(practice.member("bo"), by: [.recovery("paper")])
        },
        RuleCase("a signature of another text", .badSignature) { practice in
            let other = practice.member("bo", called: "someone").text
            let note = SignedNote(
                text: practice.member("bo").text, signatures: [Signer.device("ana").signature(of: other)])
            return Entry(time: practice.now, body: note.bytes)
        },
        RuleCase("a later device of an admin is no admin key", .notPermitted) { practice in
            practice.enrolDevice("ana's phone", of: "ana", by: [.device("ana")])
            return practice.entry(practice.member("bo"), by: [.device("ana's phone")])
        },
        RuleCase("a revoked admin device signs nothing", .signerRevoked, founding: .threeAdmins) { practice in
            practice.log(practice.revoke(.device(.named("zoe"))), by: [.device("ana")])
            return practice.entry(practice.member("bo"), by: [.device("zoe")])
        },
        RuleCase("a suspended admin signs nothing", .signerRevoked, founding: .threeAdmins) { practice in
            practice.log(practice.member("zoe", roles: [], status: .suspended), by: [.device("ana")])
            return practice.entry(practice.member("bo"), by: [.device("zoe")])
        },
        RuleCase("a reactivated admin signs again", nil, founding: .threeAdmins) { practice in
            practice.log(practice.member("zoe", roles: [], status: .suspended), by: [.device("ana")])
            practice.log(practice.member("zoe", roles: []), by: [.device("ana")])
            return practice.entry(practice.member("bo"), by: [.device("zoe")])
        },
    ])
    func isSignedByOneAdmin(_ row: RuleCase) { row.check() }

    @Test(arguments: [
        RuleCase("an auditor by the quorum", nil, founding: .twoAdmins) { practice in
            practice.entry(practice.member("udo", roles: [.auditor]), by: practice.quorum)
        },
        RuleCase("an auditor by one admin", .badSignature, founding: .twoAdmins) { practice in
            practice.entry(practice.member("udo", roles: [.auditor]), by: [.device("ana")])
        },
        RuleCase("a gateway by one admin", .badSignature, founding: .twoAdmins) { practice in
            practice.entry(practice.member("gate", roles: [.gateway, .provider]), by: [.device("ana")])
        },
        RuleCase("a provider who becomes an auditor", .badSignature, founding: .twoAdmins) { practice in
            practice.log(practice.member("bo"), by: [.device("ana")])
            return practice.entry(practice.member("bo", roles: [.provider, .auditor]), by: [.device("ana")])
        },
        RuleCase("the quorum in the wrong order", .badSignature, founding: .twoAdmins) { practice in
            practice.entry(practice.member("udo", roles: [.auditor]), by: practice.quorum.reversed())
        },
        RuleCase("one admin twice", .badSignature, founding: .twoAdmins) { practice in
            practice.entry(practice.member("udo", roles: [.auditor]), by: [.device("ana"), .device("ana")])
        },
        RuleCase("three of a quorum of two", .badSignature, founding: .threeAdmins) { practice in
            practice.entry(
                practice.member("udo", roles: [.auditor]), by: Practice.adminSigners(.threeAdmins))
        },
        RuleCase("two devices of one admin are one member", .badSignature, founding: .twoAdmins) { practice in
            practice.enrolDevice("ana's phone", of: "ana", by: [.device("ana")])
            var admins = practice.view.adminDevices
            admins[.named("ana's phone")] = .named("ana")
            practice.log(practice.admins(admins), by: practice.quorum)
            return practice.entry(
                practice.member("udo", roles: [.auditor]),
                by: Practice.ordered([.device("ana"), .device("ana's phone")]))
        },
        RuleCase("a revoked admin in the quorum", .signerRevoked, founding: .threeAdmins) { practice in
            practice.log(practice.revoke(.device(.named("zoe"))), by: [.device("ana")])
            return practice.entry(
                practice.member("udo", roles: [.auditor]), by: Practice.ordered([.device("ana"), .device("zoe")]))
        },
        RuleCase("a quorum of one", nil) { practice in
            practice.entry(practice.member("udo", roles: [.auditor]), by: [.device("ana")])
        },
    ])
    func guardedRolesNeedTheQuorum(_ row: RuleCase) { row.check() }

    @Test(arguments: [
        RuleCase("a new member who replaces something", .stale) { practice in
            practice.entry(practice.member("bo", replaces: .of("nothing")), by: [.device("ana")])
        },
        RuleCase("a change that says none", .stale) { practice in
            practice.log(practice.member("bo"), by: [.device("ana")])
            return practice.entry(
                practice.member("bo", roles: [.intake], replaces: .some(nil)), by: [.device("ana")])
        },
        RuleCase("a change of an older statement", .stale) { practice in
            let first = practice.log(practice.member("bo"), by: [.device("ana")])
            practice.log(practice.member("bo", roles: [.intake]), by: [.device("ana")])
            return practice.entry(practice.member("bo", roles: [], replaces: first), by: [.device("ana")])
        },
        RuleCase("a change of the current one", nil) { practice in
            practice.log(practice.member("bo"), by: [.device("ana")])
            return practice.entry(practice.member("bo", roles: [.intake]), by: [.device("ana")])
        },
        RuleCase("what genesis set is replaced by its hash", nil) { practice in
            practice.entry(
                practice.member("ana", roles: [.provider], replaces: .sha256(practice.genesis.text)),
                by: [.device("ana")])
        },
        RuleCase("what genesis set is not new", .stale) { practice in
            practice.entry(practice.member("ana", replaces: .some(nil)), by: [.device("ana")])
        },
    ])
    func replacesTheCurrentStatement(_ row: RuleCase) { row.check() }

    @Test(arguments: [
        RuleCase("another member's name", .duplicate) { practice in
            practice.entry(practice.member("bo", called: "ana"), by: [.device("ana")])
        },
        RuleCase("a suspended member's name", .duplicate) { practice in
            practice.log(practice.member("bo", status: .suspended), by: [.device("ana")])
            return practice.entry(practice.member("ivy", called: "bo"), by: [.device("ana")])
        },
        RuleCase("its own name", nil) { practice in
            practice.log(practice.member("bo"), by: [.device("ana")])
            return practice.entry(practice.member("bo", roles: [.intake]), by: [.device("ana")])
        },
        RuleCase("a name that was given up", nil) { practice in
            practice.log(practice.member("bo"), by: [.device("ana")])
            practice.log(practice.member("bo", called: "dr bo"), by: [.device("ana")])
            return practice.entry(practice.member("ivy", called: "bo"), by: [.device("ana")])
        },
    ])
    func bearsANameOfItsOwn(_ row: RuleCase) { row.check() }

    @Test(arguments: [
        RuleCase("the only admin", .tooFewAdmins) { practice in
            practice.entry(practice.member("ana", roles: [], status: .suspended), by: [.device("ana")])
        },
        RuleCase("one admin of two where two are the quorum", .tooFewAdmins, founding: .twoAdmins) { practice in
            practice.entry(practice.member("max", roles: [], status: .suspended), by: [.device("ana")])
        },
        RuleCase("one admin of three where two are the quorum", nil, founding: .threeAdmins) { practice in
            practice.entry(practice.member("max", roles: [], status: .suspended), by: [.device("ana")])
        },
        RuleCase("a provider", nil, founding: .twoAdmins) { practice in
            practice.join("bo")
            return practice.entry(practice.member("bo", status: .suspended), by: [.device("ana")])
        },
        RuleCase("a provider, when the admins are fewer than the quorum already", nil, founding: .twoAdmins) {
            practice in
            practice.join("bo")
            practice.log(practice.revoke(.device(.named("max"))), by: [.recovery("paper")])
            return practice.entry(practice.member("bo", status: .suspended), by: [.device("ana")])
        },
    ])
    func suspensionLeavesEnoughAdmins(_ row: RuleCase) { row.check() }

    @Test func aSuspendedMembersDevicesLiveNoMoreUntilItIsActive() {
        let practice = Practice()
        practice.join("bo")
        practice.log(practice.member("bo", status: .suspended), by: [.device("ana")])
        #expect(practice.view.liveDevice(.named("bo")) == nil)
        #expect(practice.view.liveDevices(of: .named("bo")).isEmpty)
        #expect(practice.view.device(.named("bo"))?.revoked == nil)
        practice.log(practice.member("bo"), by: [.device("ana")])
        #expect(practice.view.liveDevices(of: .named("bo")).map(\.id) == [.named("bo")])
    }
}
