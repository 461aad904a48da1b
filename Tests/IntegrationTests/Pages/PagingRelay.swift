import DeviceKit
import Foundation
import RelayAPI
import Secrets
import Statements
import Synchronization
import Testing
import WebPush

/// The relay's side of subscriptions as a lying relay plays it: it keeps what it is told, and sends nothing by itself.
final class PagingRelay: Sendable {
    private struct State {
        var registered: [(id: String, registration: PushRegistration)] = []
        var proofs: [String: [String]] = [:]
        var tests = 0
    }

    static let vapidKey = "BNlvWiFRdWVs"

    private let state = Mutex(State())

    /// What it answers in the relay's place.
    var lie: LyingRelay.Lie {
        LyingRelay.Lie(answer: { question, _ in
            guard question.path.hasPrefix(APIPath.push) else { return nil }
            return self.answer(question)
        })
    }

    var registered: [(id: String, registration: PushRegistration)] { state.withLock { $0.registered } }
    var tests: Int { state.withLock { $0.tests } }
    /// The secrets that were said back.
    func proofs(_ id: String) -> [String] { state.withLock { $0.proofs[id] ?? [] } }

    /// The keys of the only subscription.
    func keys() throws -> SubscriptionKeys {
        let only = try #require(registered.first).registration
        return try #require(
            SubscriptionKeys(
                publicKey: Base64URL.decode((only.p256dh ?? "").utf8) ?? [],
                authentication: Base64URL.decode((only.auth ?? "").utf8) ?? []))
    }

    /// The relay forgets a subscription, as after its database was lost.
    func forget() { state.withLock { $0.registered = [] } }

    private func answer(_ question: LyingRelay.Question) -> LyingRelay.Answer {
        state.withLock { state in
            let parts = question.path.dropFirst(APIPath.push.count + 1).split(separator: "/").map(String.init)
            guard let id = parts.first else { return .json(list(state)) }
            let place = state.registered.firstIndex { $0.id == id }
            switch (question.method, parts.dropFirst().first) {
            case ("PUT", nil):
                guard let registration = try? APIJSON.decode(PushRegistration.self, from: question.body) else { break }
                state.registered.append((id, registration))
                return .json(PushTried(subscription: subscription(id, registration, state), outcome: .accepted))
            case ("DELETE", nil):
                if let place { state.registered.remove(at: place) }
                return .json(list(state))
            case ("POST", "test"?):
                guard let place else { break }
                state.tests += 1
                let registration = state.registered[place].registration
                return .json(PushTried(subscription: subscription(id, registration, state), outcome: .accepted))
            case ("POST", "proof"?):
                guard let place, let proof = try? APIJSON.decode(PushProof.self, from: question.body) else { break }
                state.proofs[id, default: []].append(proof.secret)
                return .json(subscription(id, state.registered[place].registration, state))
            default: break
            }
            let problem = Problem(.notFound, status: 404, detail: "There is none.", next: "Look again.")
            return LyingRelay.Answer(status: 404, type: Problem.contentType, body: APIJSON.encode(problem))
        }
    }

    private func list(_ state: State) -> PushAnswer {
        PushAnswer(
            transports: ["web_push"], vapidKey: Self.vapidKey,
            subscriptions: state.registered.map { subscription($0.id, $0.registration, state) })
    }

    private func subscription(_ id: String, _ registration: PushRegistration, _ state: State) -> PushSubscription {
        let proofs = state.proofs[id]?.count ?? 0
        return PushSubscription(
            id: id, transport: registration.transport, state: proofs > 0 ? .working : .unproven,
            registered: "2026-11-29T19:00:00.000Z",
            proven: proofs > 0 ? "2026-11-29T19:00:0\(min(proofs, 9)).000Z" : nil, accepted: nil, failingSince: nil,
            dropped: nil)
    }
}

/// What an independent implementation of Web Push makes.
enum IndependentWebPush {
    /// Encrypts as `pywebpush` does.
    static func seal(_ content: [UInt8], to keys: SubscriptionKeys) async throws -> [UInt8] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let python = root.appending(path: ".build/peers/bin/python3").path
        try #require(FileManager.default.fileExists(atPath: python), "Config/test installs it")
        let given: JSONValue = [
            "content": .string(Base64URL.encode(content)), "public": .string(Base64URL.encode(keys.publicKey)),
            "authentication": .string(Base64URL.encode(keys.authentication)),
        ]
        let outcome = try await Programs.run(
            python, [root.appending(path: "Tests/PushPeer/Peers/web_push.py").path, "seal"],
            input: Array(given.ascii.utf8))
        guard outcome.status == 0 else { throw PreparationFailed("web_push.py", outcome) }
        return try #require(try outcome.json()["body"]?.string.flatMap { Base64URL.decode($0.utf8) })
    }
}
