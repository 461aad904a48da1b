import Foundation
import Synchronization
import Testing

/// An independent client of HTTP/2 in a process of its own (`Peers/http2_client.py`, where orders and events are listed).
final class HTTP2Peer: Sendable {
    /// What came.
    struct Event: Decodable, Sendable {
        let `is`: String
        var name: String?
        var alpn: String?
        var status: Int?
        var text: String?
        var code: Int?
        var last: Int?
        var streams: Int?
        var headers: Int?
        var fields: [String: String]?
    }

    /// What it is to do.
    struct Order: Encodable {
        let `do`: String
        var name: String?
        var method: String?
        var path: String?
        var fields: [[String]]?
        /// The whole header list, in place of what makes a request.
        var head: [[String]]?
        var body: String?
        var open: Bool?
        var bytes: Int?
        var end: Bool?
        var count: Int?
    }

    static let program = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Peers/http2_client.py").path

    private let process = Process()
    private let input: FileHandle
    private let seen = Mutex<[Event]>([])

    /// - Parameters:
    ///   - protocols: What it offers by ALPN.
    ///   - window: Bytes that a stream may send before it is read.
    init(port: Int, protocols: [String] = ["h2"], window: Int = 65_535) throws {
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-u", Self.program, "\(port)", protocols.joined(separator: ","), "\(window)"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        self.input = input.fileHandleForWriting
        try process.run()
        let reading = output.fileHandleForReading
        Thread.detachNewThread { [weak self] in
            var rest = Data()
            while let part = Self.part(of: reading), !part.isEmpty {
                rest += part
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    if let event = try? JSONDecoder().decode(Event.self, from: Data(rest[..<end])) {
                        self?.seen.withLock { $0.append(event) }
                    }
                    rest = Data(rest[(end + 1)...])
                }
            }
        }
    }

    /// What has come, and no more: `read(upToCount:)` waits for all of it.
    private static func part(of handle: FileHandle) -> Data? {
        while true {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe read(handle.fileDescriptor, &buffer, buffer.count)
            if count >= 0 { return Data(buffer.prefix(count)) }
            guard errno == EINTR else { return nil }
        }
    }

    deinit {
        // SIGTERM is ignored by whoever is started here, as it is by this process while a service group runs.
        // One that has ended by itself has no number any more.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// All that came.
    var events: [Event] { seen.withLock { $0 } }

    func tell(_ order: Order) throws {
        try input.write(contentsOf: try JSONEncoder().encode(order) + Data("\n".utf8))
    }

    /// Waits for an event of a kind, about a stream where one is named.
    @discardableResult
    func wait(for kind: String, name: String? = nil, where holds: (Event) -> Bool = { _ in true }) async throws -> Event
    {
        var found: Event?
        try await eventually("\(kind) \(name ?? "")") {
            found = events.first { $0.is == kind && (name == nil || $0.name == name) && holds($0) }
            return found != nil
        }
        return try #require(found)
    }

    /// Asks, and gives the whole answer.
    func ask(_ name: String, _ path: String, method: String = "GET", body: String? = nil) async throws
        -> (status: Int, text: String)
    {
        try tell(Order(do: "request", name: name, method: method, path: path, body: body))
        try await wait(for: "end", name: name)
        let head = try await wait(for: "head", name: name)
        return (head.status ?? 0, text(of: name))
    }

    /// Of a body, what has come.
    func text(of name: String) -> String {
        events.filter { $0.is == "data" && $0.name == name }.compactMap(\.text).joined()
    }
}

/// Waits until something holds, for ten minutes at the most: when a run begins, every look may take its turn behind all tests.
func eventually(
    _ what: String, sourceLocation: SourceLocation = #_sourceLocation, holds: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(600)
    while try await !holds() {
        try #require(ContinuousClock.now < deadline, "never: \(what)", sourceLocation: sourceLocation)
        try await Task.sleep(for: .milliseconds(10))
    }
}
