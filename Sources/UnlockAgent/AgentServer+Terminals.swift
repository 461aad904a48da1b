import Processes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The terminals of those who keep one for a worker.
///
/// A keeper that is killed is cleared up behind by its worker, and a worker by its keeper. Whoever kills both at once (by
/// name, or by their process group) leaves a terminal that echoes nothing: the agent, which is neither, puts it back.
final class GuardedTerminal {
    let keeper: ProcessHandle
    let rescue: TerminalRescue

    init(keeper: consuming ProcessHandle, rescue: TerminalRescue) {
        self.keeper = keeper
        self.rescue = rescue
    }
}

extension AgentServer {
    /// - Returns: Whether the client goes on.
    func guardTerminal(_ body: [UInt8], _ client: AgentClient) -> Bool {
        guard client.role == .supervisor else { return false }
        let pid = client.peer.pid
        guarded.removeAll { $0.keeper.pid == pid }
        if guarded.count < Self.maximumClients, let keeper = ProcessHandle(peerOf: client.descriptor),
            let rescue = TerminalRescue(body, session: getsid(pid), group: getpgid(pid))
        {
            guarded.append(GuardedTerminal(keeper: keeper, rescue: rescue))
        }
        return client.send(.done)
    }

    /// Puts the terminals back whose keepers are stopped, and cannot clear what their workers have shown: with the lock it
    /// must be gone. A keeper that goes on draws its locked screen.
    func clearBehindTheStopped() {
        for one in guarded where one.keeper.isStopped { one.rescue.restore() }
    }

    /// Puts the terminals back whose keepers have ended without a word.
    func rescueTerminals() {
        for ended in guarded where ended.keeper.hasEnded {
            // It may have said at the last moment that nothing is left to do.
            for client in clients where client.peer.pid == ended.keeper.pid { serve(client) }
            guard let place = guarded.firstIndex(where: { $0 === ended }) else { continue }
            guarded.remove(at: place).rescue.restore()
        }
    }
}
