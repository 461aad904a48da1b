import Secrets
public import Statements

/// `profile.json`: what a profile is, readable without its key.
///
/// Keys: `version`, `organisation`, `member`, `device`, `relay` (each `null` until the device is enrolled), `wrap`.
struct ProfileDocument: Sendable, Equatable {
    static let version: Int64 = 1

    var identity: Identity?
    let wrap: StoreKeyWrap

    init(identity: Identity?, wrap: StoreKeyWrap) {
        self.identity = identity
        self.wrap = wrap
    }

    /// - Throws: ``DeviceKitError`` for another version or a damaged file.
    init(parsing bytes: [UInt8], path: String) throws(DeviceKitError) {
        let document = try? JSONParser.parse(bytes)
        if let version = document?["version"]?.integer, version > Self.version {
            throw DeviceKitError(
                "profile_newer_version", .configuration, "a later version of Nightbell made the profile \"\(path)\"",
                next: "update nightbell")
        }
        guard let document, document["version"]?.integer == Self.version,
            let wrap = document["wrap"].flatMap(StoreKeyWrap.init)
        else {
            throw DeviceKitError(
                "profile_damaged", .configuration, "\"\(path)\" is not a profile's description",
                next: "restore it from a backup, or make a new profile")
        }
        self.init(identity: Identity(document), wrap: wrap)
    }

    /// That of a profile's folder.
    /// - Throws: ``DeviceKitError`` when it is missing or damaged.
    init(of directory: String) throws(DeviceKitError) {
        let path = Self.path(in: directory)
        guard var bytes = try SecureFolder.read(path) else { throw SecureFolder.missing(path, in: directory) }
        // Replaced, and written over, while it was read: its successor has the name by then.
        if bytes.contains(0) { bytes = try SecureFolder.read(path) ?? bytes }
        try self.init(parsing: bytes, path: path)
    }

    static func path(in directory: String) -> String { directory + "/profile.json" }

    var bytes: [UInt8] { Self.bytes(identity, wrap: wrap.document) }

    /// The description of a profile whose store key is gone for ever.
    static func erased(_ identity: Identity) -> [UInt8] { bytes(identity, wrap: .null) }

    private static func bytes(_ identity: Identity?, wrap: JSONValue) -> [UInt8] {
        let document: JSONValue = [
            "version": .integer(Self.version), "organisation": .text(orNull: identity?.organisation),
            "member": .text(orNull: identity?.member), "device": .text(orNull: identity?.device),
            "relay": .text(orNull: identity?.relay), "wrap": wrap,
        ]
        return Array(document.ascii.utf8) + [UInt8(ascii: "\n")]
    }
}

/// Who this device is, once it is enrolled.
public struct Identity: Sendable, Equatable {
    public let organisation: OrganisationID
    public let member: MemberID
    public let device: DeviceID
    /// `host` or `host:port`: where the relay is reached now; its name for ever stands in `genesis`.
    public let relay: String

    public init(organisation: OrganisationID, member: MemberID, device: DeviceID, relay: String) {
        self.organisation = organisation
        self.member = member
        self.device = device
        self.relay = relay
    }

    init?(_ document: JSONValue) {
        guard let organisation = document["organisation"]?.string.flatMap({ OrganisationID($0) }),
            let member = document["member"]?.string.flatMap({ MemberID($0) }),
            let device = document["device"]?.string.flatMap({ DeviceID($0) }), let relay = document["relay"]?.string,
            InvitationText.isRelayAddress(relay)
        else { return nil }
        self.init(organisation: organisation, member: member, device: device, relay: relay)
    }

    /// The same as a value.
    public var document: JSONValue {
        [
            "organisation": .text(organisation), "member": .text(member), "device": .text(device),
            "relay": .string(relay),
        ]
    }
}

extension Profile {
    /// Of which organisation the profile in a folder is, without its key; `nil` where there is none, or it is not enrolled.
    public static func organisation(of directory: String) -> OrganisationID? {
        (try? ProfileDocument(of: directory))?.identity?.organisation
    }
}
