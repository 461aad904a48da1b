import RelayAPI
import Statements

/// A promise about a received message that does not hold, or is not shown to hold.
public struct BrokenPromise: Sendable, Equatable {
    /// `log`, `roster`, `seen`, `capsule`, `alert` or `original`.
    public let promise: String
    /// Why, in our own words.
    public let why: String
    /// Whether only a broken link kept it from being compared: then it is compared again by itself.
    public let isOpen: Bool

    public init(_ promise: String, _ why: String, isOpen: Bool = false) {
        self.promise = promise
        self.why = why
        self.isOpen = isOpen
    }

    /// What could not be compared now.
    /// - Parameter what: `its place in the log`, as it begins a clause.
    init(_ promise: String, uncompared what: String, _ cause: any Error) {
        let error = DeviceKitError(describing: cause)
        if cause is CancellationError || [.unreachable, .tryAgain].contains(error.category) {
            let reason = error.category == .tryAgain ? error.message : "the link broke"
            self.init(promise, "\(what): not yet compared (\(reason)): tries again by itself", isOpen: true)
        } else {
            self.init(promise, "\(what) could not be compared: \(error.message)")
        }
    }
}

/// What was established about a received message, as it is stored beside it.
struct MessageDetails: Sendable {
    var entryIndex: UInt64
    var manifestHash: String
    var sender: DeviceID
    var member: MemberID?
    var at: Timestamp
    var expires: Timestamp
    var urgency: Urgency
    var prekey: PrekeyID
    var capsule: CapsuleVerdict
    /// Whether it was sealed to another device as well.
    var isSharedWithOthers: Bool
    var broken: [BrokenPromise]
    /// Why it does not open.
    var quarantine: ReceiptReason?

    var bytes: [UInt8] {
        let document: JSONValue = [
            "index": .integer(entryIndex), "manifest": .string(manifestHash), "sender": .text(sender),
            "member": .text(orNull: member), "at": .text(at), "expires": .text(expires),
            "urgency": .string(urgency.rawValue), "prekey": .text(prekey), "capsule": .string(capsule.rawValue),
            "shared": .bool(isSharedWithOthers),
            "broken": .array(
                broken.map { ["promise": .string($0.promise), "why": .string($0.why), "open": .bool($0.isOpen)] }),
            "quarantine": .text(orNull: quarantine?.rawValue),
        ]
        return document.bytes
    }

    init(
        entryIndex: UInt64, manifestHash: String, manifest: Manifest, member: MemberID?, prekey: PrekeyID,
        capsule: CapsuleVerdict, broken: [BrokenPromise], quarantine: ReceiptReason?
    ) {
        self.entryIndex = entryIndex
        self.manifestHash = manifestHash
        sender = manifest.sender
        self.member = member
        at = manifest.at
        expires = manifest.expires
        urgency = manifest.urgency
        self.prekey = prekey
        self.capsule = capsule
        isSharedWithOthers = manifest.recipients.count > 1
        self.broken = broken
        self.quarantine = quarantine
    }

    init?(_ bytes: [UInt8]) {
        guard let document = try? JSONParser.parse(bytes), let index = document["index"]?.integer,
            let manifest = document["manifest"]?.string,
            let sender = document["sender"]?.string.flatMap({ DeviceID($0) }),
            let at = document["at"]?.string.flatMap({ Timestamp(Array($0.utf8)) }),
            let expires = document["expires"]?.string.flatMap({ Timestamp(Array($0.utf8)) }),
            let urgency = document["urgency"]?.string.flatMap(Urgency.init(rawValue:)),
            let prekey = document["prekey"]?.string.flatMap({ PrekeyID($0) }),
            let capsule = document["capsule"]?.string.flatMap(CapsuleVerdict.init(rawValue:)),
            let shared = document["shared"]?.bool, let broken = document["broken"]?.array
        else { return nil }
        entryIndex = UInt64(index)
        manifestHash = manifest
        self.sender = sender
        member = document["member"]?.string.flatMap { MemberID($0) }
        self.at = at
        self.expires = expires
        self.urgency = urgency
        self.prekey = prekey
        self.capsule = capsule
        isSharedWithOthers = shared
        self.broken = broken.map {
            BrokenPromise(
                $0["promise"]?.string ?? "", $0["why"]?.string ?? "", isOpen: $0["open"]?.bool ?? false)
        }
        quarantine = document["quarantine"]?.string.flatMap(ReceiptReason.init(rawValue:))
    }
}
