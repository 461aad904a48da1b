import Foundation
import Testing

@testable import TerminalClient

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a service manager is told, on a socket of its kind.
@Suite struct ServiceManagerTests {
    /// A datagram socket that a service manager would have.
    private func socket(_ name: String) -> Int32 {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in
            unsafe path.copyBytes(from: Array(name.utf8))
            if name.hasPrefix("@") { unsafe path[0] = 0 }
        }
        let length = socklen_t(MemoryLayout<sockaddr_un>.offset(of: \.sun_path)! + name.utf8.count)
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, length) }
        }
        #expect(bound == 0)
        return descriptor
    }

    private func next(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe recv(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
        }
        return count < 0 ? "" : String(decoding: bytes[..<count], as: UTF8.self)
    }

    @Test(arguments: [false, true]) func isToldOnTheSocketThatItNamed(isAbstract: Bool) throws {
        let path = FileManager.default.temporaryDirectory.path + "/nb-\(UUID().uuidString.prefix(8))"
        let name = isAbstract ? "@nightbell-\(UUID().uuidString)" : path
        let descriptor = socket(name)
        defer {
            close(descriptor)
            unsafe unlink(path)
        }
        let report = WatchReport(ServiceManager(environment: ["NOTIFY_SOCKET": name]))
        report.started()
        #expect(next(descriptor) == "READY=1\nSTATUS=Opening the link to the relay.")
        report.alive(headAge: 12, ringing: 2)
        #expect(
            next(descriptor)
                == "WATCHDOG=1\nSTATUS=The link is alive; the relay's last signed word is 12 s old; 2 messages ring.")
        report.stale(seconds: 300)
        #expect(next(descriptor).hasPrefix("STATUS=NO SIGNED WORD OF THE RELAY FOR 300 S"))
        report.down(ringing: 0)
        #expect(next(descriptor).contains("THE LINK IS DOWN"))
        report.stopping()
        #expect(next(descriptor) == "STOPPING=1")
    }

    @Test func nobodyIsToldWhereNobodyAsked() {
        let none: [[String: String]] = [
            [:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "relative"],
            ["NOTIFY_SOCKET": "/" + String(repeating: "a", count: 200)],
        ]
        for environment in none {
            #expect(!ServiceManager(environment: environment).isThere)
        }
        // One that is gone stops nothing.
        ServiceManager(environment: ["NOTIFY_SOCKET": "/nonexistent/socket"]).ready("x")
    }

    @Test func aHeartbeatIsDueEveryTenSeconds() {
        var report = WatchReport(ServiceManager(environment: [:]))
        let start = ContinuousClock.now
        let due = [0, 1, 9, 10, 11, 20].map { report.isDue(at: start.advanced(by: .seconds($0))) }
        #expect(due == [true, false, false, true, false, true])
    }
}
