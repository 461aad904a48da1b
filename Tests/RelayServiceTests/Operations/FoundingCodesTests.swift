import Foundation
import Secrets
import Statements
import SystemPackage
import Testing

@testable import RelayService

@Suite struct FoundingCodesTests {
    let directory: TemporaryDirectory
    let now = Timestamp(milliseconds: 1_795_403_229_250)
    let genesis = Digest.sha256([1])
    let other = Digest.sha256([2])
    var path: FilePath { directory("founding-codes") }

    init() throws { directory = try TemporaryDirectory() }

    @Test func codesReadBackInWhateverWayPeopleTypeThem() throws {
        let code = FoundingCode()
        let text = code.exposed()
        #expect(text.split(separator: "-").map(\.utf8.count) == [4, 4, 4, 4, 4, 4, 4])
        for typed in [
            text, text.uppercased(), text.replacing("-", with: ""), text.replacing("-", with: " "), " \(text) ",
        ] {
            #expect(FoundingCode(typed)?.bytes == code.bytes)
        }
        #expect(FoundingCode().bytes != code.bytes)
    }

    @Test func mistypedCodesAreNoCodes() throws {
        let text = FoundingCode().exposed()
        let letters = Array(text.utf8)
        var accepted = 0
        for position in letters.indices where letters[position] != UInt8(ascii: "-") {
            var changed = letters
            changed[position] = letters[position] == UInt8(ascii: "a") ? UInt8(ascii: "b") : UInt8(ascii: "a")
            if FoundingCode(String(decoding: changed, as: UTF8.self)) != nil { accepted += 1 }
        }
        // Ten bits of check: one in a thousand passes by chance, four of twenty-eight never.
        #expect(accepted < 4)
        for text in ["", "-", "aaaa", text + "a", String(text.dropLast()), text.replacing("-", with: "_")] {
            #expect(FoundingCode(text) == nil)
        }
    }

    @Test func aCodeIsGoodOnceAndForTheSameGenesisAgain() throws {
        let codes = try FoundingCodes(path)
        let issued = try codes.issue(now: now)
        #expect(issued.expires == now.adding(seconds: 86_400))
        let text = issued.code.exposed()
        #expect(try codes.redeem(text, genesis: genesis, now: now) == .accepted)
        #expect(try codes.redeem(text, genesis: genesis, now: now) == .accepted)
        #expect(try codes.redeem(text, genesis: other, now: now) == .used)
        // Also after its end: the first answer may have been lost for long.
        let late = now.adding(seconds: 3 * 86_400)
        #expect(try codes.redeem(text, genesis: genesis, now: late) == .accepted)
        #expect(try codes.redeem(text, genesis: other, now: late) == .used)
    }

    @Test func aCodeEndsAfterADay() throws {
        let codes = try FoundingCodes(path)
        let text = try codes.issue(now: now).code.exposed()
        #expect(try codes.redeem(text, genesis: genesis, now: now.adding(seconds: 86_400)) == .expired)
        #expect(try codes.redeem(text, genesis: genesis, now: now.adding(seconds: 86_399)) == .accepted)
    }

    @Test func codesThatWereNeverHandedOutAreUnknown() throws {
        let codes = try FoundingCodes(path)
        _ = try codes.issue(now: now)
        #expect(try codes.redeem(FoundingCode().exposed(), genesis: genesis, now: now) == .unknown)
        #expect(try codes.redeem("no code", genesis: genesis, now: now) == .unknown)
    }

    @Test func whatWasConsumedStaysConsumedAfterARestart() throws {
        let first = try FoundingCodes(path)
        let used = try first.issue(now: now).code.exposed()
        let unused = try first.issue(now: now).code.exposed()
        #expect(try first.redeem(used, genesis: genesis, now: now) == .accepted)
        let second = try FoundingCodes(path)
        #expect(try second.redeem(used, genesis: other, now: now) == .used)
        #expect(try second.redeem(used, genesis: genesis, now: now) == .accepted)
        #expect(try second.redeem(unused, genesis: other, now: now) == .accepted)
        #expect(try permissions(of: path) == 0o600)
    }

    @Test func theFileHoldsNoCode() throws {
        let codes = try FoundingCodes(path)
        let code = try codes.issue(now: now).code
        let file = try text(of: path)
        let plain = code.exposed().replacing("-", with: "")
        for form in [plain, Hex.encode(code.bytes), Base64.encode(code.bytes), Digest.sha256(code.bytes).hex] {
            #expect(!file.contains(form))
        }
        #expect("\(code)" == "<redacted>")
    }

    @Test func aCodeThatCannotBeKeptIsNotHandedOutAndNotConsumed() throws {
        let folder = directory("gone")
        try DurableFile.makeDirectory(folder)
        let codes = try FoundingCodes(folder.appending("founding-codes"))
        let text = try codes.issue(now: now).code.exposed()
        try FileManager.default.removeItem(atPath: folder.string)
        #expect(code { try codes.issue(now: now) } == .fileUnusable)
        #expect(code { try codes.redeem(text, genesis: genesis, now: now) } == .fileUnusable)
        try DurableFile.makeDirectory(folder)
        #expect(try codes.redeem(text, genesis: other, now: now) == .accepted)
    }

    @Test func concurrentFoundingsConsumeACodeOnce() async throws {
        let codes = try FoundingCodes(path)
        let text = try codes.issue(now: now).code.exposed()
        let verdicts = try await withThrowingTaskGroup(of: FoundingCodeVerdict.self) { group in
            for index in 0..<16 {
                group.addTask { [now] in
                    try codes.redeem(text, genesis: Digest.sha256([UInt8(index)]), now: now)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(verdicts.filter { $0 == .accepted }.count == 1)
        #expect(verdicts.filter { $0 == .used }.count == 15)
    }

    @Test func theFileIsBoundedAndForgetsWhatIsLongOver() throws {
        let records = (0..<FoundingCodes.maximumCount).map { _ in
            FoundingCodeRecord(code: FoundingCode(), expires: now)
        }
        try DurableFile.replace(path, with: FoundingCodeRecord.text(of: records))
        let codes = try FoundingCodes(path)
        #expect(code { try codes.issue(now: now) } == .tooManyFoundingCodes)
        let later = now.adding(seconds: FoundingCodes.memorySeconds + 1)
        _ = try codes.issue(now: later)
        #expect(try FoundingCodeRecord.parse(Array(try text(of: path).utf8)).count == 1)
    }

    @Test func aDamagedFileIsRefused() throws {
        _ = try FoundingCodes(path).issue(now: now)
        let bytes = Array(try text(of: path).utf8)
        for position in bytes.indices {
            var changed = bytes
            changed[position] ^= 1
            #expect(throws: StatementError.self) { try FoundingCodeRecord.parse(changed) }
            #expect(throws: StatementError.self) { try FoundingCodeRecord.parse(Array(bytes[..<position])) }
        }
        try Data(bytes.dropLast()).write(to: URL(filePath: path.string))
        #expect(code { try FoundingCodes(path) } == .foundingCodesMalformed)
    }
}
