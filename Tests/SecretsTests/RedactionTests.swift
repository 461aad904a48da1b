import Foundation
import FuzzSupport
import Secrets
import Testing

/// Secret types show nothing, however they are printed. Those that hold keys are not copyable: `print`, `dump`,
/// interpolation and `String(describing:)` of them do not compile, which a test at run time cannot show; what it can
/// show is that they are declared so and conform to nothing that would let them be encoded or described.
@Suite struct RedactionTests {
    private static let marker = "top-secret-4711"

    @Test func redactedValuesShowNothing() {
        let secret = Redacted(Self.marker)
        var dumped = ""
        dump(secret, to: &dumped)
        var printed = ""
        print(secret, to: &printed)
        var debugPrinted = ""
        debugPrint(secret, [secret], ["key": secret], Optional(secret) as Any, (1, secret), to: &debugPrinted)
        var dumpedInside = ""
        dump(["list": [secret]], to: &dumpedInside)
        let shown = [
            "\(secret)", String(describing: secret), String(reflecting: secret), secret.description,
            secret.debugDescription, dumped, printed, debugPrinted, dumpedInside, "\([secret])",
            "\(Optional(secret) as Any)", String(format: "%@", "\(secret)"),
        ]
        for text in shown {
            #expect(!text.contains(Self.marker))
            #expect(text.contains("<redacted>"))
        }
        #expect(Mirror(reflecting: secret).children.isEmpty)
        #expect(secret.expose() == Self.marker)
    }

    @Test func redactedValuesCannotBeEncoded() {
        #expect(!(Redacted("x") as Any is any Encodable))
        #expect(!(Redacted("x") as Any is any Decodable))
    }

    @Test func errorsShowTheFileAndNeverMore() {
        #expect(SecretsError(.keyFileTooOpen, path: "/k").description == #"key_file_too_open: "/k""#)
        #expect(SecretsError(.doesNotOpen).description == "does_not_open")
        #expect(SecretsError(.doesNotOpen) == SecretsError(.doesNotOpen, path: "other"))
        #expect(SecretsError(.doesNotOpen) != SecretsError(.badPadding))
        // Nothing but the code and a path is kept.
        #expect(Mirror(reflecting: SecretsError(.doesNotOpen)).children.compactMap(\.label) == ["code", "path"])
    }

    /// Every type that holds secret bytes, and its file.
    static let secretTypes = [
        ("SecretBytes", "Secrets/SecretBytes.swift"), ("SigningKey", "Secrets/Ed25519.swift"),
        ("X25519PrivateKey", "Secrets/KeyEncapsulation.swift"),
        ("InvitationText", "Statements/Identifiers/Invitation.swift"),
        ("EncapsulationPrivateKey", "Sealing/EncapsulationPrivateKey.swift"),
        ("RecoveryKey", "Sealing/EncapsulationPrivateKey.swift"), ("MessageKey", "Sealing/MessageKey.swift"),
        ("CapsuleKey", "Sealing/MessageKey.swift"), ("LogSigner", "TransparencyLog/Checkpoint.swift"),
    ]

    @Test(arguments: secretTypes) func keyTypesCannotBeCopiedNorConformToAnythingThatShowsThem(
        _ type: String, _ file: String
    ) throws {
        let source = try String(contentsOf: Self.sources.appendingPathComponent(file), encoding: .utf8)
        let declaration = try #require(source.split(separator: "\n").first { $0.contains("struct \(type):") })
        let conformances = declaration.split(separator: ":")[1].split(separator: "{")[0].split(separator: ",")
            .map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(conformances.contains("~Copyable"))
        #expect(conformances.allSatisfy { ["~Copyable", "Sendable", "@unchecked Sendable"].contains($0) })
    }

    @Test func noExtensionLetsAKeyTypeBePrintedOrEncoded() throws {
        let names = Self.secretTypes.map(\.0).joined(separator: "|")
        let pattern = try Regex("extension (\(names))[^{\n]*:[^{\n]*(Convertible|Codable|Encodable|Reflectable)")
        var seen = 0
        for case let file as URL in try #require(
            FileManager.default.enumerator(at: Self.sources, includingPropertiesForKeys: nil))
        where file.pathExtension == "swift" {
            let source = try String(contentsOf: file, encoding: .utf8)
            #expect(source.firstMatch(of: pattern) == nil, "\(file.lastPathComponent)")
            seen += 1
        }
        #expect(seen > 20)
    }

    private static let sources = Vectors.directory.deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources", isDirectory: true)
}
