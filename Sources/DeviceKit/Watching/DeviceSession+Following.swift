import DeviceStorage
import Membership
import Statements
import TransparencyLog

/// Watching by the store, while another process of the profile follows the relay's stream.
extension DeviceSession {
    /// Tells what the store shows, until this process is the one to receive.
    /// - Returns: The lock, which is ours now.
    func followStore(
        _ changes: ProfileChanges, _ hear: (WatchEvent) throws -> Void, _ state: inout WatchState
    ) async throws -> ReceivingLock {
        var link = FollowedLink()
        var beat = FollowedBeat()
        toldHere = ToldHere()
        defer { toldHere = nil }
        var trouble: DeviceKitError?
        for await _ in changes.signals {
            try Task.checkCancellation()
            do {
                try checkNotRevoked()
                if let lock = try ReceivingLock.take(in: profile.directory) { return lock }
                let stored = LinkState.stored(in: profile.directory)
                if beat.isStuck(stored), let lock = try takePlace(ofStuck: stored) { return lock }
                try tellStored(hear, &state)
                if let stored { for event in link.take(stored) { try hear(event) } }
                try tellTime(&state, hear)
                trouble = nil
            } catch let error as CancellationError {
                throw error
            } catch {
                let cause = DeviceKitError(describing: error)
                guard !cause.endsWatching else { throw cause }
                // The same trouble is said once; it is looked again in a second.
                if cause != trouble { observer.remark(cause.message) }
                trouble = cause
            }
        }
        throw CancellationError()
    }

    /// The lock of whoever has it and does not run on; `nil` when it runs after all, or another one was faster.
    private func takePlace(ofStuck link: LinkState?) throws -> ReceivingLock? {
        guard let lock = try ReceivingLock.takePlace(ofStuck: link, in: profile.directory) else { return nil }
        observer.remark("the program that received for this profile does not run on: this one receives now")
        return lock
    }

    /// Tells what is in the store and was not told: other processes on this profile store as well.
    func tellStored(_ hear: (WatchEvent) throws -> Void, _ state: inout WatchState) throws {
        let news = try profile.store.look { try state.news.take($0) }
        try catchUp()
        try tellSteps(&state)
        if news.hasFindings { try tellFindings(&state) }
        for id in news.joined {
            guard let device = view.device(id) else { continue }
            let text = announcement(of: device)
            observer.remark(text)
            try hear(.joined(id, text))
        }
        for id in news.messages {
            let message = try inboxMessage(id)
            state.news.told(id, isVerified: message.isVerified)
            if !state.news.isRecent(id) || message.waitsForAPerson { try hear(.message(message)) }
        }
        for id in news.progressed where !news.messages.contains(id) {
            if let message = try? inboxMessage(id) { try hear(.progressed(message)) }
        }
        for id in news.noticed { if let sent = try sentConcerned(by: id) { try hear(.notice(sent)) } }
    }

    /// The steps of the process that receives, for whoever has them shown here.
    private func tellSteps(_ state: inout WatchState) throws {
        let rows = try profile.store.look { try $0.steps(after: state.news.step) }
        guard let last = rows.last else { return }
        state.news.told(step: last.number)
        // In the process that receives they were told when they were made.
        guard let told = toldHere?.steps else { return }
        toldHere?.steps = []
        let lines = rows.filter { !told.contains($0.number) }.compactMap { StepLine(parsing: $0.line) }
        if !lines.isEmpty { observer.logged(lines) }
    }

    private func tellFindings(_ state: inout WatchState) throws {
        let rows = try profile.store.look { try $0.findings() }.filter { $0.number > state.news.finding }
        guard let last = rows.last else { return }
        state.news.toldFindings(upTo: last.number)
        guard let told = toldHere?.evidence else { return }
        for row in rows {
            let finding = Finding(row)
            if !told.contains(finding.evidence) { observer.found(finding) }
        }
    }

    /// Takes in what another session on this profile has verified and stored of the logs and of the present. Asks nobody.
    ///
    /// To be called every second or so: a head that is new here then is as old as that, and sets the clock.
    public func catchUp() throws {
        let (size, stored, newest) = try profile.store.look { store in
            (
                try store.rosterSize(),
                [
                    LogKind.roster: try store.setting(.rosterCheckpoint),
                    .activity: try store.setting(.activityCheckpoint),
                ],
                try store.heads(limit: 1).first
            )
        }
        if size > roster.size {
            for bytes in try profile.store.look({ try $0.rosterEntries() }).dropFirst(Int(roster.size)) {
                let entry = try Entry(parsing: bytes)
                try roster.append(entry)
                rosterTimes.append(entry.time)
            }
        }
        for log in LogKind.allCases {
            guard let bytes = stored[log] ?? nil, let known = checkpoints[log], bytes != known.note.bytes,
                let signed = try? logKey(log).verify(checkpoint: bytes), signed.size > known.size,
                log == .activity || roster.root(size: signed.size) == signed.root
            else { continue }
            checkpoints[log] = signed
        }
        guard let note = newest, let head = try? logKey(.activity).verify(head: note),
            head.device?.device == identity.device
        else { return }
        let before = storedHead
        storedHead = max(before ?? head.time, head.time)
        // How old the first one is, no clock says for certain; one that has come since is no older than the last look.
        guard let before, head.time > before, head.time > present?.head.time ?? before else { return }
        connection.clock.learn(atLeast: head.time)
        present = Present(head: head, received: .now)
    }
}

extension DeviceKitError {
    /// Watching ends with these two alone: this device may sign no more, or reads what it does not know.
    var endsWatching: Bool { ["revoked", "update_needed"].contains(code.rawValue) }
}

/// What this process has told itself while it follows the store, so that it is not told twice.
struct ToldHere {
    var steps: Set<UInt64> = []
    /// Evidence files of findings.
    var evidence: Set<String> = []
}
