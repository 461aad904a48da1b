import DeviceKit
import DeviceStorage
import Foundation
import Logging
import RelayAPI
import Secrets
import ServiceLifecycle
import Statements
import Testing

/// Who is in the practice of these tests: Ada is its admin, Ina and Ben take calls, Clara (a desk device and a phone) and
/// Omar are clinicians, Vera audits. Each is a device.
enum Who: String, CaseIterable, Sendable {
    case ada, ina, ben, clara, phone, omar, vera

    /// The member's name.
    var member: String { self == .phone ? "Clara" : rawValue.capitalized }

    /// The role that it is invited in; Ada founds.
    var role: String {
        switch self {
        case .ina, .ben: "intake"
        case .vera: "auditor"
        default: "provider"
        }
    }
}

/// A practice whose relay can lie, copied for one test from one that was founded before.
struct LieWorld: Sendable {
    let folder: String
    let practice: LiePractice
    /// What stands at the relay's address.
    let liar: LyingRelay
    /// The real relay behind it.
    let relay: RelayUnderTest

    var keys: LyingRelayKeys { practice.keys }

    /// Runs a test in a world of its own.
    static func run(_ body: @Sendable (LieWorld) async throws -> Void) async throws {
        try await withTaskExecutorPreference(OwnThreads.shared) { try await runHere(body) }
    }

    private static func runHere(_ body: @Sendable (LieWorld) async throws -> Void) async throws {
        try await LiePractices.shared.lend { practice in
            let folder = try Programs.temporaryFolder() + "/world"
            try FileManager.default.copyItem(atPath: practice.folder, toPath: folder)
            let relay = RelayUnderTest(data: folder + "/relay", port: try RelayUnderTest.freePort())
            let liar = try LyingRelay(certificateAuthority: relay.authority)
            liar.setBackends([relay.port])
            let world = LieWorld(folder: folder, practice: practice, liar: liar, relay: relay)
            let result: Result<Void, any Error>
            do {
                try await relay.start()
                try await serving(liar, port: practice.port, data: relay.data) { try await body(world) }
                result = .success(())
            } catch {
                result = .failure(error)
            }
            try await liar.close()
            if relay.isRunning { try await relay.kill() }
            try FileManager.default.removeItem(atPath: folder)
            try result.get()
        }
    }

    /// Serves at the relay's address for as long as `body` runs.
    static func serving(_ liar: LyingRelay, port: Int, data: String, _ body: () async throws -> Void) async throws {
        var logger = Logger(label: "lying-relay")
        logger.logLevel = .critical
        let (runs, run) = AsyncStream<Void>.makeStream()
        let server = try liar.server(
            port: port, certificate: data + "/tls/server.pem", key: data + "/tls/server.key"
        ) { run.finish() }
        var configuration = ServiceGroupConfiguration(services: [.init(service: server)], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(1)
        // What is cancelled and does not end by then ends the whole test process.
        configuration.maximumCancellationDuration = .seconds(Programs.patienceSeconds)
        let group = ServiceGroup(configuration: configuration)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                // Also when it never serves.
                defer { run.finish() }
                // A stream that is still open at the end is cut off: no failure.
                do { try await group.run() } catch is ServiceGroupError {}
            }
            for await _ in runs {}
            let result: Result<Void, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try result.get()
        }
    }

    // MARK: Programs

    func person(_ who: Who) -> Person { Person(name: who.rawValue, folder: folder) }

    /// Runs `nightbell` on a device.
    func nightbell(_ who: Who, _ arguments: String...) async throws -> Outcome {
        try await person(who).run(arguments)
    }

    func device(_ who: Who) -> DeviceID { practice.devices[who]! }
    func member(_ who: Who) -> MemberID { practice.members[who]! }

    /// The relay's database; for a stopped relay only.
    var store: LyingRelayStore { LyingRelayStore(path: relay.data + "/relay.sqlite", keys: keys) }

    /// Stops the relay, lets `body` change what it stores, and starts it again.
    func withStoppedRelay<Result>(_ body: () async throws -> Result) async throws -> Result {
        try await relay.stop()
        let result = try await body()
        try await relay.start()
        return result
    }

    /// Runs `body` with a second relay, on a copy of what the relay holds now, with the same keys. Both serve behind the
    /// liar: the first by number 0, the second by 1.
    func withSecondRelay<Result>(_ body: () async throws -> Result) async throws -> Result {
        let second = RelayUnderTest(data: folder + "/second", port: try RelayUnderTest.freePort())
        try await withStoppedRelay { try copyRelay(to: second.data) }
        try await second.start()
        liar.setBackends([relay.port, second.port])
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        try await second.kill()
        return try result.get()
    }

    /// Copies what a stopped relay holds.
    func copyRelay(to folder: String) throws {
        try FileManager.default.copyItem(atPath: relay.data, toPath: folder)
    }

    // MARK: What people do

    /// Sends a text and says which message it became.
    func send(_ text: String, from sender: Who = .ina, to addressed: Who = .clara) async throws -> String {
        let sent = try await person(sender).json(
            "send", "--to", addressed.member, "--urgency", "urgent", "--text", text)
        return try #require(sent["message"]?.string)
    }

    /// Fetches, and gives the state of a message, or `nil` when the device has no such message.
    func state(_ message: String, of who: Who) async throws -> String? {
        let outcome = try await nightbell(who, "inbox")
        return try outcome.json()["messages"]?.array?.first { $0["message"]?.string == message }?["state"]?.string
    }

    /// A sent message's entry in the activity log with its proof, as its sender is given it.
    func logged(_ message: String, by sender: Who) async throws -> LoggedEntry {
        let session = try session(of: sender)
        let id = try #require(MessageID(message))
        do {
            let history = try await session.connection.answer(
                to: .get(APIPath.message(keys.organisation, id)), signer: try signer(of: sender),
                as: MessageHistory.self)
            await session.close()
            return try #require(history.entries.first)
        } catch {
            await session.close()
            throw error
        }
    }

    /// A device at work in this process, for what no command does.
    func session(of who: Who) throws -> DeviceSession {
        try DeviceSession.open(try profile(of: who), observer: SilentObserver())
    }

    func profile(of who: Who) throws -> Profile {
        try Profile.open(person(who).profile, unlock: .keyFile(person(who).keyFile))
    }

    /// A device's own signing key: whoever holds a device can sign anything with it.
    func signer(of who: Who) throws -> RequestSigner {
        let signer = try profile(of: who).store.look { store in
            try store.withSecret(SettingName(rawValue: "device-key")) { seed in
                RequestSigner(keyID: device(who).description, key: SigningKey(seed: seed.duplicate()))
            }
        }
        return try #require(signer)
    }

    /// The receipts on a message, as its sender verified them: `action device`.
    func receipts(on message: String, sender: Who = .ina) async throws -> [String] {
        let outcome = try await nightbell(sender, "sent", message)
        return try outcome.json()["states"]?.array?.map { fact in
            "\(fact["action"]?.string ?? "") \(fact["device"]?.string ?? "")"
        } ?? []
    }
}

extension Outcome {
    /// What was told on standard error, one object a line.
    private var told: [JSONValue] {
        err.split(separator: "\n").compactMap { try? JSONParser.parse(Array($0.utf8)) }
    }

    /// Codes of the findings that were told, in order.
    var findings: [String] { told.compactMap { $0["finding"]?["code"]?.string } }

    /// The evidence files that were named.
    var evidence: [String] { told.compactMap { $0["finding"]?["evidence"]?.string } }
}
