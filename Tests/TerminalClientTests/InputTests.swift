import DeviceKit
import Foundation
import Synchronization
import Testing

@testable import TerminalClient

#if canImport(Glibc)
    import Glibc
#endif

/// What a person types for `-`.
@Suite final class InputTests: Sendable {
    private let master: Int32
    private let terminal: Int32
    private let said = Mutex("")

    init() throws {
        var ends: (Int32, Int32) = (-1, -1)
        try #require(unsafe openpty(&ends.0, &ends.1, nil, nil, nil) == 0)
        (master, terminal) = ends
    }

    deinit {
        close(master)
        close(terminal)
    }

    private func console(json: Bool = false) -> Console {
        Console(isJSON: json, isVerbose: false, hasColour: false) { [self] text, isError in
            said.withLock { $0 += isError ? text : "out: \(text)" }
        }
    }

    private func type(_ text: String) {
        let bytes = Array(text.utf8)
        unsafe bytes.withUnsafeBytes { unsafe _ = write(master, $0.baseAddress!, $0.count) }
    }

    /// What is typed behind it would be taken too by whoever waits for a second end.
    @Test func aTerminalIsAskedAndOneEndIsEnough() throws {
        type("It is the left\nleg.\n\u{4}and more\n\u{4}")
        #expect(try Input.words("-", console(), input: terminal) == "It is the left\nleg.")
        #expect(said.withLock { $0 } == "Type the text; Ctrl-D on an empty line ends it.\n")
        #expect(try Input.words("-", option: "disposition", console(), input: terminal) == "and more")
    }

    @Test func whoIsAskedForSomethingElseThanATextIsToldWhat() throws {
        type("MRN 4711\n\u{4}")
        #expect(try Input.words("-", what: "the patient's identifier", console(), input: terminal) == "MRN 4711")
        #expect(said.withLock { $0 } == "Type the patient's identifier; Ctrl-D on an empty line ends it.\n")
    }

    @Test func scriptsAreNotTalkedTo() throws {
        type("words\n\u{4}")
        #expect(try Input.words("-", console(json: true), input: terminal) == "words")
        var ends: [Int32] = [-1, -1]
        try #require(unsafe pipe(&ends) == 0)
        defer { close(ends[0]) }
        _ = unsafe write(ends[1], "from a pipe", 11)
        close(ends[1])
        #expect(try Input.words("-", console(), input: ends[0]) == "from a pipe")
        #expect(said.withLock { $0 }.isEmpty)
    }

    @Test func whatCannotBeReadToItsEndIsNotHalfAText() throws {
        // Nothing can be read of what is open for writing alone.
        let closed = unsafe open("/dev/null", O_WRONLY)
        defer { close(closed) }
        let error = #expect(throws: DeviceKitError.self) { try Input.words("-", console(), input: closed) }
        #expect(error?.code == "file_unreadable")
    }

    @Test func aMissingRightIsNamed() {
        let error = Input.refused(.forbidden, "the evidence", "\"a.tar\"")
        #expect(error.message == "the evidence cannot be read from \"a.tar\": you have no right to read it")
        #expect(error.code == "file_unreadable" && error.category == .refused)
        #expect(Input.refused(.unopenable, "the evidence", "\"a.tar\"").next == "check the path")
    }

    @Test(.timeLimit(.minutes(40))) func aPipeIntoWhichNobodyWritesIsRefused() throws {
        let path = FileManager.default.temporaryDirectory.path + "/pipe-\(UUID().uuidString)"
        try #require(unsafe mkfifo(path, 0o600) == 0)
        defer { _ = unsafe unlink(path) }
        let error = #expect(throws: DeviceKitError.self) { _ = try Input.read(path, what: "the call record") }
        #expect(
            error?.message == "the call record cannot be read from \"\(path)\": it is a pipe, and nobody writes into it"
        )
        var ends: [Int32] = [-1, -1]
        try #require(unsafe pipe(&ends) == 0)
        defer { close(ends[0]) }
        _ = unsafe write(ends[1], "from a pipe", 11)
        close(ends[1])
        #expect(try Input.read("/dev/fd/\(ends[0])", what: "the call record") == Array("from a pipe".utf8))
    }
}
