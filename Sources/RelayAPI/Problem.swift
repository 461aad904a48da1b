import Foundation

/// What the relay answers when it refuses: an RFC 9457 problem, with a stable type, the cause and the next step.
public struct Problem: Error, Codable, Equatable, Sendable {
    /// `application/problem+json`.
    public static let contentType = "application/problem+json"
    private static let typePrefix = "urn:nightbell:problem:"

    /// A stable word for each kind; its `type` is `urn:nightbell:problem:<word>`.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
    }

    /// `urn:nightbell:problem:<code>`.
    public let type: String
    /// HTTP status.
    public let status: Int
    /// The cause, in a sentence.
    public let detail: String
    /// What to do about it.
    public let next: String

    /// The relay's clock, with `clock`.
    public var relayTime: String?
    /// Seconds, with `quota` and `busy`.
    public var retryAfter: Int?
    /// With `blobs_missing` hashes; else devices that the recipients lack, that they name too many, whose prekey or place is no longer right; with `recipients`.
    public var missing: [String]?
    public var extra: [String]?
    public var stale: [String]?
    /// The present, with `stale` and `recipients`.
    public var head: HeadAnswer?
    /// The logged statement that decided, and its proof; with `revoked`, `invitation_spent`, `conflict`, `stale`.
    public var statement: LoggedEntry?
    /// How many items of a batch were accepted before the refused one.
    public var accepted: Int?
    /// How much of a sealed attachment the relay holds; with `blob_offset`.
    public var received: UInt64?
    /// Hash of the last receipt that the relay holds of the device; with `broken_chain`.
    public var last: String?

    enum CodingKeys: String, CodingKey {
        case type, status, detail, next, missing, extra, stale, head, statement, accepted, received, last
        case relayTime = "relay_time"
        case retryAfter = "retry_after"
    }

    public init(_ code: Code, status: Int, detail: String, next: String) {
        type = Self.typePrefix + code.rawValue
        self.status = status
        self.detail = detail
        self.next = next
    }

    public var code: Code {
        Code(rawValue: type.hasPrefix(Self.typePrefix) ? String(type.dropFirst(Self.typePrefix.count)) : type)
    }

    public static func == (left: Self, right: Self) -> Bool { left.type == right.type && left.status == right.status }
}

extension Problem.Code {
    /// The request is not of the documented form.
    public static let malformed = Self(rawValue: "malformed")
    /// A body, header or count beyond its bound.
    public static let tooLarge = Self(rawValue: "too_large")
    /// A statement type or value that this relay does not know.
    public static let unknownType = Self(rawValue: "unknown_type")
    /// The request's signature is missing, false or by a key that is not known here.
    public static let unauthorized = Self(rawValue: "unauthorized")
    /// `created` or `at` is too far from the relay's clock; `relay_time` is given.
    public static let clock = Self(rawValue: "clock")
    /// The nonce was used before.
    public static let replayed = Self(rawValue: "replayed")
    /// The device is revoked or its member suspended; `statement` proves it.
    public static let revoked = Self(rawValue: "revoked")
    /// Roles or policy do not permit it.
    public static let notPermitted = Self(rawValue: "not_permitted")
    public static let notFound = Self(rawValue: "not_found")
    public static let methodNotAllowed = Self(rawValue: "method_not_allowed")
    /// The same message id with another manifest; `statement` is the logged one.
    public static let conflict = Self(rawValue: "conflict")
    /// The statement builds on something that is no longer current: look at `head`, update, sign anew.
    public static let stale = Self(rawValue: "stale")
    /// The recipients are not those that the roster requires: `missing`, `extra`, `stale`.
    public static let recipients = Self(rawValue: "recipients")
    /// Nobody addressed has a device left.
    public static let noDevice = Self(rawValue: "no_device")
    /// A prekey was not claimed by this sender for this message.
    public static let unclaimed = Self(rawValue: "unclaimed")
    /// A piece does not begin where the relay's part of the attachment ends; `received` says where that is.
    public static let blobOffset = Self(rawValue: "blob_offset")
    /// The uploaded bytes do not have the hash that they were named by: the relay dropped them.
    public static let blobHash = Self(rawValue: "blob_hash")
    /// The manifest names attachments that the relay does not hold whole; `missing` lists their hashes.
    public static let blobsMissing = Self(rawValue: "blobs_missing")
    /// The receipt does not continue the device's chain; `last` says where the relay's ends.
    public static let brokenChain = Self(rawValue: "broken_chain")
    /// The invitation was used, revoked or has expired; `statement` is what used it.
    public static let invitationSpent = Self(rawValue: "invitation_spent")
    /// A rule of the roster or of messages is broken.
    public static let ruleBroken = Self(rawValue: "rule_broken")
    /// A founding code is needed, wrong or spent.
    public static let foundingCode = Self(rawValue: "founding_code")
    /// This relay does not push over this transport.
    public static let noTransport = Self(rawValue: "no_transport")
    /// The relay does not push to this address.
    public static let endpointRefused = Self(rawValue: "endpoint_refused")
    /// What came back is not the subscription's latest challenge, or is too old.
    public static let challengeOver = Self(rawValue: "challenge_over")
    /// A limit of the policy is reached; `retry_after` is given.
    public static let quota = Self(rawValue: "quota")
    /// The relay is overloaded or draining; `retry_after` is given.
    public static let busy = Self(rawValue: "busy")
    /// The relay cannot write durably: nothing was accepted.
    public static let unavailable = Self(rawValue: "unavailable")
}
