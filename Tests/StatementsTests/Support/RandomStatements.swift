import FuzzSupport
import Secrets
import Statements

/// Valid statements of every type, drawn from a seed.
struct RandomStatements {
    var generator: SplitMix64

    init(_ name: String) { generator = SplitMix64(name: name) }

    // MARK: Parts

    mutating func digest() -> Digest { Digest(generator.bytes(32))! }
    mutating func optionalDigest() -> Digest? { generator.once(in: 3) ? nil : digest() }
    mutating func identifier<Kind>() -> Identifier<Kind> { Identifier(bytes: generator.bytes(Kind.byteCount)) }

    /// Small, middling and the largest permitted.
    mutating func integer(from least: UInt64 = 0) -> UInt64 {
        switch generator.below(4) {
        case 0: least
        case 1: max(least, UInt64(generator.below(10)))
        case 2: TextReader.integerBound - 1
        default: max(least, generator.next() % TextReader.integerBound)
        }
    }

    mutating func time() -> Timestamp { Timestamp(milliseconds: Int64(generator.next() % 253_402_300_800_000)) }

    mutating func key() -> VerifyingKey { SigningKey(seed: SecretBytes(copying: generator.bytes(32))).verifyingKey }

    /// Texts of ASCII, accents, CJK, right-to-left, emoji; from one byte to exactly 256.
    mutating func text() -> TextValue {
        let alphabets = ["abcXYZ 019.,-'", "äöüéñçšžØß ’·", "刘医生監査病院", "שלום مرحبا", "🚑🩺é a"]
        while true {
            let alphabet = Array(alphabets[generator.below(alphabets.count)].unicodeScalars)
            var text = String.UnicodeScalarView()
            let length = generator.once(in: 5) ? 256 : 1 + generator.below(40)
            while String(text).utf8.count < length { text.append(alphabet[generator.below(alphabet.count)]) }
            if let value = TextValue(typed: String(text)) { return value }
        }
    }

    mutating func platform() -> Platform {
        let alphabet = Array("abcxyz0189._-".utf8)
        return Platform((0...generator.below(32)).map { _ in alphabet[generator.below(alphabet.count)] })!
    }

    mutating func seen() -> Seen {
        Seen(
            size: integer(from: 1), root: digest(),
            signature: SeenSignature(bytes: generator.bytes(SeenSignature.byteCount)))
    }

    mutating func seenBoth() -> SeenBoth { SeenBoth(roster: seen(), activity: seen()) }

    mutating func encapsulationKey() -> EncapsulationKey {
        EncapsulationKey(x25519: generator.bytes(32), mlkem768: generator.bytes(MLKEM768.publicKeyByteCount))
    }

    mutating func recoveryKey() -> RecoveryPublicKey? {
        generator.once(in: 2) ? nil : RecoveryPublicKey(signing: key(), encapsulation: encapsulationKey())
    }

    mutating func element<Element>(_ elements: [Element]) -> Element { elements[generator.below(elements.count)] }

    mutating func subset<Element: Hashable>(_ elements: [Element]) -> Set<Element> {
        Set(elements.filter { _ in generator.once(in: 2) })
    }

    // MARK: Roster

    mutating func policy() -> Policy {
        var policy = Policy()
        policy.lockAfterSeconds = integer()
        policy.maximumLifespanSeconds = integer(from: 1)
        policy.defaultLifespanSeconds = 1 + generator.next() % policy.maximumLifespanSeconds
        policy.retentionDays = integer()
        policy.coverSeconds = integer()
        policy.claimsPerHourAndClaimant = integer()
        policy.claimsPerHourAndTarget = integer()
        policy.messagesPerHourAndSender = integer()
        policy.queueItems = integer()
        policy.queueBytes = integer()
        for urgency in Urgency.allCases {
            policy.alerts[urgency] = Policy.AlertTimes(realertSeconds: integer(), nextStepSeconds: integer())
        }
        policy.reopenSeconds = integer()
        policy.pushContent = element([.alert, .constant])
        policy.writeRights = subset(
            Role.allCases.flatMap { from in Role.allCases.map { Policy.WriteRight(from: from, to: $0) } })
        return policy
    }

    mutating func genesis() -> Genesis {
        let members = (0...generator.below(3)).map { _ in Genesis.Member(id: identifier(), name: text()) }
        let admins = (0...generator.below(3)).map { _ in
            Genesis.Admin(member: element(members).id, key: key(), platform: platform(), label: text())
        }
        return Genesis(
            name: text(), relay: element(["a", "relay.example.org", "127.0.0.1:8443", "[::1]:65535", "a-b.c:1"]),
            rosterKey: key(), activityKey: key(), at: time(), members: members, admins: admins, recovery: recoveryKey(),
            quorum: integer(), policy: policy())
    }

    mutating func member() -> MemberStatement {
        MemberStatement(
            organisation: identifier(), seen: seen(), at: time(), replaces: optionalDigest(), member: identifier(),
            name: text(), roles: subset([.provider, .intake, .auditor, .gateway]),
            status: element([.active, .suspended]))
    }

    mutating func invitation() -> InvitationStatement {
        InvitationStatement(
            organisation: identifier(), seen: seen(), at: time(), member: identifier(), key: key(), expires: time())
    }

    mutating func enrol() -> EnrolStatement {
        EnrolStatement(
            organisation: identifier(), seen: seen(), at: time(), member: identifier(), invitation: identifier(),
            key: key(), platform: platform(), label: text())
    }

    mutating func revoke() -> RevokeStatement {
        let targets: [RevokeStatement.Target] = [
            .device(identifier()), .invitation(identifier()), .statement(digest()),
        ]
        return RevokeStatement(
            organisation: identifier(), seen: seen(), at: time(), target: element(targets), reason: text())
    }

    mutating func admins() -> AdminsStatement {
        var admins: [DeviceID: MemberID] = [:]
        for _ in 0...generator.below(5) { admins[identifier()] = identifier() }
        return AdminsStatement(
            organisation: identifier(), seen: seen(), at: time(), replaces: digest(), admins: admins, quorum: integer(),
            audit: generator.once(in: 2) ? nil : encapsulationKey(), recovery: recoveryKey())
    }
}
