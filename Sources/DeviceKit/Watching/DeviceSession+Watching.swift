import DeviceStorage
import Membership
import RelayAPI
import Statements
import TransparencyLog

/// The clocks of a watcher: the one that only goes forward, and the one on the wall.
struct WatchClock {
    var instant: () -> ContinuousClock.Instant = { .now }
    var reading: @Sendable () -> WakeDetector.Reading = { .now }
    var wall: () -> Timestamp = { .now() }
}

/// What a watcher keeps from stream to stream.
struct WatchState {
    let clock: WatchClock
    var silence: HeadSilence
    var deadlines: AnswerDeadlines
    var outOfReach = OutOfReach()
    var promises: BrokenPromises
    /// Whether what had come for this device when the stream was opened is still on its way.
    var isBehind = false
    var news: StoredNews
    var posting = PostingPause()
    let wakes: Wakes
    var outbox = PostingPause()
    var witnesses = WitnessWatch()
    let watchdog: LinkWatchdog

    init(_ clock: WatchClock, _ news: StoredNews, _ watchdog: LinkWatchdog, _ wakes: Wakes) {
        self.watchdog = watchdog
        self.wakes = wakes
        self.clock = clock
        self.news = news
        silence = HeadSilence(at: clock.instant())
        deadlines = AnswerDeadlines(began: clock.wall())
        promises = BrokenPromises(began: clock.wall())
    }
}

extension DeviceSession {
    /// Receives until the task is cancelled: follows the stream, receipts, reconnects. Never ends on a finding.
    ///
    /// Of several processes that watch on one profile, one follows the relay's stream, for a device has one; the others
    /// follow the store and tell the same. When the one ends, or does not run on, another takes over within a second, or
    /// within ``LinkState/stuckAfterMilliseconds``.
    /// - Throws: ``DeviceKitError`` only when this device is proven to be revoked or must be updated; `CancellationError`.
    public func watch(_ hear: (WatchEvent) throws -> Void) async throws {
        try await watch(clock: WatchClock(), hear)
    }

