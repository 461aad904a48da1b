import FuzzSupport
import Secrets
import Statements
import Testing

/// Every parser of this layer, over its corpus and mutations of it.
@Suite struct StatementFuzzTests {
    @Test(arguments: StatementCase.all) func statements(_ statement: StatementCase) throws {
        let report = try Fuzzer(parser: statement.name).run { try? statement.rewrite($0) }
        #expect(report.findings.isEmpty)
    }

    @Test func notes() throws {
        let report = try Fuzzer(parser: "note").run { try? SignedNote(parsing: $0).bytes }
        #expect(report.findings.isEmpty)
    }

    @Test func activityStatements() throws {
        let report = try Fuzzer(parser: "activity-statement").run { bytes in
            switch try? ActivityStatement(parsing: bytes) {
            case .manifest(let manifest, let note): SignedNote(text: manifest.text, signatures: note.signatures).bytes
            case .receipt(let receipt, let note): SignedNote(text: receipt.text, signatures: note.signatures).bytes
            case .access(let access, let note): SignedNote(text: access.text, signatures: note.signatures).bytes
            case .event(let event): event.text
            case nil: nil
            }
        }
        #expect(report.findings.isEmpty)
    }

    @Test func rosterStatements() throws {
        for parser in ["genesis", "member", "admins"] {
            let report = try Fuzzer(parser: parser, cost: 3).run { bytes in
                guard let statement = try? RosterStatement(parsing: bytes) else { return nil }
                return switch statement {
                case .genesis(let statement): statement.text
                case .member(let statement): statement.text
                case .invitation(let statement): statement.text
                case .enrol(let statement): statement.text
                case .revoke(let statement): statement.text
                case .admins(let statement): statement.text
                }
            }
            #expect(report.findings.isEmpty)
        }
    }

    @Test func entries() throws {
        let report = try Fuzzer(parser: "entry").run { try? Entry(parsing: $0).bytes }
        #expect(report.findings.isEmpty)
    }

    @Test func alertPlaintexts() throws {
        let organisation = OrganisationID(bytes: Array(0..<20))
        let message = MessageID(bytes: Array(0..<16))
        let report = try Fuzzer(parser: "alert").run { bytes in
            let parsed = try? AlertText.parse(bytes, organisation: organisation, message: message, binding: .zero)
            return parsed.map { $0.alert.plaintext(signature: $0.signature) }
        }
        #expect(report.findings.isEmpty)
    }

    @Test func invitationTexts() throws {
        let report = try Fuzzer(parser: "invitation-text").run { bytes in
            guard let text = String(validating: bytes, as: UTF8.self),
                let invitation = try? InvitationText(parsing: text)
            else { return nil }
            let written = Array(invitation.exposed().utf8)
            // Capitals, and nothing else, are read as small letters.
            let lowered = bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
            return written == lowered ? bytes : written
        }
        #expect(report.findings.isEmpty)
    }

    @Test func verifierKeys() throws {
        let report = try Fuzzer(parser: "vkey").run { bytes in
            String(validating: bytes, as: UTF8.self).flatMap(NoteKey.init(vkey:)).map { Array($0.vkey.utf8) }
        }
        #expect(report.findings.isEmpty)
    }

    @Test func values() throws {
        let times = try Fuzzer(parser: "timestamp").run { Timestamp($0).map { Array($0.description.utf8) } }
        #expect(times.findings.isEmpty)
        let texts = try Fuzzer(parser: "text-value").run { TextValue($0)?.bytes }
        #expect(texts.findings.isEmpty)
        let addresses = try Fuzzer(parser: "relay-address").run { bytes in
            String(validating: bytes, as: UTF8.self).flatMap { InvitationText.isRelayAddress($0) ? bytes : nil }
        }
        #expect(addresses.findings.isEmpty)
    }
}
