/// Lets one founding at a time be done, the first come first.
///
/// Between the transaction that holds an organisation and the moment that others find it here, the same genesis, posted
/// again by a client that was interrupted, would be taken for another one and refused.
actor FoundingTurns {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Runs `body` when everyone who came before is done.
    nonisolated func take<Result>(_ body: () async throws -> Result) async throws -> Result {
        await begin()
        do {
            let result = try await body()
            await end()
            return result
        } catch {
            await end()
            throw error
        }
    }

    private func begin() async {
        guard isTaken else {
            isTaken = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func end() {
        if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
    }
}
