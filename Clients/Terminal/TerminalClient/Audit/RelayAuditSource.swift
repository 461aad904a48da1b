import Auditing
import DeviceKit
import RelayAPI
import Sealing
import Secrets
import Statements
import TransparencyLog

/// The relay's logs and capsules, as this device may read them.
struct RelayAuditSource: LogSource, CapsuleSource {
    private let session: DeviceSession
    private let checkpoints: [LogKind: [UInt8]]
    private let cosigned: [LogKind: [[UInt8]]]
    /// What keeps along what an audit reads of capsules; `nil` where nobody looks at what they name.
    private let indexing: PatientIndexing?

    /// - Parameter cosigned: What was known as such before the relay gave the checkpoints.
    init(
        _ session: DeviceSession, checkpoints: [LogKind: [UInt8]], cosigned: [LogKind: [[UInt8]]] = [:],
        indexing: PatientIndexing? = nil
    ) {
        self.session = session
        self.checkpoints = checkpoints
        self.cosigned = cosigned
        self.indexing = indexing
    }

    func checkpoint(of log: LogKind) async throws -> [UInt8]? { checkpoints[log] }

    func cosigned(of log: LogKind) async throws -> [[UInt8]] { cosigned[log] ?? [] }

    func bundle(_ path: TilePath, of log: LogKind) async throws -> [UInt8]? {
        try await read(APIPath.tile(session.identity.organisation, log, path))
    }

    func capsule(of message: MessageID) async throws -> (sealedKey: [UInt8], capsule: [UInt8])? {
        guard let bytes = try await readCapsule(of: message),
            let answer = try? APIJSON.decode(CapsuleAnswer.self, from: bytes),
            let sealedKey = Base64.decode(Array(answer.sealedKey.utf8)),
            let capsule = Base64.decode(Array(answer.capsule.utf8))
        else { return nil }
        return (sealedKey, capsule)
    }

    /// Whatever the relay says instead of a capsule stops no audit: it would be the cheapest way to be told of no lie.
    private func readCapsule(of message: MessageID) async throws -> [UInt8]? {
        do {
            return try await session.read(APIPath.capsule(session.identity.organisation, message))
        } catch let refusal as RelayRefusal where refusal.problem.code == .notFound {
            return nil
        } catch {
            if let cause = Self.notGiven(error) { throw cause }
            throw error
        }
    }

    /// Why a capsule was not given; `nil` for an error that is not of the relay's making.
    static func notGiven(_ error: any Error) -> CapsuleNotGiven? {
        switch error {
        case let refusal as RelayRefusal:
            let told = DeviceKitError(refusal.problem)
            return CapsuleNotGiven(isAnswered: told.category != .tryAgain, told.message)
        case let told as DeviceKitError where told.code == "relay_answer_unreadable":
            return CapsuleNotGiven(isAnswered: true, told.message)
        case let told as DeviceKitError where told.category == .unreachable:
            return CapsuleNotGiven(isAnswered: false, told.message)
        default: return nil
        }
    }

    func withAuditKey<Result>(
        _ id: PrekeyID, _ body: (borrowing EncapsulationPrivateKey) -> Result
    ) throws -> Result? {
        try session.withAuditKey { key in key.publicKey.id == id ? body(key) : nil } ?? nil
    }

    func isCapsule(_ plaintext: [UInt8]) -> Bool { CapsuleContent.isCapsule(plaintext) }

    func begin(at first: UInt64) async throws { try await indexing?.read(upTo: first) }

    func take(_ readings: [CapsuleReading], upTo next: UInt64) throws { try indexing?.take(readings, upTo: next) }

    /// - Returns: `nil` when the relay says that it has none.
    private func read(_ path: String) async throws -> [UInt8]? {
        do {
            return try await session.read(path)
        } catch let refusal as RelayRefusal where refusal.problem.code == .notFound {
            return nil
        } catch let refusal as RelayRefusal where refusal.problem.code == .notPermitted {
            throw DeviceKitError(
                "not_an_auditor", .refused,
                "the relay gives the activity log's entries to auditors and admins only, and this device's member is neither",
                next: "let an auditor look, or ask an admin to invite you as an auditor, under another name")
        }
    }
}
