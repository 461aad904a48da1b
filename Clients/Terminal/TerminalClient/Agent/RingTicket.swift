import DeviceKit
import Membership
import Secrets
import Statements
import TransparencyLog
import UnlockAgent

/// What an agent needs to listen for its locked profile: a ring token, and where to show it. No key, no name of a patient.
///
/// The token's 32 bytes and a JSON object behind them; it goes to the agent and stays there, in locked memory.
struct RingTicket {
    private static let secretByteCount = 32

    let address: String
    let certificateAuthority: String?
    let device: DeviceID
    let activityKey: LogKey
    let token: RingToken
    /// After how many seconds what waits is rung for again, by the organisation's policy.
    let realertSeconds: [Urgency: UInt64]

    /// Obtains a token for an unlocked profile and leaves it with its agent. The token before is good no more.
    ///
    /// Opens a session of its own, which nothing else waits for.
    static func leave(_ profile: Profile, with agent: AgentConnection) async throws {
        let session = try DeviceSession.open(profile, observer: SilentObserver())
        do {
            let ticket = RingTicket(
                address: session.identity.relay, certificateAuthority: profile.certificateAuthorityPath,
                device: session.identity.device, activityKey: session.logKey(.activity),
                token: try await session.obtainRingToken(),
                realertSeconds: session.view.policy.alerts.mapValues(\.realertSeconds))
            await session.close()
            do { try agent.leave(ticket: ticket.sealedBytes) } catch { throw Unlocking.describing(error) }
        } catch {
            await session.close()
            throw error
        }
    }

    /// Leaves a ticket, and a fresh one twice a day, for as long as a worker works. What does not succeed is tried again.
    static func keepLeaving(_ context: CommandContext) async {
        // One that unlocking has left is good for now. Whoever replaced it at once, and were ended by a lock in the middle,
        // would leave the agent with one that the relay takes no more.
        let first = AgentConnection(profile: context.profileDirectory, role: .command, isPerson: false)
        var pause = Duration.seconds(first?.greeted.listensWhileLocked ?? false ? 300 : 0)
        while true {
            do {
                try await Task.sleep(for: pause)
                guard
                    let agent = AgentConnection(
                        profile: context.profileDirectory, role: .command, isPerson: false), !agent.greeted.isLocked
                else { return }
                try await leave(try Profile.open(context.profileDirectory, keys: agent), with: agent)
                pause = .seconds(43_200)
            } catch {
                guard !Task.isCancelled else { return }
                pause = .seconds(60)
            }
        }
    }

    /// The same once, for as long as a person may be kept waiting.
    /// - Returns: Whether the agent can listen now.
    static func leaveSoon(_ directory: String, with agent: AgentConnection) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    try await leave(try Profile.open(directory, keys: agent), with: agent)
                    return true
                } catch {
                    return false
                }
            }
            group.addTask {
                try? await Task.sleep(for: patience)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }

    /// 3 s.
    private static let patience = Duration.seconds(3)

    private init(
        address: String, certificateAuthority: String?, device: DeviceID, activityKey: LogKey, token: RingToken,
        realertSeconds: [Urgency: UInt64]
    ) {
        self.address = address
        self.certificateAuthority = certificateAuthority
        self.device = device
        self.activityKey = activityKey
        self.token = token
        self.realertSeconds = realertSeconds
    }

    private var sealedBytes: SecretBytes {
        let place: JSONValue = [
            "address": .string(address), "ca": certificateAuthority.map { .string($0) } ?? .null,
            "device": .text(device), "expires": .text(token.expires), "activity_key": .string(activityKey.key.vkey),
            "realert": .array(Urgency.allCases.map { .integer(realertSeconds[$0] ?? 0) }),
        ]
        return token.duplicateSecret().appending(SecretBytes(copying: Array(place.ascii.utf8)))
    }

    /// A ticket that was left.
    init?(_ bytes: borrowing SecretBytes) {
        guard bytes.count > Self.secretByteCount,
            let place = try? JSONParser.parse(bytes.slice(Self.secretByteCount..<bytes.count).exposed()),
            let address = place["address"]?.string,
            let device = place["device"]?.string.flatMap({ DeviceID($0) }),
            let expires = place["expires"]?.string.flatMap({ Timestamp(Array($0.utf8)) }),
            let key = place["activity_key"]?.string.flatMap({ NoteKey(vkey: $0) }),
            let realert = place["realert"]?.array, realert.count == Urgency.allCases.count,
            let token = RingToken(secret: bytes.slice(0..<Self.secretByteCount), expires: expires)
        else { return nil }
        self.init(
            address: address, certificateAuthority: place["ca"]?.string, device: device,
            activityKey: LogKey(origin: key.name, key: key.key), token: token,
            realertSeconds: Dictionary(
                uniqueKeysWithValues: zip(
                    Urgency.allCases, realert.map { $0.integer.map { UInt64(clamping: $0) } ?? 0 })))
    }

    var listener: RingListener {
        RingListener(
            address: address, certificateAuthority: certificateAuthority, token: token, activityKey: activityKey,
            device: device)
    }
}
