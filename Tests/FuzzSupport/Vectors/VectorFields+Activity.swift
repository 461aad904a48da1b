import Secrets
public import Statements

extension SeenBoth: VectorFields {
    public var fields: JSONValue { ["roster": roster.fields, "activity": activity.fields] }
}

extension Manifest.Blob: VectorFields {
    public var fields: JSONValue { ["size": JSONValue(size), "sha256": JSONValue(hash)] }
}

extension Manifest: VectorFields {
    public var fields: JSONValue {
        var inReplyTo: MessageID?
        var forwardOf: MessageID?
        switch reference {
        case .inReplyTo(let message): inReplyTo = message
        case .forwardOf(let message): forwardOf = message
        case nil: break
        }
        return [
            "org": JSONValue(organisation), "seen": seen.fields, "message": JSONValue(message), "suite": 1,
            "sender": JSONValue(sender), "at": JSONValue(at), "expires": JSONValue(expires),
            "urgency": JSONValue(urgency.rawValue), "member": JSONValue(member), "in-reply-to": JSONValue(inReplyTo),
            "forward-of": JSONValue(forwardOf), "commit": JSONValue(commitment),
            "to": .array(
                recipients.map {
                    [
                        "device": JSONValue($0.device), "step": JSONValue($0.step), "delay": JSONValue($0.delaySeconds),
                        "prekey": JSONValue($0.prekey), "sealed-key-sha256": JSONValue($0.sealedKeyHash),
                    ]
                }),
            "without": .array(
                without.map { ["device": JSONValue($0.device), "reason": JSONValue($0.reason.rawValue)] }),
            "recovery": recovery.map {
                ["key": JSONValue($0.key), "sealed-key-sha256": JSONValue($0.sealedKeyHash)]
            } ?? nil,
            "capsule": capsule.map {
                [
                    "key": JSONValue($0.key), "commitment": JSONValue($0.commitment),
                    "sealed-key-sha256": JSONValue($0.sealedKeyHash), "size": JSONValue($0.blob.size),
                    "sha256": JSONValue($0.blob.hash),
                ]
            } ?? nil,
            "alert": alert.fields, "content": content.fields,
            "attachments": .array(attachments.map(\.fields)), "binding": JSONValue(binding),
        ]
    }
}

extension Receipt: VectorFields {
    public var fields: JSONValue {
        [
            "org": JSONValue(organisation), "seen": seen.fields, "message": JSONValue(message),
            "manifest": JSONValue(manifest), "device": JSONValue(device), "action": JSONValue(action.rawValue),
            "reason": JSONValue(reason?.rawValue), "capsule": JSONValue(capsule?.rawValue), "filed": JSONValue(filed),
            "at": JSONValue(at), "number": JSONValue(number), "previous": JSONValue(previous),
            "steps": JSONValue(steps),
        ]
    }
}

extension Access: VectorFields {
    public var fields: JSONValue {
        let signer: JSONValue =
            switch signer {
            case .device(let device): JSONValue(device)
            case .recovery: "recovery"
            }
        let subject: JSONValue =
            switch subject {
            case .none: nil
            case .message(let message): ["message": JSONValue(message)]
            case .query(.auditKey(let key), let hash): ["key": JSONValue(key), "hash": JSONValue(hash)]
            case .query(.device(let device), let hash): ["key": JSONValue(device), "hash": JSONValue(hash)]
            }
        return [
            "org": JSONValue(organisation), "seen": seen.fields, "signer": signer, "kind": JSONValue(kind.rawValue),
            "subject": subject, "reason": JSONValue(reason.rawValue), "at": JSONValue(at),
        ]
    }
}

extension RelayEvent: VectorFields {
    public var fields: JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("org", JSONValue(organisation)), ("kind", JSONValue(kind.word)), ("salt", JSONValue(binary: salt)),
        ]
        switch kind {
        case .roster(let size, let root):
            members += [("roster", ["size": JSONValue(size), "root": JSONValue(root)])]
        case .served(let device, let message, let what):
            members += [
                ("device", JSONValue(device)), ("message", JSONValue(message)), ("what", JSONValue(what.rawValue)),
            ]
        case .undeliverable(let device, let message, let reason):
            members += [
                ("device", JSONValue(device)), ("message", JSONValue(message)), ("reason", JSONValue(reason.rawValue)),
            ]
        case .fallback(let device, let message, let prekey):
            members += [
                ("device", JSONValue(device)), ("message", JSONValue(message)), ("prekey", JSONValue(prekey)),
            ]
        case .unanswered(let message):
            members += [("message", JSONValue(message))]
        case .pushed(let device, let message, let transport, let attempt, let outcome):
            members += [
                ("device", JSONValue(device)), ("message", JSONValue(message)),
                ("transport", JSONValue(transport.rawValue)), ("attempt", JSONValue(attempt)),
                ("outcome", JSONValue(outcome.rawValue)),
            ]
        case .subscription(let device, let transport, let change):
            members += [
                ("device", JSONValue(device)), ("transport", JSONValue(transport.rawValue)),
                ("change", JSONValue(change.rawValue)),
            ]
        }
        return .object(members)
    }
}

extension Head: VectorFields {
    public var fields: JSONValue {
        [
            "org": JSONValue(organisation), "time": JSONValue(time),
            "roster": ["size": JSONValue(roster.size), "root": JSONValue(roster.root)],
            "activity": ["size": JSONValue(activity.size), "root": JSONValue(activity.root)],
            "device": device.map {
                [
                    "device": JSONValue($0.device), "waiting": JSONValue($0.waiting),
                    "last-number": JSONValue($0.lastNumber), "running-hash": JSONValue($0.runningHash),
                    "one-time": JSONValue($0.oneTimeLeft),
                ]
            } ?? nil,
        ]
    }
}

extension PrekeyText: VectorFields {
    public var fields: JSONValue {
        [
            "org": JSONValue(organisation), "device": JSONValue(device), "suite": 1,
            "purpose": JSONValue(purpose.rawValue), "not-after": JSONValue(notAfter),
            "x25519": JSONValue(binary: key.x25519), "mlkem768": JSONValue(binary: key.mlkem768),
        ]
    }
}

extension AuditKeyOffer: VectorFields {
    public var fields: JSONValue {
        [
            "org": JSONValue(organisation), "device": JSONValue(device), "at": JSONValue(at), "key": key.fields,
        ]
    }
}

extension EvidenceStatement: VectorFields {
    public var fields: JSONValue {
        [
            "org": JSONValue(organisation), "seen": seen.fields, "message": JSONValue(message),
            "device": JSONValue(device), "at": JSONValue(at), "parts": JSONValue(partCount), "sums": JSONValue(sums),
        ]
    }
}
