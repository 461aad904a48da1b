import FuzzSupport
import Secrets
import Statements
import Testing

/// What a well-formed text must not say.
@Suite struct MeaningTests {
    @Test func aTypeOfALaterVersionAsksForAnUpdate() {
        // U+1FAE8 is of Unicode 15.
        let later = Array("nightbell.policy/v1\nname \u{1FAE8}\n".utf8)
        #expect(throws: StatementError(.unknownType, part: "type")) { try ActivityStatement(parsing: later) }
        for type in [
            "nightbell.policy/v1", "nightbell.member/v2", "nightbell.genesis/v10", "nightbell.rota/v1",
            "nightbell.a-new-one/v999999999",
        ] {
            let text = Array("\(type)\norg x\n".utf8)
            #expect(throws: StatementError(.unknownType, part: "type")) { try RosterStatement(parsing: text) }
            #expect(throws: StatementError(.unknownType, part: "type")) { try ActivityStatement(parsing: text) }
        }
    }

    @Test(arguments: [
        "", "\n", "hello", "nightbell", "nightbell.member", "nightbell.member/v", "nightbell.member/v1 ",
        "nightbell./v1",
        "Nightbell.member/v2", "nightbell.member/v1\r", "nightbell.mem\u{200B}ber/v2", "nightbell.member/v9999999999",
        "xnightbell.member/v2", "nightbell.member/v2x", "nightbell.\(String(repeating: "a", count: 80))/v2",
    ]) func aTextThatIsNoStatementIsMalformed(_ first: String) {
        let text = Array("\(first)\norg x\n".utf8)
        #expect(throws: StatementError(.malformed, part: "type")) { try RosterStatement(parsing: text) }
        #expect(throws: StatementError(.malformed, part: "type")) { try ActivityStatement(parsing: text) }
    }

    @Test func aStatementOfTheOtherLogIsMalformed() {
        var random = RandomStatements("the other log")
        for text in [random.manifest().text, random.receipt().text, random.event().text, random.head().text] {
            #expect(throws: StatementError(.malformed, part: "type")) { try RosterStatement(parsing: text) }
        }
        for text in [random.member().text, random.genesis().text, random.prekey().text] {
            #expect(throws: StatementError(.malformed, part: "type")) { try ActivityStatement(parsing: text) }
        }
    }

