import FuzzSupport
import Secrets
import Statements
import Testing

@Suite struct RoundTripTests {
    @Test(arguments: StatementCase.all) func whatIsWrittenIsReadBack(_ statement: StatementCase) throws {
        var random = RandomStatements("round trip of \(statement.name)")
        var texts: Set<[UInt8]> = []
        for _ in 0..<60 {
            let (text, written, read) = try statement.roundTrip(&random)
            #expect(written == read)
            #expect(text.last == UInt8(ascii: "\n"))
            texts.insert(text)
        }
        #expect(texts.count == 60)
    }

    @Test func theLargestManifestIsReadBack() throws {
        var random = RandomStatements("largest manifest")
        let manifest = random.manifest(recipients: Manifest.maximumRecipients)
        let parsed = try Manifest(parsing: manifest.text)
        #expect(parsed.recipients == manifest.recipients)
        #expect(parsed.text == manifest.text)
        let tooMany = random.manifest(recipients: Manifest.maximumRecipients + 1)
        #expect(throws: StatementError(.malformed, part: "to")) { try Manifest(parsing: tooMany.text) }
        #expect(throws: StatementError(.malformed, part: "to")) {
            try Manifest(parsing: random.manifest(recipients: 0).text)
        }
    }

    @Test func alertsAreReadBack() throws {
        var random = RandomStatements("alerts")
        for _ in 0..<60 {
            let alert = random.alert()
            let signature = random.generator.bytes(64)
            let plaintext = alert.plaintext(signature: signature)
            let parsed = try AlertText.parse(
                plaintext, organisation: alert.organisation, message: alert.message, binding: alert.binding)
            #expect(parsed.signature == signature)
            #expect(parsed.alert.signedText == alert.signedText)
            #expect(parsed.alert.text == alert.text)
            // What the sender signs says which message it is about; the sealed plaintext does not repeat it.
            let moved = try AlertText.parse(
                plaintext, organisation: alert.organisation, message: random.identifier(), binding: alert.binding)
            #expect(moved.alert.signedText != alert.signedText)
        }
    }

    @Test func entriesAreReadBack() throws {
        var random = RandomStatements("entries")
        for _ in 0..<60 {
            let entry = Entry(time: random.time(), body: random.generator.bytes(1 + random.generator.below(300)))
            #expect(try Entry(parsing: entry.bytes) == entry)
            #expect(entry.leafHash == Digest.sha256([0] + entry.bytes))
        }
    }

    @Test func rosterStatementsAreToldApartByTheirFirstLine() throws {
        var random = RandomStatements("roster statements")
        let genesis = random.genesis()
        guard case .genesis(let parsed) = try RosterStatement(parsing: genesis.text) else {
            Issue.record("not a genesis")
            return
        }
        #expect(parsed.organisation == genesis.organisation)
        #expect(parsed.organisation == OrganisationID(genesisText: genesis.text))
        let member = try RosterStatement(parsing: random.member().text)
        let invitation = try RosterStatement(parsing: random.invitation().text)
        let enrol = try RosterStatement(parsing: random.enrol().text)
        let revoke = try RosterStatement(parsing: random.revoke().text)
        let admins = try RosterStatement(parsing: random.admins().text)
        for statement in [member, invitation, enrol, revoke, admins] {
            #expect(statement.seen != nil)
            #expect(statement.at.milliseconds >= 0)
        }
        #expect(try RosterStatement(parsing: genesis.text).seen == nil)
        #expect(try RosterStatement(parsing: genesis.text).at == genesis.at)
    }

    @Test func activityStatementsAreToldApartByTheirFirstLine() throws {
        var random = RandomStatements("activity statements")
        let key = SigningKey(seed: SecretBytes(copying: random.generator.bytes(32)))
        let manifest = random.manifest()
        let note = SignedNote(text: manifest.text, signedBy: key, as: "dev-a")
        #expect(try ActivityStatement(parsing: note.bytes).message == manifest.message)
        let receipt = random.receipt()
        let receiptNote = SignedNote(text: receipt.text, signedBy: key, as: "dev-a")
        #expect(try ActivityStatement(parsing: receiptNote.bytes).message == receipt.message)
        let event = random.event()
        #expect(try ActivityStatement(parsing: event.text).message == event.message)
        let access = random.access()
        let accessNote = SignedNote(text: access.text, signedBy: key, as: "dev-a")
        #expect(try ActivityStatement(parsing: accessNote.bytes).message == nil, "it is about whoever looked")
        // An event is unsigned, everything else is a note.
        #expect(throws: StatementError.self) {
            try ActivityStatement(parsing: SignedNote(text: event.text, signedBy: key, as: "dev-a").bytes)
        }
        #expect(throws: StatementError.self) { try ActivityStatement(parsing: manifest.text) }
    }

    /// What a statement says of its device and its message is what stands in the lines of its text.
    @Test func devicesAndMessagesAreThoseOfTheText() {
        var random = RandomStatements("devices and messages")
        func values(_ text: [UInt8], _ key: String) -> [String] {
            String(decoding: text, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix(key + " ") }
                .map { String($0.dropFirst(key.count + 1)) }
        }
        for _ in 0..<200 {
            let event = random.event()
            #expect([event.device?.description].compactMap(\.self) == values(event.text, "device"))
            #expect([event.message?.description].compactMap(\.self) == values(event.text, "message"))
            let access = random.access()
            #expect([access.device?.description ?? "recovery"] == values(access.text, "signer"))
            let subject = access.message.map { ["message \($0)"] } ?? []
            #expect(subject == values(access.text, "subject").filter { $0.hasPrefix("message ") })
        }
    }
}
