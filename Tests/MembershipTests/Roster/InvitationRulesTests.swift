import Membership
import Secrets
import SignerSupport
import Statements
import Testing

@Suite struct InvitationRulesTests {
    private static let week: Int64 = 7 * 86_400

    @Test(arguments: [
        RuleCase("an admin invites a member's first device", nil) { practice in
            practice.log(practice.member("bo"), by: [.device("ana")])
            return practice.entry(practice.invitation("i", for: "bo"), by: [.device("ana")])
        },
        RuleCase("one admin suffices where two are the quorum", nil, founding: .twoAdmins) { practice in
            practice.log(practice.member("bo"), by: [.device("ana")])
            return practice.entry(practice.invitation("i", for: "bo"), by: [.device("max")])
        },
        RuleCase("a member invites nobody", .notPermitted) { practice in
            practice.join("bo")
            practice.log(practice.member("ivy"), by: [.device("ana")])
            return practice.entry(practice.invitation("i", for: "ivy"), by: [.device("bo")])
        },
        RuleCase("the quorum is one signature too many for a first device", .badSignature, founding: .twoAdmins) {
            practice in
            practice.log(practice.member("bo"), by: [.device("ana")])
            return practice.entry(practice.invitation("i", for: "bo"), by: practice.quorum)
        },
        RuleCase("nobody of this name", .unknown) { practice in
            practice.entry(practice.invitation("i", for: "bo"), by: [.device("ana")])
        },
        RuleCase("a suspended member", .unknown) { practice in
            practice.log(practice.member("bo", status: .suspended), by: [.device("ana")])
            return practice.entry(practice.invitation("i", for: "bo"), by: [.device("ana")])
        },
    ])
    func aFirstDeviceNeedsOneAdmin(_ row: RuleCase) { row.check() }

    @Test(arguments: [
        RuleCase("one admin alone", .badSignature, founding: .twoAdmins) { practice in
            practice.join("bo")
            return practice.entry(practice.invitation("i", for: "bo"), by: [.device("ana")])
        },
        RuleCase("an admin and the member's device", nil, founding: .twoAdmins) { practice in
            practice.join("bo")
            return practice.entry(practice.invitation("i", for: "bo"), by: [.device("ana"), .device("bo")])
        },
        RuleCase("the member's device first", .notPermitted, founding: .twoAdmins) { practice in
            practice.join("bo")
            return practice.entry(practice.invitation("i", for: "bo"), by: [.device("bo"), .device("ana")])
        },
        RuleCase("an admin and somebody else's device", .notPermitted, founding: .twoAdmins) { practice in
            practice.join("bo")
            practice.join("ivy")
            return practice.entry(practice.invitation("i", for: "bo"), by: [.device("ana"), .device("ivy")])
        },
        RuleCase("an admin and the member's revoked device", .signerRevoked, founding: .twoAdmins) { practice in
            practice.join("bo")
            practice.log(practice.revoke(.device(.named("bo"))), by: [.device("ana")])
            return practice.entry(practice.invitation("i", for: "bo"), by: [.device("ana"), .device("bo")])
        },
        RuleCase("the quorum", nil, founding: .twoAdmins) { practice in
            practice.join("bo")
            return practice.entry(practice.invitation("i", for: "bo"), by: practice.quorum)
        },
        RuleCase("the quorum when every device of the member is revoked", nil, founding: .twoAdmins) { practice in
            practice.join("bo")
            practice.log(practice.revoke(.device(.named("bo"))), by: [.device("ana")])
            return practice.entry(practice.invitation("i", for: "bo"), by: practice.quorum)
        },
        RuleCase("one admin when every device of the member is revoked", .badSignature, founding: .twoAdmins) {
            practice in
            practice.join("bo")
            practice.log(practice.revoke(.device(.named("bo"))), by: [.device("ana")])
            return practice.entry(practice.invitation("i", for: "bo"), by: [.device("ana")])
        },
        RuleCase("an admin for a device of its own", nil, founding: .twoAdmins) { practice in
            practice.entry(practice.invitation("i", for: "ana"), by: [.device("ana")])
        },
        RuleCase("an admin for another admin", .badSignature, founding: .twoAdmins) { practice in
            practice.entry(practice.invitation("i", for: "max"), by: [.device("ana")])
        },
        RuleCase("a quorum of one", nil) { practice in
            practice.join("bo")
            return practice.entry(practice.invitation("i", for: "bo"), by: [.device("ana")])
        },
    ])
    func aFurtherDeviceNeedsTheMemberOrTheQuorum(_ row: RuleCase) { row.check() }

    @Test(arguments: [
        RuleCase("7 days", nil) { practice in
            practice.log(practice.member("bo"), by: [.device("ana")])
            return practice.entry(
                practice.invitation("i", for: "bo", lifeSeconds: week), by: [.device("ana")])
        },
        RuleCase("a second more", .outOfBounds) { practice in
            practice.log(practice.member("bo"), by: [.device("ana")])
            return practice.entry(
                practice.invitation("i", for: "bo", lifeSeconds: week + 1), by: [.device("ana")])
        },
        RuleCase("none", .outOfBounds) { practice in
            practice.log(practice.member("bo"), by: [.device("ana")])
            return practice.entry(practice.invitation("i", for: "bo", lifeSeconds: 0), by: [.device("ana")])
        },
    ])
    func livesAtMostSevenDays(_ row: RuleCase) { row.check() }

    @Test(arguments: [
        RuleCase("another invitation's key", .duplicate) { practice in
            practice.log(practice.member("bo"), by: [.device("ana")])
            practice.log(practice.invitation("i", for: "bo"), by: [.device("ana")])
            practice.wait(seconds: 1)
            return practice.entry(practice.invitation("i", for: "bo"), by: [.device("ana")])
        },
        RuleCase("a device's key", .duplicate) { practice in
            practice.log(practice.member("bo"), by: [.device("ana")])
            return practice.entry(
                practice.invitation("i", for: "bo", key: Signer.device("ana").key.verifyingKey), by: [.device("ana")])
        },
        RuleCase("the log's key", .duplicate) { practice in
            practice.log(practice.member("bo"), by: [.device("ana")])
            return practice.entry(
                practice.invitation("i", for: "bo", key: Signer.key("activity log").verifyingKey), by: [.device("ana")])
        },
        RuleCase("the recovery key", .duplicate) { practice in
            practice.log(practice.member("bo"), by: [.device("ana")])
            return practice.entry(
                practice.invitation("i", for: "bo", key: Signer.recovery("paper").key.verifyingKey),
                by: [.device("ana")])
        },
    ])
    func itsKeyIsNew(_ row: RuleCase) { row.check() }
}
