import Membership
import SignerSupport
import Statements
import Testing

@Suite struct EnrolRulesTests {
    private static func invite(_ practice: Practice) {
        practice.log(practice.member("bo"), by: [.device("ana")])
        practice.log(practice.invitation("i", for: "bo"), by: [.device("ana")])
    }

    @Test(arguments: [
        RuleCase("the device and the invitation", nil) { practice in
            invite(practice)
            return practice.entry(practice.enrol("bo", with: "i", of: "bo"), by: [.device("bo"), .invitation("i")])
        },
        RuleCase("in the other order", .badSignature) { practice in
            invite(practice)
            return practice.entry(practice.enrol("bo", with: "i", of: "bo"), by: [.invitation("i"), .device("bo")])
        },
        RuleCase("the device alone", .badSignature) { practice in
            invite(practice)
            return practice.entry(practice.enrol("bo", with: "i", of: "bo"), by: [.device("bo")])
        },
        RuleCase("the invitation alone", .badSignature) { practice in
            invite(practice)
            return practice.entry(practice.enrol("bo", with: "i", of: "bo"), by: [.invitation("i")])
        },
        RuleCase("an admin besides", .badSignature) { practice in
            invite(practice)
            return practice.entry(
                practice.enrol("bo", with: "i", of: "bo"), by: [.device("bo"), .invitation("i"), .device("ana")])
        },
        RuleCase("an admin in the invitation's place", .badSignature) { practice in
            invite(practice)
            return practice.entry(practice.enrol("bo", with: "i", of: "bo"), by: [.device("bo"), .device("ana")])
        },
    ])
    func isSignedByTheDeviceAndTheInvitation(_ row: RuleCase) { row.check() }

    @Test(arguments: [
        RuleCase("unknown", .unknown) { practice in
            practice.log(practice.member("bo"), by: [.device("ana")])
            return practice.entry(practice.enrol("bo", with: "i", of: "bo"), by: [.device("bo"), .invitation("i")])
        },
        RuleCase("used", .invitationSpent) { practice in
            invite(practice)
            practice.log(practice.enrol("bo", with: "i", of: "bo"), by: [.device("bo"), .invitation("i")])
            return practice.entry(
                practice.enrol("ghost", with: "i", of: "bo"), by: [.device("ghost"), .invitation("i")])
        },
        RuleCase("in its last millisecond", nil) { practice in
            invite(practice)
            practice.wait(seconds: InvitationStatement.defaultLifeSeconds)
            return practice.entry(
                practice.enrol("bo", with: "i", of: "bo"), by: [.device("bo"), .invitation("i")],
                at: practice.now.adding(milliseconds: -1))
        },
        RuleCase("expired by log time", .invitationSpent) { practice in
            invite(practice)
            practice.wait(seconds: InvitationStatement.defaultLifeSeconds)
            return practice.entry(practice.enrol("bo", with: "i", of: "bo"), by: [.device("bo"), .invitation("i")])
        },
        RuleCase("expired, though the device's clock says otherwise", .invitationSpent) { practice in
            invite(practice)
            practice.wait(seconds: InvitationStatement.defaultLifeSeconds)
            let earlier = practice.now.adding(seconds: -200)
            return practice.entry(
                practice.enrol("bo", with: "i", of: "bo", at: earlier), by: [.device("bo"), .invitation("i")])
        },
        RuleCase("revoked", .invitationSpent) { practice in
            invite(practice)
            practice.log(practice.revoke(.invitation(.named("i"))), by: [.device("ana")])
            return practice.entry(practice.enrol("bo", with: "i", of: "bo"), by: [.device("bo"), .invitation("i")])
        },
        RuleCase("of another member", .unknown) { practice in
            invite(practice)
            practice.log(practice.member("ivy"), by: [.device("ana")])
            return practice.entry(practice.enrol("bo", with: "i", of: "ivy"), by: [.device("bo"), .invitation("i")])
        },
        RuleCase("of a member who was suspended since", .unknown) { practice in
            invite(practice)
            practice.log(practice.member("bo", status: .suspended), by: [.device("ana")])
            return practice.entry(practice.enrol("bo", with: "i", of: "bo"), by: [.device("bo"), .invitation("i")])
        },
    ])
    func itsInvitationIsOpen(_ row: RuleCase) { row.check() }

    @Test(arguments: [
        RuleCase("of an enrolled device", .duplicate) { practice in
            practice.join("ivy")
            invite(practice)
            return practice.entry(practice.enrol("ivy", with: "i", of: "bo"), by: [.device("ivy"), .invitation("i")])
        },
        RuleCase("of a revoked device", .duplicate) { practice in
            practice.join("ivy")
            practice.log(practice.revoke(.device(.named("ivy"))), by: [.device("ana")])
            invite(practice)
            return practice.entry(practice.enrol("ivy", with: "i", of: "bo"), by: [.device("ivy"), .invitation("i")])
        },
    ])
    func itsKeyIsNew(_ row: RuleCase) { row.check() }

    @Test func aUsedInvitationSaysWhoUsedIt() throws {
        let practice = Practice()
        practice.join("bo")
        let invitation = try #require(practice.view.invitation(.named("for bo")))
        #expect(invitation.used?.device == .named("bo"))
        #expect(invitation.used?.place.index == practice.roster.size - 1)
        #expect(invitation.issuer == .named("ana"))
        #expect(!practice.view.isOpen(invitation))
    }
}
