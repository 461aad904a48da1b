import DeviceKit
import Foundation
import PushPeer
import Secrets
import Statements
import Synchronization
import Testing

/// A practice whose relay pushes over every transport, to services in another process that answer as they are told to.
final class PushedPractice: Sendable {
    let practice: Practice
    let service: PushServicePeer
    private let arrived = Mutex<[Arrival]>([])

    struct Arrival: Sendable {
        let request: PushServicePeer.Request
    }

    private init(_ practice: Practice, _ service: PushServicePeer) {
        self.practice = practice
        self.service = service
    }

    /// Founds one, and runs `body` with it.
    static func run(_ body: @escaping @Sendable (PushedPractice) async throws -> Void) async throws {
        let folder = try Programs.temporaryFolder()
        let service = try await PushServicePeer()
        let relay = RelayUnderTest(
            data: folder + "/relay", port: try RelayUnderTest.freePort(), settings: try settings(service, in: folder))
        try await relay.initialise()
        let keys = try await Programs.run(Programs.relay, ["push-keys", "--data", relay.data])
        guard keys.status == 0 else { throw PreparationFailed("push-keys", keys) }
        try await relay.start()
        let pushed = PushedPractice(try await Practice.found(in: folder, at: relay), service)
        for (path, status, text) in [
            ("/", 201, ""), ("/3/", 200, ""), ("/v1/", 200, "{}"),
            ("/token", 200, #"{"access_token":"ya29.first","expires_in":3599}"#),
        ] {
            try service.answer(.init(path: path, status: status, body: text))
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await pushed.collect() }
            // A request that is waited for does not end with its task, but with the service.
            defer { service.close() }
            try await body(pushed)
        }
        try await pushed.practice.remove()
    }

    private static func settings(_ service: PushServicePeer, in folder: String) throws -> [String] {
        func write(_ text: String, to name: String) throws -> String {
            let path = folder + "/" + name
            try Data(text.utf8).write(to: URL(filePath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            return path
        }
        let account = try JSONEncoder().encode([
            "type": "service_account", "project_id": "practice-1", "private_key_id": "abc123",
            "private_key": service.accountKey, "client_email": "relay@practice-1.iam.gserviceaccount.com",
            "token_uri": service.origin + "/token",
        ])
        return [
            "--push-contact", "mailto:ops@practice.example", "--push-hosts", "localhost", "--push-ports",
            "\(service.port)", "--push-authority", service.authority,
            "--push-apns-key", try write(service.appleKey, to: "apple.p8"), "--push-apns-key-id", "KEYID12345",
            "--push-apns-team", "TEAM123456", "--push-apns-topic", "example.nightbell", "--push-apns-service",
            service.origin,
            "--push-fcm-credentials", try write(String(decoding: account, as: UTF8.self), to: "google.json"),
            "--push-fcm-service", service.origin,
        ]
    }

    /// Ends when the service does, or with the test.
    private func collect() async {
        while let request = try? await service.request(within: nil) {
            arrived.withLock { $0.append(Arrival(request: request)) }
        }
    }

    // MARK: What came

    func arrivals(at path: String) -> [Arrival] {
        arrived.withLock { $0.filter { $0.request.path == path } }
    }

    var arrivals: [Arrival] { arrived.withLock { $0 } }

    /// Waits for the request of this number, from 1, at a path.
    @discardableResult
    func arrival(
        _ number: Int, at path: String, seconds: Double = Programs.patienceSeconds
    ) async throws -> Arrival {
        let isThere = try await ProfileProcesses.wait(seconds: seconds) { self.arrivals(at: path).count >= number }
        guard isThere else {
            throw PreparationFailed("request \(number) at \(path); there came \(arrivals.map(\.request.path))")
        }
        return arrivals(at: path)[number - 1]
    }

    // MARK: What is in the log

    /// The states of a message's pages, as an auditor sees them, in the order of the log: outcomes of attempts.
    func outcomes(of message: String) async throws -> [String] {
        let states = try await practice.auditor.json("audit", "message", message)["states"]?.array ?? []
        return states.filter { $0["action"]?.string == "pushed" }.compactMap { $0["reason"]?.string }
    }

    /// Waits until the log has so many attempts of a message's pages.
    func outcomes(of message: String, atLeast count: Int) async throws -> [String] {
        try await outcomes(of: message) { $0.count >= count }
    }

    /// Waits until the log says so of the attempts of a message's pages.
    func outcomes(of message: String, until isSo: ([String]) -> Bool) async throws -> [String] {
        let deadline = ContinuousClock.now + .seconds(Programs.patienceSeconds)
        while true {
            let outcomes = try await outcomes(of: message)
            if isSo(outcomes) { return outcomes }
            guard ContinuousClock.now < deadline else { throw PreparationFailed("attempts in the log: \(outcomes)") }
        }
    }
}
