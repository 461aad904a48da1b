import DeviceKit
import Foundation
import Testing

@testable import TerminalClient

/// What is said of a file that was never evidence.
@Suite struct EvidenceFileTests {
    @Test(
        arguments: [
            ([], "it is empty"), ([0x1F, 0x8B, 8], "it is compressed"),
            (Array("PK\u{3}\u{4}x".utf8), "it is compressed"),
            (Array("a text".utf8), "it does not begin as one does"),
        ] as [([UInt8], String)])
    func theCauseIsNamed(_ bytes: [UInt8], _ cause: String) {
        let error = AuditCheckCommand.noEvidence(bytes, "/nonexistent/a")
        #expect(error.code == "no_evidence" && error.category == .usage)
        #expect(error.message == "\"/nonexistent/a\" is no file of evidence: \(cause)")
    }

    @Test func aFolderIsNoEmptyFile() {
        let folder = FileManager.default.temporaryDirectory.path
        #expect(AuditCheckCommand.noEvidence([], folder).message.hasSuffix("it is a folder"))
    }
}
