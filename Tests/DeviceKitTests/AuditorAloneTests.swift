import Statements
import Testing

@testable import DeviceKit

/// Nobody may write to an auditor: whoever answers calls is never made one beside that.
@Suite struct AuditorAloneTests {
    private let name = TextValue(Array("Dr. Max".utf8))!

    private func invited(_ role: Role, whoIs roles: Set<Role>) -> DeviceKitError? {
        do throws(DeviceKitError) {
            try AuditorAlone.checkInvitation(role, for: name, whoIs: roles)
            return nil
        } catch { return error }
    }

    private func set(_ roles: Set<Role>, whoIs former: Set<Role>, hasJoined: Bool = true) -> DeviceKitError? {
        do throws(DeviceKitError) {
            try AuditorAlone.check(roles, for: name, whoIs: former, hasJoined: hasJoined)
            return nil
        } catch { return error }
    }

    @Test(arguments: [Role.provider, .intake, .gateway, .admin])
    func nobodyIsInvitedToBeAnAuditorBeside(_ role: Role) {
        let error = invited(.auditor, whoIs: [role])
        #expect(error?.code == "auditor_alone" && error?.category == .refused)
        let words = "Dr. Max is \(role.rawValue), and an auditor is a member of their own"
        #expect(error?.message.hasPrefix(words) == true, "\(error?.message ?? "")")
        #expect(error?.next.contains("--member \"Dr. Max (auditor)\"") == true, "\(error?.next ?? "")")
    }

    @Test func anAuditorIsInvitedToNothingElse() {
        let error = invited(.provider, whoIs: [.auditor])
        #expect(error?.code == "auditor_alone")
        #expect(error?.next.contains("--member \"Dr. Max (provider)\"") == true, "\(error?.next ?? "")")
    }

    @Test func aFurtherDeviceIsInvitedAsEver() {
        #expect(invited(.auditor, whoIs: [.auditor]) == nil)
        #expect(invited(.intake, whoIs: [.provider]) == nil)
        #expect(invited(.auditor, whoIs: []) == nil)
    }

    /// An earlier version made such members; they are to be one of the two before anything else.
    @Test func whoIsBothIsAskedToBeOne() {
        for role in [Role.auditor, .provider] {
            let next = invited(role, whoIs: [.provider, .auditor])?.next
            #expect(next?.contains("nightbell admin roles \"Dr. Max\" provider") == true, "\(next ?? "")")
        }
        #expect(set([.provider], whoIs: [.provider, .auditor]) == nil)
        #expect(set([.auditor], whoIs: [.provider, .auditor]) == nil)
    }

    @Test func noStatementMakesAnybodyBoth() {
        #expect(set([.provider, .auditor], whoIs: [.provider])?.code == "auditor_alone")
        #expect(set([.auditor], whoIs: [.admin])?.code == "auditor_alone")
        #expect(set([.auditor, .intake], whoIs: [], hasJoined: false)?.code == "auditor_alone")
    }

    /// A clinician's device holds messages, an auditor's perhaps the audit key: neither becomes the other's.
    @Test func devicesStayWithWhatTheyWereEnrolledFor() {
        #expect(set([.auditor], whoIs: [.provider])?.code == "auditor_alone")
        #expect(set([.provider], whoIs: [.auditor])?.code == "auditor_alone")
        #expect(set([.auditor], whoIs: [.provider], hasJoined: false) == nil)
        #expect(set([.provider], whoIs: [.auditor], hasJoined: false) == nil)
        #expect(set([.intake, .provider], whoIs: [.provider]) == nil)
        #expect(set([], whoIs: [.auditor]) == nil)
        #expect(set([.provider], whoIs: []) == nil)
    }
}
