import Foundation
import Processes
import Synchronization
import Testing

@testable import DeviceKit
@testable import TerminalClient

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A folder of mode 0700 in which pages are handed over, that goes when the test is over.
final class PageFolder {
    let path: String
    var socket: String { path + "/pages" }

    init(mode: Int = 0o700) throws {
        path = FileManager.default.temporaryDirectory.path + "/nightbell-pages-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Connects as a distributor does.
    func writer() throws -> PageWriter {
        PageWriter(try #require(UnixSocket.connect(in: path, name: "pages", patienceSeconds: 600)))
    }
}

/// Whoever writes to the socket.
final class PageWriter {
    private let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    @discardableResult
    func write(_ bytes: [UInt8]) -> Bool {
        unsafe send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Waits until the other end is closed, for 10 min.
    var isCutOff: Bool {
        var byte: UInt8 = 0
        let count = unsafe recv(descriptor, &byte, 1, 0)
        return count == 0 || (count < 0 && errno == ECONNRESET)
    }
}

/// What an intake was heard to say.
final class HeardNews: Sendable {
    private let news = Mutex<[PageIntake.News]>([])

    var all: [PageIntake.News] { news.withLock { $0 } }
    var frames: Int { all.count { if case .frame = $0 { true } else { false } } }
    var refusals: [String] { all.compactMap { if case .refused(let why) = $0 { why } else { nil } } }

    func add(_ item: PageIntake.News) { news.withLock { $0.append(item) } }

    /// Looks until it is so, for 10 min.
    func wait(_ condition: (HeardNews) -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(600)
        while ContinuousClock.now < deadline {
            if condition(self) { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return condition(self)
    }
}
