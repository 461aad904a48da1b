import Secrets
public import Statements

/// What a vector says in JSON about a parsed value: the parts that a reader of the text must find.
///
/// Integers are JSON numbers, hashes hex, binary standard base64, times and identifiers as they stand in the text, and
/// what is absent is `null`.
public protocol VectorFields {
    var fields: JSONValue { get }
}

extension JSONValue {
    init(_ value: (some CustomStringConvertible)?) { self = value.map { .string($0.description) } ?? .null }
    init(_ number: UInt64) { self = .integer(Int(number)) }
    init(binary bytes: [UInt8]) { self = .string(Base64.encode(bytes)) }
}

extension Seen: VectorFields {
    public var fields: JSONValue {
        ["size": JSONValue(size), "root": JSONValue(root), "signature": JSONValue(binary: signature.bytes)]
    }
}

extension EncapsulationKey: VectorFields {
    public var fields: JSONValue {
        ["id": JSONValue(id), "x25519": JSONValue(binary: x25519), "mlkem768": JSONValue(binary: mlkem768)]
    }
}

extension RecoveryPublicKey: VectorFields {
    public var fields: JSONValue {
        [
            "id": JSONValue(id), "ed25519": JSONValue(binary: signing.bytes),
            "x25519": JSONValue(binary: encapsulation.x25519), "mlkem768": JSONValue(binary: encapsulation.mlkem768),
        ]
    }
}

extension Policy: VectorFields {
    public var fields: JSONValue {
        [
            "lock-after": JSONValue(lockAfterSeconds),
            "lifespan": ["default": JSONValue(defaultLifespanSeconds), "maximum": JSONValue(maximumLifespanSeconds)],
            "retention": JSONValue(retentionDays),
            "cover": JSONValue(coverSeconds),
            "quota": [
                "claims": [
                    "claimant": JSONValue(claimsPerHourAndClaimant), "target": JSONValue(claimsPerHourAndTarget),
                ],
                "messages": JSONValue(messagesPerHourAndSender),
                "queue": ["items": JSONValue(queueItems), "bytes": JSONValue(queueBytes)],
            ],
            "alert": .object(
                Urgency.allCases.map { urgency in
                    (
                        urgency.rawValue,
                        [
                            "re-alert": JSONValue(alerts[urgency]!.realertSeconds),
                            "next-step": JSONValue(alerts[urgency]!.nextStepSeconds),
                        ]
                    )
                }),
            "reopen": JSONValue(reopenSeconds),
            "push": JSONValue(pushContent.rawValue),
            "write": .array(
                writeRights.sorted().map { ["from": JSONValue($0.from.rawValue), "to": JSONValue($0.to.rawValue)] }),
        ]
    }
}
