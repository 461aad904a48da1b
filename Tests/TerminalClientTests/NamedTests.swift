import AuditSupport
import DeviceKit
import Membership
import SignerSupport
import Statements
import Testing

@testable import TerminalClient

/// Whom and what a person names by a beginning.
@Suite struct NamedTests {
    private let world = World.practice()

    @Test func aMemberIsNamedByTheBeginningOfTheId() throws {
        let id = MemberID.named("bo")
        let beginning = String("\(id)".prefix(10))
        #expect(try NamedMember.find(beginning, in: world.view).id == id)
        #expect(try NamedMember.find("bo", in: world.view).id == id)
        // Too short for one, and no name.
        let short = #expect(throws: DeviceKitError.self) { try NamedMember.find("mem-", in: world.view) }
        #expect(short?.code == "no_such_member" && short?.message.contains("\"mem-\"") == true)
    }

    /// A look is kept for ever: a letter that slipped names no device.
    @Test func aDeviceOfALookIsNamedByFourCharacters() throws {
        let id = DeviceID.named("bo")
        #expect(try NamedDevice.find(String("\(id)".prefix(8)), in: world.view).id == id)
        let only = try #require("\(id)".dropFirst(4).first)
        let error = #expect(throws: DeviceKitError.self) { try NamedDevice.find("\(only)", in: world.view) }
        #expect(error?.code == "id_too_short" || error?.code == "ambiguous_device")
        #expect(throws: Never.self) { try LookedAtID.check("abcd", of: MessageID.self) }
        let slip = #expect(throws: DeviceKitError.self) { try LookedAtID.check("msg-abc", of: MessageID.self) }
        #expect(slip?.category == .usage && slip?.next.contains("\"msg-\" and at least 4 characters") == true)
    }

    @Test func aMembersNameInADevicesPlaceListsTheDevices() throws {
        let error = #expect(throws: DeviceKitError.self) { try NamedDevice.find("bo", in: world.view) }
        #expect(error?.message == "\"bo\" is a member, and a device is asked about")
        #expect(error?.next.contains("\(DeviceID.named("bo"))") == true, "\(error?.next ?? "")")
    }

    @Test func whatManyIdsBeginWithIsListed() throws {
        let error = #expect(throws: DeviceKitError.self) { try world.view.device(beginning: "dev-") }
        #expect(error?.code == "ambiguous_device" && error?.message.contains("begin with \"dev-\": dev-") == true)
    }
}