    func watch(clock: WatchClock, _ hear: (WatchEvent) throws -> Void) async throws {
        let changes = try ProfileChanges(profile.directory)
        let now = connection.clock.now()
        let watchdog = LinkWatchdog(limit: connection.patience.whole) { [connection] in connection.receivedBytes }
        var state = WatchState(clock, try profile.store.look { try StoredNews($0, at: now) }, watchdog, wakes)
        while true {
            let lock = try await followStore(changes, hear, &state)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { await lock.beat() }
                tasks.addTask { [connection] in await watchdog.run { await connection.reset() } }
                tasks.addTask { [connection, wakes = state.wakes, reading = clock.reading] in
                    await wakes.watch(reading) { await connection.reset() }
                }
                defer {
                    watchdog.rest()
                    tasks.cancelAll()
                }
                try await receive(lock, hear, &state)
            }
            observer.remark(
                "this program did not run for a while, and another one of this profile receives in its place: both tell and ring "
                    + "the same; nothing is to be done")
        }
    }

    /// Follows the relay's stream for as long as the lock is ours.
    private func receive(
        _ lock: ReceivingLock, _ hear: (WatchEvent) throws -> Void, _ state: inout WatchState
    ) async throws {
        var retry = RetryPause()
        var contest = StreamContest()
        let now = state.clock.instant
        while lock.isOurs {
            try Task.checkCancellation()
            do {
                try checkNotRevoked()
                // What another process stored last.
                try tellStored(hear, &state)
                lock.report { $0.phase = .connecting }
                state.watchdog.expect()
                try await follow(lock, hear, &state) { retry.reset(at: now(), contest) }
                guard lock.isOurs else { return }
                try await pause(
                    &retry, lock, hear, &state,
                    DeviceKitError(
                        "stream_ended", .unreachable, "the relay ended the stream", next: "wait: it is opened again"))
            } catch let error as CancellationError {
                throw error
            } catch let refusal as RelayRefusal {
                // Ended by the process that took this one's place.
                guard lock.isOurs else { return }
                let isLost = refusal.problem.code == .conflict
                if isLost { contest.lose(at: now()) }
                let cause = isLost ? DeviceKitError.connectedTwice : learn(from: refusal.problem)
                // The relay's bare word ends nothing: only a revocation that is proven does.
                if let revoked = provenRevocation() { throw revoked }
                try await pause(&retry, lock, hear, &state, cause)
            } catch {
                let cause = DeviceKitError(describing: error)
                guard !cause.endsWatching else { throw cause }
                try await pause(&retry, lock, hear, &state, cause)
            }
        }
    }

    private func pause(
        _ retry: inout RetryPause, _ lock: ReceivingLock, _ hear: (WatchEvent) throws -> Void,
        _ state: inout WatchState,
        _ cause: DeviceKitError
    ) async throws {
        state.watchdog.rest()
        try tellTime(&state, hear)
        let wait = retry.next()
        lock.report { link in
            link.phase = .disconnected
            link.cause = cause
            link.retryInMilliseconds = wait
        }
        try hear(.disconnected(cause, retryInMilliseconds: wait))
        // What only time brings comes at its time, with or without a link.
        try await state.wakes.pause(milliseconds: wait) { try self.tellTime(&state, hear) }
    }

    private func follow(
        _ lock: ReceivingLock, _ hear: (WatchEvent) throws -> Void, _ state: inout WatchState, connected: () -> Void
    ) async throws {
        _ = try await takeMissing { try await self.takeStreamed($0, hear, &state) }
        let position = try profile.store.look { try $0.queuePosition() }.number
        let known = checkpoints
        var stream = try await connection.stream(
            .get(
                APIPath.stream,
                query: knownSizes, lastEventID: "\(position)"), signer: signer)
        lock.report { $0.opened(.connected) }
        state.isBehind = true
        defer { state.isBehind = false }
        try hear(.connected)
        state.silence.streamOpened(at: state.clock.instant())
        var heldBack = false
        var given = position
        var promised = position
        var signsOfLife = 0
        while let event = try await stream.next() {
            try Task.checkCancellation()
            guard lock.isOurs else { return }
            state.watchdog.expect()
            lock.report { $0.heard = LinkState.now }
            try hear(.alive)
            switch StreamEvent(rawValue: event.name) {
            case .item:
                guard let item = try? APIJSON.decode(QueueItem.self, from: event.data) else { throw Self.unreadable() }
                try passOverGap(before: item.number, after: given, nil)
                if item.number <= Self.largestItemNumber { given = max(given, item.number) }
                if try await takeStreamed(item, hear, &state) == .heldBack { heldBack = true }
            case .head:
                guard let answer = try? APIJSON.decode(HeadAnswer.self, from: event.data) else {
                    throw Self.unreadable()
                }
                let believed = try await absorbPresent(answer, askedWith: known)
                try tellTime(&state, hear)
                guard let device = believed else { break }
                // A stream may be open for weeks.
                if try isFallbackDue() { try await maintainPrekeys() }
                promised = max(promised, device.lastNumber)
                // What is missing is asked for when the next stream opens.
                if !heldBack, try checkQueue(device, before: given == position ? position : 0) { return }
            case .drained:
                state.isBehind = false
                try await maintainPrekeys()
                if !heldBack { connected() }
                lock.report { $0.opened(.drained) }
                try tellTime(&state, hear)
                try hear(.drained)
                try await learnEarlierAnswers(hear, &state)
                try await postReceipts(&state.posting, now: state.clock.instant)
                try await resumeReferences(&state.outbox, now: state.clock.instant)
                try await compareAgain(hear, &state)
                try await askWitnesses(hear, &state)
            case .prekeys:
                try await refresh()
                try await maintainPrekeys()
            case .answered:
                guard let hint = try? APIJSON.decode(AnsweredHint.self, from: event.data),
                    let message = MessageID(hint.message)
                else { throw Self.unreadable() }
                try await learnAnswer(on: message, hear, &state)
            case .end:
                guard let problem = try? APIJSON.decode(Problem.self, from: event.data) else { throw Self.unreadable() }
                throw RelayRefusal(problem: problem)
            case .keepAlive:
                // A relay that never says that all is here has no say in when a sender is told.
                state.isBehind = false
                try tellStored(hear, &state)
                try tellTime(&state, hear)
                try await postReceipts(&state.posting, now: state.clock.instant)
                try await resumeReferences(&state.outbox, now: state.clock.instant)
                try await compareAgain(hear, &state)
                try await askWitnesses(hear, &state)
                // What was held back is asked for again on a new stream, later each time.
                if heldBack { return }
                // The items of an older head were on their way before this sign of life.
                try passOverGap(before: promised + 1, after: given, nil)
                given = max(given, promised)
                // After 10, 20, 40 s, and so on up to every ten minutes.
                signsOfLife += 1
                if signsOfLife & (signsOfLife - 1) == 0 || signsOfLife.isMultiple(of: 64) {
                    _ = try await takeMissing { try await self.takeStreamed($0, hear, &state) }
                }
            case nil: break
            }
            try checkHeads(&state)
        }
    }

    private func takeStreamed(
        _ item: QueueItem, _ hear: (WatchEvent) throws -> Void, _ state: inout WatchState
    ) async throws -> ItemOutcome {
        let outcome = try await take(item)
        state.watchdog.expect()
        // Whoever watches hears of it now: the relay has no say in when, by how it takes the receipt.
        try tell(item, outcome, hear, &state)
        try await postReceipts(&state.posting, now: state.clock.instant)
        return outcome
    }

    /// Another device said something: heard once it is proven. A hint that leads to nothing costs one question.
    private func learnAnswer(
        on message: MessageID, _ hear: (WatchEvent) throws -> Void, _ state: inout WatchState
    ) async throws {
        guard let stored = try? inboxMessage(message.description) else { return }
        do { try await learnAnswers(on: stored) } catch is RelayRefusal { return }
        for place in try profile.store.look({ try $0.answerPlaces() }) where place.message == message.description {
            state.news.told(answer: place.place)
        }
        let now = try inboxMessage(message.description)
        if now.state != stored.state { try hear(.progressed(now)) }
    }

    /// What other devices said of open messages before this stream was: of that no hint comes.
    private func learnEarlierAnswers(_ hear: (WatchEvent) throws -> Void, _ state: inout WatchState) async throws {
        let before = try inbox()
        do {
            guard try await learnAnswers(about: before) else { return }
        } catch is RelayRefusal {
            // What has come is shown without it.
            return
        }
        state.watchdog.expect()
        for place in try profile.store.look({ try $0.answerPlaces() }) { state.news.told(answer: place.place) }
        for (old, new) in zip(before, try inbox()) where old.message == new.message && old.state != new.state {
            try hear(.progressed(new))
        }
    }

    private func tell(
        _ item: QueueItem, _ outcome: ItemOutcome, _ hear: (WatchEvent) throws -> Void, _ state: inout WatchState
    ) throws {
        guard let entry = try? Entry(parsing: Array(item.entry.entry.utf8)),
            let statement = try? ActivityStatement(parsing: entry.body), let message = statement.message
        else { return }
        switch statement {
        case .manifest:
            if try profile.store.look({ try $0.isStored(message: message.description) }) {
                let stored = try inboxMessage(message.description)
                state.news.told(message.description, isVerified: stored.isVerified)
                try hear(.message(stored))
            } else if outcome == .taken, let sent = try sentConcerned(by: message.description) {
                // Somebody carries a message of ours on.
                state.news.told(notice: item.number)
                try hear(.notice(sent))
            }
        case .receipt, .access, .event:
            state.news.told(notice: item.number)
            if outcome == .taken, let sent = try sentConcerned(by: message.description) { try hear(.notice(sent)) }
        }
    }

    /// What no item of the queue brings: who joined, a present that grew old, a message of ours that nobody answered.
    func tellTime(_ state: inout WatchState, _ hear: (WatchEvent) throws -> Void) throws {
        let now = state.clock.instant()
        state.silence.look(at: present?.head.time, now: now)
        while let device = announced.popLast() {
            state.news.told(device.id)
            try hear(.joined(device.id, announcement(of: device)))
        }
        if let seconds = state.silence.takeBanner(at: now) { try hear(.stale(seconds: seconds)) }
        try tellWitnesses(hear, &state)
        // Answers that are on their way to a stream that was just opened come first.
        guard !state.isBehind else { return }
        try tellOverdue(&state.deadlines, now: state.clock.wall()) { try hear(.unanswered($0)) }
        try tellOutOfReach(&state.outOfReach, now: state.clock.wall()) { try hear(.unanswered($0)) }
        try tellBroken(&state.promises, now: state.clock.wall()) { try hear(.promiseBroken($0)) }
    }

    /// Asks once an hour what witnesses cosigned. What cannot be had now is asked for the next time.
    private func askWitnesses(_ hear: (WatchEvent) throws -> Void, _ state: inout WatchState) async throws {
        guard state.witnesses.asks(at: state.clock.instant()) else { return }
        do {
            try await refreshWitnesses()
        } catch let error as CancellationError {
            throw error
        } catch {
            // Two histories were recorded as a finding, which is told as such.
        }
        state.watchdog.expect()
        try tellWitnesses(hear, &state)
    }

    private func tellWitnesses(_ hear: (WatchEvent) throws -> Void, _ state: inout WatchState) throws {
        guard state.witnesses.looks(at: state.clock.instant()), let standing = try recentWitnessStanding() else {
            return
        }
        let notice = standing.notice(at: connection.clock.now())
        if state.witnesses.isNews(notice) { try hear(.witnesses(notice)) }
    }

    /// Gives up a stream that is kept alive and brings no head that is believed.
    private func checkHeads(_ state: inout WatchState) throws {
        let now = state.clock.instant()
        state.silence.look(at: present?.head.time, now: now)
        guard state.silence.endsStream(at: now) else { return }
        let seconds = (now - state.silence.since).components.seconds
        if state.silence.isFinding {
            let head = try lastHead()
            try record(
                .headsWithheld,
                "the relay keeps its streams alive and signs no word on the present: what it holds back is not known",
                parts: [("head", head)], occasion: String(decoding: head, as: UTF8.self))
        }
        throw DeviceKitError(
            "heads_missing", .unreachable,
            "the relay has given no signed word on the present that is believed for \(seconds) s",
            next: "wait: the stream is opened again; if it goes on, have the relay's operator called")
    }

    private static func unreadable() -> DeviceKitError {
        DeviceKitError(
            "stream_unreadable", .verification, "an event of the stream is not of the documented form",
            next: "check that client and relay are of one version")
    }
}
