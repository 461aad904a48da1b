public import Statements

/// What stays of a profile whose device was revoked: who it was, the statement that ended it, its proof, and when it was
/// erased. Readable without any key, for there is none any more.
public struct RevocationRecord: Sendable, Equatable {
    static let version: Int64 = 1
    static let fileName = "revoked.json"

    public let identity: Identity
    /// The reason that stands in the statement.
    public let reason: String
    /// Its place in the roster log.
    public let index: UInt64
    /// The log's entry, with the signed statement.
    public let entry: [UInt8]
    /// The tlog-proof of its place.
    public let proof: [UInt8]
    /// When this device learnt of it.
    public let learned: Timestamp
    /// When keys and messages were gone; `nil` while that is under way.
    public var erased: Timestamp?

    /// When the relay logged the statement; when this device learnt of it, if the entry cannot be read.
    public var revoked: Timestamp { (try? Entry(parsing: entry))?.time ?? learned }

    /// What every command says from now on.
    public var error: DeviceKitError {
        DeviceKitError(
            "revoked", .refused,
            "this device was revoked (reason: \(reason); entry \(index) of the roster log): its keys and messages were "
                + "destroyed, and it signs nothing more",
            next:
                "nothing rings here any more, and what waited here is not answered: telephone whoever wrote to you; ask an admin "
                + "for an invitation if you still need one, and join with a new profile (--profile DIR)")
    }
}

extension RevocationRecord {
    init?(parsing bytes: [UInt8]) {
        guard let document = try? JSONParser.parse(bytes), document["version"]?.integer == Self.version,
            let identity = Identity(document), let reason = document["reason"]?.string,
            let index = document["index"]?.integer, index >= 0, let entry = document["entry"]?.string,
            let proof = document["proof"]?.string,
            let learned = document["learned"]?.string.flatMap({ Timestamp(ArraySlice($0.utf8)) })
        else { return nil }
        self.init(
            identity: identity, reason: reason, index: UInt64(index), entry: Array(entry.utf8),
            proof: Array(proof.utf8), learned: learned,
            erased: document["erased"]?.string.flatMap { Timestamp(ArraySlice($0.utf8)) })
    }

    var bytes: [UInt8] {
        var object = JSONObject()
        object.set("version", to: .integer(Self.version))
        if case .object(let members) = identity.document {
            for member in members.members { object.set(member.key, to: member.value) }
        }
        object.set("reason", to: .string(reason))
        object.set("index", to: .integer(index))
        object.set("entry", to: .string(String(decoding: entry, as: UTF8.self)))
        object.set("proof", to: .string(String(decoding: proof, as: UTF8.self)))
        object.set("learned", to: .text(learned))
        object.set("erased", to: .text(orNull: erased))
        return Array(JSONValue.object(object).ascii.utf8) + [UInt8(ascii: "\n")]
    }
}