    @Test func anEventOfAnUnknownKindAsksForAnUpdate() {
        var random = RandomStatements("event kinds")
        let text = TextLines(random.event().text)
        for kind in ["released", "purged", "Roster"] {
            #expect(throws: StatementError(.unknownType, part: "kind")) {
                try RelayEvent(parsing: text.replacing("kind", with: kind))
            }
        }
    }

    /// What no version writes asks for no update, or one such text of a relay's would be an excuse to look no further.
    @Test func whatHasNotTheFormOfATextIsMalformed() {
        var random = RandomStatements("no texts")
        let event = TextLines(random.event().text)
        let manifest = TextLines(random.manifest().text)
        for value in [
            "served ", " later", "later\r", "la\u{200B}ter", "later\u{2028}", String(repeating: "x", count: 2_049),
        ] {
            #expect(throws: StatementError(.malformed, part: "kind")) {
                try RelayEvent(parsing: event.replacing("kind", with: value))
            }
            let text = Array("nightbell.disposal/v1\nkind \(value)\n".utf8)
            #expect(throws: StatementError(.malformed, part: "type")) { try ActivityStatement(parsing: text) }
            #expect(throws: StatementError(.malformed, part: "type")) { try RosterStatement(parsing: text) }
        }
        for end in ["x", "x\n", "x \n", "\n", "X y\n", "-x y\n", "x y"] {
            let text = Array("nightbell.disposal/v1\norg x\n\(end)".utf8)
            #expect(throws: StatementError(.malformed, part: "type")) { try ActivityStatement(parsing: text) }
            let suite = manifest.replacing("suite", with: "2") + Array(end.utf8)
            #expect(throws: StatementError(.malformed, part: "suite")) { try Manifest(parsing: suite) }
        }
        for type in ["nightbell.event/v0", "nightbell.event/v01", "nightbell.access/v1", "nightbell.entry/v1"] {
            let text = Array("\(type)\norg x\n".utf8)
            #expect(throws: StatementError(.malformed, part: "type")) { try RosterStatement(parsing: text) }
        }
    }

    /// Two keys of one name whose key ids are one: a line of a note would not say whose it is.
    @Test func noTwoWitnessesAreOneByNameAndKeyID() throws {
        let vkeys = [
            "witness.example+802d47c2+BEEUgMqe+UQRs5vY3Mvti0PoH9tAPKxu3+10HOgnblqv",
            "witness.example+802d47c2+BIrz2/Z6wsgBupv4ZfH4rejb3/Tu5Wx+5n1Y2AmmcXqL",
        ]
        let keys = try vkeys.map { try #require(WitnessKey(vkey: $0)) }
        #expect(WitnessPolicy(keys, demanded: 1) == nil)
        for key in keys {
            let other = WitnessKey(name: "other.example", key: keys[0].key == key.key ? keys[1].key : keys[0].key)
            #expect(WitnessPolicy([key, other], demanded: 2) != nil)
        }
        // One name alone is no reason.
        let third = SigningKey(seed: SecretBytes(copying: Array(0..<32))).verifyingKey
        #expect(WitnessPolicy([keys[0], WitnessKey(name: keys[0].name, key: third)], demanded: 2) != nil)
        var random = RandomStatements("witnesses alike")
        let bare = random.admins()
        let single = AdminsStatement(
            organisation: bare.organisation, seen: bare.seen, at: bare.at, replaces: bare.replaces, admins: bare.admins,
            quorum: bare.quorum, audit: bare.audit, recovery: bare.recovery,
            witnesses: try #require(WitnessPolicy([keys[0]], demanded: 1)))
        let text = String(decoding: single.text, as: UTF8.self)
        let both = text.replacing("witness \(vkeys[0])\n", with: "witness \(vkeys[0])\nwitness \(vkeys[1])\n")
        #expect(both != text)
        #expect(throws: StatementError(.malformed, part: "cosignatures")) {
            try AdminsStatement(parsing: Array(both.utf8))
        }
    }

    /// Witnesses stand in one order, each public key once, and at most so many are demanded as there are.
    @Test func witnessesAreWrittenInOneWay() throws {
        var random = RandomStatements("witnesses")
        let keys = ["a.example", "b.example/w"].map { name in
            WitnessKey(
                name: name,
                key: SigningKey(seed: SecretBytes(copying: Digest.sha256(Array(name.utf8)).bytes)).verifyingKey)
        }
        let policy = try #require(WitnessPolicy(keys.reversed(), demanded: 1))
        #expect(policy.keys == keys)
        #expect(WitnessPolicy([], demanded: 0) == nil)
        #expect(WitnessPolicy(keys, demanded: 3) == nil)
        #expect(WitnessPolicy([keys[0], WitnessKey(name: "other", key: keys[0].key)], demanded: 1) == nil)
        let bare = random.admins()
        let statement = AdminsStatement(
            organisation: bare.organisation, seen: bare.seen, at: bare.at, replaces: bare.replaces, admins: bare.admins,
            quorum: bare.quorum, audit: bare.audit, recovery: bare.recovery, witnesses: policy)
        #expect(try AdminsStatement(parsing: statement.text).witnesses == policy)
        let text = String(decoding: statement.text, as: UTF8.self)
        let (first, second) = ("witness \(keys[0].vkey)\n", "witness \(keys[1].vkey)\n")
        #expect(text.hasSuffix("\(first)\(second)cosignatures 1\n"))
        for wrong in [
            text.replacing("\(first)\(second)", with: "\(second)\(first)"), text.replacing(second, with: first),
            text.replacing("cosignatures 1\n", with: ""), text.replacing("cosignatures 1", with: "cosignatures 3"),
            text.replacing("cosignatures 1", with: "cosignatures 01"),
            text.replacing(first, with: "witness none\n"), text.replacing(second, with: "witness none\n"),
            text.replacing(second, with: second + String(repeating: second, count: 16)),
        ] {
            #expect(throws: StatementError.self) { try AdminsStatement(parsing: Array(wrong.utf8)) }
        }
    }

    /// A statement that breaks a rule of every version is not excused by a line that a later one wrote.
    @Test func adminsOutOfOrderAreMalformedWhateverFollows() throws {
        var random = RandomStatements("admins out of order")
        let bare = random.admins()
        let admins: [DeviceID: MemberID] = [
            random.identifier(): random.identifier(), random.identifier(): random.identifier(),
        ]
        let statement = AdminsStatement(
            organisation: bare.organisation, seen: bare.seen, at: bare.at, replaces: bare.replaces, admins: admins,
            quorum: bare.quorum, audit: bare.audit, recovery: bare.recovery)
        let rows = admins.sorted { $0.key < $1.key }.map { "admin \($0.key) \($0.value)\n" }
        let later = String(decoding: statement.text, as: UTF8.self)
            .replacing("next-log roster none", with: "next-log roster AAAA")
        #expect(throws: StatementError(.unsupported, part: "next-log")) {
            try AdminsStatement(parsing: Array(later.utf8))
        }
        for wrong in [rows[1] + rows[0], rows[0] + rows[0]] {
            #expect(throws: StatementError(.malformed, part: "admin")) {
                try AdminsStatement(parsing: Array(later.replacing(rows[0] + rows[1], with: wrong).utf8))
            }
        }
    }

    @Test func whatALaterVersionMayFillInIsUnsupported() {
        var random = RandomStatements("unsupported")
        let genesis = TextLines(random.genesis().text)
        #expect(throws: StatementError(.unsupported, part: "audit")) {
            try Genesis(parsing: genesis.replacing("audit", with: "pk-something"))
        }
        let admins = TextLines(random.admins().text)
        #expect(throws: StatementError(.unsupported, part: "next-log")) {
            try AdminsStatement(parsing: admins.replacing("next-log", with: "roster AAAA"))
        }
        #expect(throws: StatementError(.unsupported, part: "witness")) {
            try AdminsStatement(parsing: admins.replacing("witness", with: "w.example+0123abcd+CQEC"))
        }
        for key in ["w", "w.example+0123abcd+BAEC", "w.example+0123ABCD+CQEC", "w.example+0123abcd+", "+0123abcd+CQEC"]
        {
            #expect(throws: StatementError(.malformed, part: "witness")) {
                try AdminsStatement(parsing: admins.replacing("witness", with: key))
            }
        }
        for text in [TextLines(random.manifest().text), TextLines(random.prekey().text)] {
            let bytes = text.replacing("suite", with: "2")
            #expect(throws: StatementError(.unsupported, part: "suite")) {
                if text.lines[0].count > 20 && text.key(0).contains("manifest") {
                    _ = try Manifest(parsing: bytes)
                } else {
                    _ = try PrekeyText(parsing: bytes)
                }
            }
        }
    }

    @Test func idsAreTheHashesOfTheirKeys() {
        var random = RandomStatements("wrong ids")
        let device: DeviceID = random.identifier()
        let invitation: InvitationID = random.identifier()
        let prekey: PrekeyID = random.identifier()
        #expect(throws: StatementError(.wrongIdentifier, part: "device")) {
            try EnrolStatement(parsing: TextLines(random.enrol().text).replacing("device", with: "\(device)"))
        }
        #expect(throws: StatementError(.wrongIdentifier, part: "invitation")) {
            try InvitationStatement(
                parsing: TextLines(random.invitation().text).replacing("invitation", with: "\(invitation)"))
        }
        let offer = TextLines(random.auditKeyOffer().text)
        let key = offer.value("key").split(separator: " ")
        #expect(throws: StatementError(.wrongIdentifier, part: "key")) {
            try AuditKeyOffer(parsing: offer.replacing("key", with: "\(prekey) \(key[1]) \(key[2])"))
        }
        let genesis = TextLines(random.genesis().text)
        let admin = genesis.value("admin").split(separator: " ", maxSplits: 1)
        #expect(throws: StatementError(.wrongIdentifier, part: "admin")) {
            try Genesis(parsing: genesis.replacing("admin", with: "\(device) \(admin[1])"))
        }
    }

    @Test func keysThatCannotVerifyAreRefused() {
        var random = RandomStatements("weak keys")
        let identity = Base64.encode([1] + [UInt8](repeating: 0, count: 31))
        for key in [
            identity, Base64.encode([UInt8](repeating: 0xFF, count: 32)),
            Base64.encode([UInt8](repeating: 1, count: 31)),
        ] {
            #expect(throws: StatementError(.malformed, part: "key")) {
                try EnrolStatement(parsing: TextLines(random.enrol().text).replacing("key", with: key))
            }
            #expect(throws: StatementError(.malformed, part: "log")) {
                try Genesis(parsing: TextLines(random.genesis().text).replacing("log", with: "roster \(key)"))
            }
        }
    }

    @Test func genesisNamesItsMembersAndAdminsOnce() {
        var random = RandomStatements("founders")
        let member = Genesis.Member(id: random.identifier(), name: random.text())
        let namesake = Genesis.Member(id: member.id, name: random.text())
        let key = random.key()
        func admin(_ label: TextValue) -> Genesis.Admin {
            Genesis.Admin(member: member.id, key: key, platform: Platform("linux".utf8)!, label: label)
        }
        let first = random.text()
        let second = random.text()
        func genesis(_ members: [Genesis.Member], _ admins: [Genesis.Admin], _ random: inout RandomStatements)
            -> [UInt8]
        {
            Genesis(
                name: first, relay: "a", rosterKey: key, activityKey: key, at: random.time(), members: members,
                admins: admins, recovery: nil, quorum: 1, policy: Policy()
            ).text
        }
        #expect(throws: Never.self) { try Genesis(parsing: genesis([member], [admin(first)], &random)) }
        #expect(throws: StatementError(.malformed, part: "member")) {
            try Genesis(parsing: genesis([member, namesake], [admin(first)], &random))
        }
        #expect(throws: StatementError(.malformed, part: "admin")) {
            try Genesis(parsing: genesis([member], [admin(first), admin(second)], &random))
        }
        #expect(throws: StatementError(.malformed, part: "member")) {
            try Genesis(parsing: genesis([], [admin(first)], &random))
        }
        #expect(throws: StatementError(.malformed, part: "admin")) {
            try Genesis(parsing: genesis([member], [], &random))
        }
    }

    @Test func aReceiptsReasonBelongsToItsAction() throws {
        var random = RandomStatements("reasons")
        for action in ReceiptAction.allCases {
            for reason in [nil] + ReceiptReason.allCases.map(Optional.some) {
                let receipt = Receipt(
                    organisation: random.identifier(), seen: random.seenBoth(), message: random.identifier(),
                    manifest: random.digest(), device: random.identifier(), action: action, reason: reason,
                    capsule: action == .delivered ? .agrees : nil, filed: action == .filed ? random.digest() : nil,
                    at: random.time(), number: 1, previous: nil,
                    steps: random.digest())
                let parsed = try? Receipt(parsing: receipt.text)
                #expect((parsed != nil) == ReceiptReason.permitted(for: action).contains(reason))
            }
        }
    }

    @Test func onlyDeliveredReceiptsSpeakOfTheCapsule() {
        var random = RandomStatements("capsule verdicts")
        while true {
            let receipt = random.receipt()
            let text = TextLines(receipt.text)
            let at = text.lines.indices.first { text.key($0) == "at" }!
            guard receipt.action != .delivered else { continue }
            #expect(throws: StatementError.self) { try Receipt(parsing: text.inserting("capsule agrees", at: at)) }
            return
        }
    }

    @Test func aFiledReceiptAndNoOtherSaysUnderWhichID() {
        var random = RandomStatements("filed")
        var met: Set<ReceiptAction> = []
        while met.count < ReceiptAction.allCases.count {
            let receipt = random.receipt()
            guard met.insert(receipt.action).inserted else { continue }
            let text = TextLines(receipt.text)
            let line = text.lines.indices.first { text.key($0) == "filed" }
            #expect((line != nil) == (receipt.action == .filed))
            #expect((receipt.filed != nil) == (receipt.action == .filed))
            if let line {
                #expect(throws: StatementError.self) { try Receipt(parsing: text.removing(at: line)) }
                for value in ["none", "FF", String(repeating: "F", count: 64)] {
                    #expect(throws: StatementError.self) { try Receipt(parsing: text.replacing("filed", with: value)) }
                }
            } else {
                let at = text.lines.indices.first { text.key($0) == "at" }!
                #expect(throws: StatementError.self) {
                    try Receipt(parsing: text.inserting("filed \(random.digest().hex)", at: at))
                }
            }
        }
    }

    @Test func theFirstReceiptAndOnlyTheFirstHasNoPrevious() {
        var random = RandomStatements("numbers")
        let text = TextLines(random.receipt().text)
        func bytes(_ number: String, _ previous: String) -> [UInt8] {
            TextLines(text.replacing("number", with: number)).replacing("previous", with: previous)
        }
        let hash = random.digest().hex
        #expect(throws: Never.self) { try Receipt(parsing: bytes("1", "none")) }
        #expect(throws: Never.self) { try Receipt(parsing: bytes("2", hash)) }
        for (number, previous) in [("1", hash), ("2", "none"), ("0", "none"), ("0", hash)] {
            #expect(throws: StatementError.self) { try Receipt(parsing: bytes(number, previous)) }
        }
    }

    @Test func nobodyHasSeenAnEmptyLog() {
        var random = RandomStatements("seen")
        let text = TextLines(random.member().text)
        let fields = text.value("seen").split(separator: " ")
        for value in [
            "roster 0 \(fields[2]) \(fields[3])", "activity \(fields[1]) \(fields[2]) \(fields[3])",
            "roster \(fields[1]) \(fields[2])", "roster \(fields[1]) \(fields[2]) AAAA",
        ] {
            #expect(throws: StatementError.self) { try MemberStatement(parsing: text.replacing("seen", with: value)) }
        }
    }

    @Test func aManifestExpiresAfterItWasSentAndListsDevicesInOrder() {
        var random = RandomStatements("manifest order")
        let manifest = random.manifest(recipients: 3)
        let text = TextLines(manifest.text)
        #expect(throws: StatementError(.malformed, part: "expires")) {
            try Manifest(parsing: text.replacing("expires", with: manifest.at.description))
        }
        // The same device at two steps.
        let first = manifest.recipients[0]
        let again = "to \(first.device) 9 0 \(first.prekey) \(first.sealedKeyHash)"
        let last = text.lines.indices.last { text.key($0) == "to" }!
        #expect(throws: StatementError(.malformed, part: "to")) {
            try Manifest(parsing: text.inserting(again, at: last + 1))
        }
        #expect(throws: StatementError.self) {
            try Manifest(parsing: text.inserting("in-reply-to \(manifest.message)", at: last + 1))
        }
    }

    @Test func errorsNameThePlaceAndNeverTheContent() throws {
        var random = RandomStatements("errors")
        let text = TextLines(random.revoke().text)
        let error = try #require(throws: StatementError.self) {
            try RevokeStatement(parsing: text.replacing("reason", with: " S3CRET"))
        }
        #expect(error.description == "malformed: reason at line 6")
        #expect(error.line == 6)
        #expect(!"\(error)".contains("S3CRET"))
    }
}
