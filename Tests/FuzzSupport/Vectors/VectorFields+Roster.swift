import Secrets
public import Statements

extension Genesis: VectorFields {
    public var fields: JSONValue {
        [
            "name": JSONValue(name), "relay": JSONValue(relay),
            "log": ["roster": JSONValue(binary: rosterKey.bytes), "activity": JSONValue(binary: activityKey.bytes)],
            "at": JSONValue(at),
            "members": .array(members.map { ["member": JSONValue($0.id), "name": JSONValue($0.name)] }),
            "admins": .array(
                admins.map {
                    [
                        "device": JSONValue($0.device), "member": JSONValue($0.member),
                        "key": JSONValue(binary: $0.key.bytes), "platform": JSONValue($0.platform),
                        "label": JSONValue($0.label),
                    ]
                }),
            "recovery": recovery?.fields ?? nil, "audit": nil, "quorum": JSONValue(quorum), "policy": policy.fields,
        ]
    }
}

extension MemberStatement: VectorFields {
    public var fields: JSONValue {
        [
            "org": JSONValue(organisation), "seen": ["roster": seen.fields], "at": JSONValue(at),
            "replaces": JSONValue(replaces), "member": JSONValue(member), "name": JSONValue(name),
            "roles": .array(roles.sorted().map { JSONValue($0.rawValue) }), "status": JSONValue(status.rawValue),
        ]
    }
}

extension InvitationStatement: VectorFields {
    public var fields: JSONValue {
        [
            "org": JSONValue(organisation), "seen": ["roster": seen.fields], "at": JSONValue(at),
            "member": JSONValue(member), "invitation": JSONValue(invitation), "key": JSONValue(binary: key.bytes),
            "expires": JSONValue(expires),
        ]
    }
}

extension EnrolStatement: VectorFields {
    public var fields: JSONValue {
        [
            "org": JSONValue(organisation), "seen": ["roster": seen.fields], "at": JSONValue(at),
            "member": JSONValue(member), "invitation": JSONValue(invitation), "device": JSONValue(device),
            "key": JSONValue(binary: key.bytes), "platform": JSONValue(platform), "label": JSONValue(label),
        ]
    }
}

extension RevokeStatement: VectorFields {
    public var fields: JSONValue {
        let revokes: JSONValue =
            switch target {
            case .device(let device): ["device": JSONValue(device)]
            case .invitation(let invitation): ["invitation": JSONValue(invitation)]
            case .statement(let hash): ["statement": JSONValue(hash)]
            }
        return [
            "org": JSONValue(organisation), "seen": ["roster": seen.fields], "at": JSONValue(at), "revokes": revokes,
            "reason": JSONValue(reason),
        ]
    }
}

extension AdminsStatement: VectorFields {
    public var fields: JSONValue {
        [
            "org": JSONValue(organisation), "seen": ["roster": seen.fields], "at": JSONValue(at),
            "replaces": JSONValue(replaces),
            "admins": .array(
                admins.sorted { $0.key < $1.key }.map { ["device": JSONValue($0.key), "member": JSONValue($0.value)] }),
            "quorum": JSONValue(quorum), "audit": audit?.fields ?? nil, "recovery": recovery?.fields ?? nil,
            "next-log": ["roster": nil, "activity": nil], "witnesses": .array(witnesses.keys.map { .string($0.vkey) }),
        ]
    }
}
