public import Foundation
public import NIOSSL
public import PushDelivery
import Synchronization

/// A push service in a process of its own, spoken to over TLS, that gives the answers it is told to (`Peers/push_service.py`).
public final class PushServicePeer: Sendable {
    /// What it answers to the next request; to every one whose path begins with `path` where there is one, until told otherwise.
    public struct Answer: Encodable, Sendable {
        public var path: String?
        /// With a path: it is given so often, and then again what stood there before.
        public var times: Int?
        public var status: Int
        public var headers: [String: String]
        public var body: String
        /// Seconds.
        public var delay: Double
        /// `whole`, `cut`, `half`, `hang`, `drip`, `huge` or `goaway`.
        public var how: String

        public init(
            path: String? = nil, times: Int? = nil, status: Int = 201, headers: [String: String] = [:],
            body: String = "", delay: Double = 0, how: String = "whole"
        ) {
            self.path = path
            self.times = times
            self.status = status
            self.headers = headers
            self.body = body
            self.delay = delay
            self.how = how
        }
    }

    /// What it was asked.
    public struct Request: Decodable, Sendable {
        public let method: String
        public let path: String
        /// Names in lower case.
        public let headers: [String: String]
        public let body: Data
        /// Which connection it came over, from 1.
        public let connection: Int
        /// 1 or 2.
        public let http: Int
        /// When it came there, in seconds of a clock that only goes forward.
        public let at: Double
    }

    /// It, or what it is to be told, is not there.
    public struct Ended: Error {}

    private struct Start: Decodable {
        let port: Int
    }

    public let port: Int
    /// Where its authority's certificate lies.
    public let authority: String
    private let process: Process
    private let input: FileHandle
    private let lines: LineQueue
    /// A fresh RSA key in PEM, for who speaks to it as a service account.
    public let accountKey: String
    /// A fresh P-256 key as PKCS #8 in PEM, for who speaks to it as an app's provider.
    public let appleKey: String
    private let folder: URL

    public init() async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "nightbell-push-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        let program = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Peers/push_service.py")
        process.arguments = ["-u", program.path, folder.path]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        self.input = input.fileHandleForWriting
        lines = LineQueue(of: output.fileHandleForReading)
        try process.run()
        guard let start = await lines.next() else { throw Ended() }
        port = try JSONDecoder().decode(Start.self, from: start).port
        authority = folder.appending(path: "ca.pem").path
        appleKey = try String(contentsOf: folder.appending(path: "apple.p8"), encoding: .utf8)
        accountKey = try String(contentsOf: folder.appending(path: "rsa.pem"), encoding: .utf8)
    }

    /// It ends: whoever waits for a request is told.
    public func close() { try? input.close() }

    deinit {
        // It ends with its input.
        close()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    public var roots: NIOSSLTrustRoots { .file(authority) }

    public var origin: String { "https://localhost:\(port)" }

    public func answer(_ answer: Answer) throws {
        try input.write(contentsOf: try JSONEncoder().encode(answer) + Data("\n".utf8))
    }

    /// The next request that came.
    /// - Parameter seconds: How long it is waited for at the most; `nil` for as long as the service is there.
    public func request(within seconds: Double? = 600) async throws -> Request {
        guard let line = await lines.next(within: seconds) else { throw Ended() }
        return try JSONDecoder().decode(Request.self, from: line)
    }
}

/// The lines that another process writes, one after the other.
private final class LineQueue: Sendable {
    private struct State {
        var lines: [Data] = []
        var hasEnded = false
        var waiting: [(number: UInt64, continuation: CheckedContinuation<Data?, Never>)] = []
        var next: UInt64 = 0
    }

    private let state = Mutex(State())

    init(of handle: FileHandle) {
        let thread = Thread { [self] in
            var rest = Data()
            // `availableData` ends the process when a signal interrupts it.
            while let part = Self.part(of: handle), !part.isEmpty {
                rest += part
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    add(Data(rest[..<end]))
                    rest = Data(rest[(end + 1)...])
                }
            }
            end()
        }
        thread.start()
    }

    private static func part(of handle: FileHandle) -> Data? {
        while true {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe read(handle.fileDescriptor, &buffer, buffer.count)
            if count >= 0 { return Data(buffer.prefix(count)) }
            guard errno == EINTR else { return nil }
        }
    }

    /// - Returns: `nil` when there will be none, or none came in time.
    func next(within seconds: Double? = nil) async -> Data? {
        await withCheckedContinuation { continuation in
            let (line, number): (Data??, UInt64) = state.withLock { state in
                if !state.lines.isEmpty { return (.some(state.lines.removeFirst()), 0) }
                if state.hasEnded { return (.some(nil), 0) }
                state.next += 1
                state.waiting.append((state.next, continuation))
                return (.none, state.next)
            }
            if let line { return continuation.resume(returning: line) }
            guard let seconds else { return }
            DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { self.giveUp(number) }
        }
    }

    private func giveUp(_ number: UInt64) {
        let waiting = state.withLock { state -> CheckedContinuation<Data?, Never>? in
            guard let place = state.waiting.firstIndex(where: { $0.number == number }) else { return nil }
            return state.waiting.remove(at: place).continuation
        }
        waiting?.resume(returning: nil)
    }

    private func add(_ line: Data) {
        let waiting = state.withLock { state -> CheckedContinuation<Data?, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst().continuation }
            state.lines.append(line)
            return nil
        }
        waiting?.resume(returning: line)
    }

    private func end() {
        let waiting = state.withLock { state in
            state.hasEnded = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for (_, continuation) in waiting { continuation.resume(returning: nil) }
    }
}

extension PushPage {
    /// A page of the size of all pages.
    public static func sample(isUrgent: Bool = true, lifetime: Int = 300) -> PushPage {
        PushPage(
            body: (0..<2_048).map { UInt8(truncatingIfNeeded: $0) }, isUrgent: isUrgent, lifetime: lifetime,
            tag: String(repeating: "T", count: 32))
    }
}
