/// What stands where a profile's agent is to be, and is none that can be asked.
public struct AgentStranger: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// A symbolic link: what it leads to is asked nothing.
        case link
        /// A plain file, a pipe, a folder.
        case foreign
        /// It is somebody else's.
        case otherUser
        /// It takes no connection, or gives no whole answer in time.
        case silent
        /// It answers, and not as an agent does, or is another profile's.
        case noAgent
    }

    public let kind: Kind
    public let path: String
    /// The process that listens there, as far as the system tells.
    public let process: Int32?

    init(_ kind: Kind, _ path: String, process: Int32? = nil) {
        self.kind = kind
        self.path = path
        self.process = process.flatMap { $0 > 0 ? $0 : nil }
    }
}

/// What was found where a profile's agent is to be.
public enum AgentFinding: Sendable {
    /// Nobody listens there.
    case none
    case agent(AgentConnection)
    case stranger(AgentStranger)
}
