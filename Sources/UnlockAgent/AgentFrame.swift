import Processes

/// What agent and clients say to each other: a kind, a length, a body.
///
/// One byte, four bytes in network order, then the body. Everything is bounded by its kind; whoever writes anything else
/// is cut off. The store key and derived keys are bodies that never pass through ordinary memory.
enum AgentFrame {
    /// 5.
    static let headerByteCount = 5
    /// The version that is named in `hello`.
    static let version: UInt8 = 1

    /// In place of an urgency.
    static let nothingWaits: UInt8 = 0xFF

    /// From a client.
    enum Request: UInt8 {
        /// Version, role, whether a person is behind it. Answer: `state`.
        case hello = 1
        /// Labels, each with its length in two bytes. Answer: `keys`.
        case derive = 2
        /// A person did something. No answer.
        case used = 3
        /// Answer when all is locked: `done`.
        case lock = 4
        /// The store key, 32 bytes. Answer: `done`, or `refused`.
        case unlock = 5
        /// Answer: `state`.
        case state = 6
        /// Seconds, four bytes. Answer: `done`.
        case lockAfter = 7
        /// What listens while it is locked: opaque to the agent's protocol. Answer: `done`.
        case ring = 8
        /// The profile is erased: forget everything, and end. Answer: `done`.
        case erase = 9
        /// From now on this connection only hears. No answer.
        case listen = 10
        /// Lock, and end. Answer when all is locked: `done`.
        case end = 11
        /// The terminal that is put back when the client's process ends: ``TerminalRescue``. Answer: `done`, also when it
        /// cannot be put back from here.
        case guardTerminal = 12
        /// The client has put its terminal back itself. No answer, and also from a connection that only hears.
        case releaseTerminal = 13

        /// The longest body.
        var bound: Int {
            switch self {
            case .hello: 3
            case .derive: 16_384
            case .unlock: 32
            case .lockAfter: 4
            case .ring: 4_096
            case .guardTerminal: TerminalRescue.longestBody
            case .used, .lock, .state, .erase, .listen, .end, .releaseTerminal: 0
            }
        }
    }

    /// From the agent.
    enum Answer: UInt8 {
        case done = 0x80
        case keys = 0x81
        case state = 0x82
        case refused = 0x83
        /// To those who listen: the reason.
        case locked = 0xA0
        case unlocked = 0xA1
        /// The urgency of what waits, or ``nothingWaits``.
        case ring = 0xA2
        /// Whether anything can ring.
        case link = 0xA3

        var bound: Int {
            switch self {
            case .done, .unlocked: 0
            case .keys: 4_096
            case .state: AgentState.byteCount
            case .refused, .locked, .ring, .link: 1
            }
        }
    }

    /// Why the agent says no.
    enum Refusal: UInt8 {
        case locked = 1
        /// Not the key with which this agent began.
        case wrongKey = 2
        /// The last lock is not over, or too many ask.
        case notYet = 3
        /// Memory for the key cannot be locked.
        case unlockable = 4
    }

    static func header(_ kind: UInt8, count: Int) -> [UInt8] {
        let length = UInt32(count)
        return [
            kind, UInt8(truncatingIfNeeded: length >> 24), UInt8(truncatingIfNeeded: length >> 16),
            UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length),
        ]
    }

    static func length(of header: [UInt8]) -> Int {
        header[1..<5].reduce(0) { $0 << 8 | Int($1) }
    }
}

/// Who a client is to the agent.
public enum AgentRole: UInt8, Sendable {
    /// A command that does one thing.
    case command = 0
    /// The child of a supervisor, which holds plaintext.
    case worker = 1
    /// Holds no key, only the terminal.
    case supervisor = 2
}
