import Membership
import SignerSupport
import Statements
import Testing

@Suite struct RevokeRulesTests {
    @Test(arguments: [
        RuleCase("an admin", nil) { practice in
            practice.join("bo")
            return practice.entry(practice.revoke(.device(.named("bo"))), by: [.device("ana")])
        },
        RuleCase("the device itself", nil) { practice in
            practice.join("bo")
            return practice.entry(practice.revoke(.device(.named("bo"))), by: [.device("bo")])
        },
        RuleCase("the recovery key", nil) { practice in
            practice.join("bo")
            return practice.entry(practice.revoke(.device(.named("bo"))), by: [.recovery("paper")])
        },
        RuleCase("another recovery key", .badSignature) { practice in
            practice.join("bo")
            return practice.entry(practice.revoke(.device(.named("bo"))), by: [.recovery("stolen")])
        },
        RuleCase("another member", .notPermitted) { practice in
            practice.join("bo")
            practice.join("ivy")
            return practice.entry(practice.revoke(.device(.named("bo"))), by: [.device("ivy")])
        },
        RuleCase("another device of the same member", .notPermitted) { practice in
            practice.join("bo")
            practice.enrolDevice("bo's tablet", of: "bo", by: [.device("ana")])
            return practice.entry(practice.revoke(.device(.named("bo"))), by: [.device("bo's tablet")])
        },
        RuleCase("two admins", .badSignature, founding: .twoAdmins) { practice in
            practice.join("bo")
            return practice.entry(practice.revoke(.device(.named("bo"))), by: practice.quorum)
        },
        RuleCase("the device of a suspended member", .signerRevoked) { practice in
            practice.join("bo")
            practice.log(practice.member("bo", status: .suspended), by: [.device("ana")])
            return practice.entry(practice.revoke(.device(.named("bo"))), by: [.device("bo")])
        },
        RuleCase("an admin, of a suspended member's device", nil) { practice in
            practice.join("bo")
            practice.log(practice.member("bo", status: .suspended), by: [.device("ana")])
            return practice.entry(practice.revoke(.device(.named("bo"))), by: [.device("ana")])
        },
        RuleCase("a device that was never enrolled", .unknown) { practice in
            practice.entry(practice.revoke(.device(.named("bo"))), by: [.device("ana")])
        },
        RuleCase("a device that is revoked already", .unknown) { practice in
            practice.join("bo")
            practice.log(practice.revoke(.device(.named("bo"))), by: [.device("bo")])
            return practice.entry(practice.revoke(.device(.named("bo"))), by: [.device("ana")])
        },
    ])
    func endsADevice(_ row: RuleCase) { row.check() }

    @Test(arguments: [
        RuleCase("the only admin device, by itself", .tooFewAdmins) { practice in
            practice.entry(practice.revoke(.device(.named("ana"))), by: [.device("ana")])
        },
        RuleCase("the only admin device, by the recovery key", nil) { practice in
            practice.entry(practice.revoke(.device(.named("ana"))), by: [.recovery("paper")])
        },
        RuleCase("one of two where two are the quorum", .tooFewAdmins, founding: .twoAdmins) { practice in
            practice.entry(practice.revoke(.device(.named("max"))), by: [.device("ana")])
        },
        RuleCase("one of two, by the recovery key", nil, founding: .twoAdmins) { practice in
            practice.entry(practice.revoke(.device(.named("max"))), by: [.recovery("paper")])
        },
        RuleCase("one of three where two are the quorum", nil, founding: .threeAdmins) { practice in
            practice.entry(practice.revoke(.device(.named("max"))), by: [.device("ana")])
        },
        RuleCase("an admin member's device that is no admin key", nil) { practice in
            practice.enrolDevice("ana's phone", of: "ana", by: [.device("ana")])
            return practice.entry(practice.revoke(.device(.named("ana's phone"))), by: [.device("ana")])
        },
        RuleCase("one of an admin's two admin devices", nil) { practice in
            practice.enrolDevice("ana's phone", of: "ana", by: [.device("ana")])
            var admins = practice.view.adminDevices
            admins[.named("ana's phone")] = .named("ana")
            practice.log(practice.admins(admins), by: [.device("ana")])
            return practice.entry(practice.revoke(.device(.named("ana"))), by: [.device("ana's phone")])
        },
    ])
    func leavesEnoughAdmins(_ row: RuleCase) { row.check() }

    @Test(arguments: [
        RuleCase("an admin", nil) { practice in
            practice.log(practice.member("bo"), by: [.device("ana")])
            practice.log(practice.invitation("i", for: "bo"), by: [.device("ana")])
            return practice.entry(practice.revoke(.invitation(.named("i"))), by: [.device("ana")])
        },
        RuleCase("a member", .notPermitted) { practice in
            practice.join("ivy")
            practice.log(practice.member("bo"), by: [.device("ana")])
            practice.log(practice.invitation("i", for: "bo"), by: [.device("ana")])
            return practice.entry(practice.revoke(.invitation(.named("i"))), by: [.device("ivy")])
        },
        RuleCase("an unknown one", .unknown) { practice in
            practice.entry(practice.revoke(.invitation(.named("i"))), by: [.device("ana")])
        },
        RuleCase("a used one", .unknown) { practice in
            practice.join("bo")
            return practice.entry(practice.revoke(.invitation(.named("for bo"))), by: [.device("ana")])
        },
        RuleCase("a revoked one", .unknown) { practice in
            practice.log(practice.member("bo"), by: [.device("ana")])
            practice.log(practice.invitation("i", for: "bo"), by: [.device("ana")])
            practice.log(practice.revoke(.invitation(.named("i"))), by: [.device("ana")])
            practice.wait(seconds: 1)
            return practice.entry(practice.revoke(.invitation(.named("i"))), by: [.device("ana")])
        },
    ])
    func endsAnInvitation(_ row: RuleCase) { row.check() }

    @Test func aRevokedDeviceStaysKnownWithItsEnd() throws {
        let practice = Practice()
        practice.join("bo")
        practice.wait(seconds: 5)
        let statement = practice.log(practice.revoke(.device(.named("bo"))), by: [.device("ana")])
        let device = try #require(practice.view.device(.named("bo")))
        #expect(device.revoked?.statement == statement)
        #expect(device.revoked?.place.index == practice.roster.size - 1)
        #expect(device.revoked?.place.time == practice.now)
        #expect(practice.view.liveDevice(.named("bo")) == nil)
    }
}
