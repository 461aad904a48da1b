import Foundation
import NIOCore
import Statements
import Synchronization
import SystemPackage
import Testing

@testable import RelayService

#if canImport(Glibc)
    import Glibc
#endif

@Suite(.timeLimit(.minutes(40))) struct AdminSocketTests {
    let directory: TemporaryDirectory
    var path: FilePath { directory("admin.sock") }

    init() throws { directory = try TemporaryDirectory() }

    /// Runs a socket with a handler around `body`.
    private func serving<Result: Sendable>(
        readTimeout: TimeAmount = .seconds(120), _ handler: @escaping @Sendable (AdminRequest) async -> AdminResponse,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let (running, isRunning) = AsyncStream<Void>.makeStream()
        let socket = AdminSocket(
            path: path, logger: silent, readTimeout: readTimeout, owner: geteuid(), onRunning: { isRunning.finish() },
            handler: handler)
        return try await whileRunning(socket) {
            for await _ in running {}
            return try await body()
        }
    }

    private static func ask(_ request: AdminRequest, _ path: FilePath) async throws -> AdminResponse {
        try await AdminClient.ask(request, at: path, timeout: .seconds(120))
    }

    private static let report = CheckReport(
        organisations: 2, entries: 77, attachments: 5,
        problems: [.init(code: "root_differs", message: "line one\nline two é")])

    @Test func theHandlersAnswerReachesTheCommand() async throws {
        let code = FoundingCode()
        let expires = Timestamp(milliseconds: 1_795_403_229_250)
        let path = path
        try await serving { request in
            switch request {
            case .foundingCode: .foundingCode(IssuedFoundingCode(code: code, expires: expires))
            case .check: .check(Self.report)
            case .checkAll: .refused(OperationsError(.fileUnusable, "all", next: "none"))
            }
        } _: {
            #expect(try permissions(of: path) == 0o600)
            guard case .foundingCode(let issued) = try await Self.ask(.foundingCode, path) else {
                Issue.record("another answer")
                return
            }
            #expect(issued.code.bytes == code.bytes)
            #expect(issued.expires == expires)
            guard case .check(let report) = try await Self.ask(.check, path) else {
                Issue.record("another answer")
                return
            }
            #expect(report == Self.report)
            let refused = await #expect(throws: OperationsError.self) { try await Self.ask(.checkAll, path) }
            #expect(refused?.message == "all")
        }
        #expect(!DataDirectory.exists(path))
    }

    @Test func theRelaysRefusalIsTheCommandsError() async throws {
        let path = path
        let error = try await serving { _ in
            .refused(OperationsError(.tooManyFoundingCodes, "too many", next: "wait"))
        } _: {
            await #expect(throws: OperationsError.self) { try await Self.ask(.foundingCode, path) }
        }
        #expect(error?.code == .tooManyFoundingCodes)
        #expect(error?.message == "too many")
        #expect(error?.next == "wait")
    }

    @Test func withoutARelayTheCommandSaysSo() async throws {
        let path = path
        #expect(await code { try await Self.ask(.check, path) } == .relayNotRunning)
        // What a crashed relay left: a socket at which nobody listens.
        try await serving { _ in
            .check(Self.report)
        } _: {
            let linked = unsafe link(path.string, path.string + ".left")
            #expect(linked == 0)
        }
        let renamed = unsafe rename(path.string + ".left", path.string)
        #expect(renamed == 0)
        #expect(await code { try await Self.ask(.check, path) } == .relayNotRunning)
        try await serving { _ in
            .check(Self.report)
        } _: {
            _ = try await Self.ask(.check, path)
        }
    }

    @Test(arguments: ["{\"request\":\"shutdown\"}\n", "check\n", "\n", "{\"request\":1}\n", "{}\n", "\u{0}\n"])
    func unknownRequestsAreRefusedAndNotHandled(line: String) async throws {
        let handled = Mutex(false)
        let path = path
        let answer = try await serving { _ in
            handled.withLock { $0 = true }
            return .check(Self.report)
        } _: {
            try await Self.exchange(Array(line.utf8), path)
        }
        guard case .refused(let error) = AdminResponse(parsing: answer.dropLast()) else {
            Issue.record("another answer")
            return
        }
        #expect(error.code == .adminRefused)
        #expect(!handled.withLock { $0 })
    }

    @Test func aRequestThatIsTooLongGetsNoAnswer() async throws {
        let path = path
        let long = [UInt8](repeating: 0x20, count: AdminSocket.maximumRequestByteCount + 1)
        let answers = try await serving { _ in
            .check(Self.report)
        } _: {
            [
                try await Self.exchange(long, path),
                try await Self.exchange(long + AdminRequest.check.line, path),
                try await Self.exchange(long.dropLast(64) + AdminRequest.check.line, path),
            ]
        }
        #expect(answers[0].isEmpty)
        #expect(answers[1].isEmpty)
        #expect(!answers[2].isEmpty)
    }

    @Test func aSilentConnectionIsClosed() async throws {
        let path = path
        let answer = try await serving(readTimeout: .milliseconds(20)) { _ in
            .check(Self.report)
        } _: {
            try await Self.exchange(Array("{\"requ".utf8), path)
        }
        #expect(answer.isEmpty)
    }

    @Test func theKernelNamesTheOtherSideAndOnlyOwnerAndRootPass() async throws {
        let path = path
        let user = try await serving { _ in
            .check(Self.report)
        } _: {
            let connection = try await AdminClient.connect(path)
            return try await connection.executeThenClose { _, _ in
                try await AdminSocket.peerUser(of: connection.channel)
            }
        }
        #expect(user == geteuid())
        #expect(AdminSocket.permits(1000, owner: 1000))
        #expect(AdminSocket.permits(0, owner: 1000))
        #expect(!AdminSocket.permits(1001, owner: 1000))
        #expect(!AdminSocket.permits(.max, owner: 1000))
        #expect(!AdminSocket.permits(nil, owner: 1000))
    }

    @Test func aStopWhileCommandsArriveIsClean() async throws {
        let path = path
        let commands = try await serving { _ in
            .check(Self.report)
        } _: {
            try await Self.exchange(AdminRequest.check.line, path)
        }
        #expect(!commands.isEmpty)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    // Some are answered, some find nobody, some are cut off; none ends the process.
                    _ = try? await AdminClient.ask(.check, at: path, timeout: .seconds(5))
                }
            }
            try await serving { _ in
                .check(Self.report)
            } _: {
            }
            try await group.waitForAll()
        }
    }

    @Test func moreConnectionsThanItServesAreClosed() async throws {
        let path = path
        let (arrivals, arrived) = AsyncStream<Void>.makeStream()
        let (gate, opened) = AsyncStream<Void>.makeStream()
        let answers = try await serving { _ in
            arrived.yield()
            for await _ in gate {}
            return .check(Self.report)
        } _: {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<AdminSocket.maximumConnections {
                    group.addTask { try await !Self.exchange(AdminRequest.check.line, path).isEmpty }
                }
                var iterator = arrivals.makeAsyncIterator()
                for _ in 0..<AdminSocket.maximumConnections { await iterator.next() }
                #expect(try await Self.exchange(AdminRequest.check.line, path).isEmpty)
                opened.finish()
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(answers == [Bool](repeating: true, count: AdminSocket.maximumConnections))
    }

    @Test func aPathThatNoSocketCanHaveIsRefused() async throws {
        let long = directory(String(repeating: "d", count: 120))
        let error = try await #require(throws: OperationsError.self) { try await Self.ask(.check, long) }
        #expect(error.message.contains("107"))
        let socket = AdminSocket(path: long, logger: silent) { _ in .check(Self.report) }
        #expect(await code { try await whileRunning(socket) {} } == .fileUnusable)
    }

    @Test func codesAreNotPrintedWithTheAnswer() {
        let issued = IssuedFoundingCode(code: FoundingCode(), expires: Timestamp(milliseconds: 0))
        var dumped = ""
        dump(AdminResponse.foundingCode(issued), to: &dumped)
        for text in ["\(AdminResponse.foundingCode(issued))", String(reflecting: issued), dumped] {
            #expect(!text.contains(issued.code.exposed()))
            #expect(!text.contains("\(issued.code.bytes)"))
        }
    }

    /// Sends bytes as they are and reads until the relay closes.
    private static func exchange(_ bytes: [UInt8], _ path: FilePath) async throws -> [UInt8] {
        let connection = try await AdminClient.connect(path)
        return try await connection.executeThenClose { inbound, outbound in
            // The relay may close before it has read everything.
            try? await outbound.write(ByteBuffer(bytes: bytes))
            var answer: [UInt8] = []
            do {
                for try await part in inbound { answer += Array(part.readableBytesView) }
            } catch is IOError {}
            return answer
        }
    }
}
