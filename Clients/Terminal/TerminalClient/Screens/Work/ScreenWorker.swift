import DeviceKit
import Membership
import Statements
import TerminalScreen

/// Runs the screen on a profile: one loop that hears and draws, and beside it whoever reads, posts and follows the relay.
///
/// The loop waits for nobody: what asks the disk or the network runs apart, and tells what came of it.
struct ScreenWorker {
    private static let tick: Duration = .seconds(1)

    let profile: Profile
    let agent: ScreenAgent
    /// `TERM`, `NO_COLOR`.
    let environment: [String: String]

    /// Until it is left.
    /// - Returns: What is left behind then.
    /// - Throws: That there is no terminal; that this device is revoked or must be updated.
    func run() async throws -> LeftBehind {
        let feed = EventFeed()
        let (reading, reader) = AsyncStream.makeStream(of: ScreenReader.Request.self)
        let (posting, poster) = AsyncStream.makeStream(of: ScreenPoster.Request.self)
        let (asking, asker) = AsyncStream.makeStream(
            of: ScreenAsker.Request.self, bufferingPolicy: .bufferingNewest(ScreenAsker.waitingAtMost))
        let (saving, saver) = AsyncStream.makeStream(of: AttachmentSaver.Request.self)
        let (person, earlier, kept) = try await begin(feed)
        let terminal = try TerminalScreen.opened(environment) { feed.put(.terminal($0)) }
        defer { terminal.close() }
        let profile = profile
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            defer { tasks.cancelAll() }
            func run(_ work: @escaping @Sendable () async throws -> Void) {
                tasks.addTask {
                    // Whatever ends one of them for good ends the screen.
                    do { try await work() } catch is CancellationError {} catch { feed.fail(error) }
                }
            }
            run { try await ScreenReader(profile: profile, feed: feed, poster: poster).run(reading) }
            run { try await ScreenPoster(profile: profile, feed: feed).run(posting, earlier: earlier, kept: kept) }
            run { try await AttachmentSaver(profile: profile, feed: feed).run(saving) }
            run { try await ScreenWatcher(profile: profile, feed: feed, reader: reader).run() }
            run { try await ScreenAsker(profile: profile, feed: feed, reader: reader).run(asking) }
            run { try await DeadlineTeller.run(profile) }
            run {
                for second in 1... {
                    try await Task.sleep(for: Self.tick)
                    feed.put(.tick)
                    reader.yield(.keepUp)
                    poster.yield(.look)
                    if second.isMultiple(of: ScreenAsker.pause) { asker.yield(.answers) }
                }
            }
            return try await draw(feed, person, terminal, reader, saver, asker, beside: run)
        }
    }

    /// What is stored, so that it is on the screen before anybody asks the relay.
    private func begin(
        _ feed: EventFeed
    ) async throws -> (ScreenPerson, answers: [MessageID: ReceiptAction], kept: [KeptMessage]) {
        try await DeviceSession.during(profile, observer: ScreenObserver(feed: feed)) { session in
            try session.checkNotRevoked()
            feed.put(.listed(try ListedMessage.all(session)))
            let kept = try session.keptMessages()
            feed.put(.unsent(kept.map { UnsentWords($0, session) }))
            for (time, finding) in try session.findings() {
                feed.put(.note(ScreenNote(at: time, sentence: finding.sentence, evidence: finding.evidence)))
            }
            for device in try session.unseenDevices() {
                feed.put(
                    .note(
                        ScreenNote(
                            at: device.enrolled.time, sentence: session.announcement(of: device), evidence: nil,
                            device: device.id)))
            }
            feed.put(.steps(nil, try profile.lastSteps(limit: ScreenState.stepsAtMost)))
            return (ScreenPerson(session), try session.unprovenAnswers(), kept)
        }
    }

    private func draw(
        _ feed: EventFeed, _ person: ScreenPerson, _ terminal: TerminalScreen,
        _ reader: AsyncStream<ScreenReader.Request>.Continuation,
        _ saver: AsyncStream<AttachmentSaver.Request>.Continuation,
        _ asker: AsyncStream<ScreenAsker.Request>.Continuation,
        beside run: (@escaping @Sendable () async throws -> Void) -> Void
    ) async throws -> LeftBehind {
        let agent = agent
        var difference: Int64 = 0
        var machine = ScreenMachine(person, now: .now(), clock: .here)
        var told = ScreenTold()
        for try await events in feed {
            for event in events {
                if case .clock(let ahead) = event { difference = ahead }
                if case .terminal(.keys) = event { agent.noteUse() }
                for action in machine.handle(event, now: Timestamp.now().adding(milliseconds: difference)) {
                    switch action {
                    case .open(let id): reader.yield(.open(id))
                    case .thread(let id): reader.yield(.thread(id))
                    case .seen(let devices): reader.yield(.seen(devices))
                    case .answer(let action, let reason, let id, let words):
                        reader.yield(.answer(action, reason, id, words))
                    case .reply(let id, let words): reader.yield(.reply(id, words))
                    case .handOff(let id, let colleague, let words): reader.yield(.handOff(id, colleague.id, words))
                    case .lookUp(let id):
                        reader.yield(.lookUp(id))
                        asker.yield(.people(id))
                    case .save(let id, let folder): saver.yield((id, folder))
                    case .ring: terminal.ring()
                    case .lock:
                        // Whoever outlives this process makes good what the agent does not hear.
                        _ = Lifeline.tell(WorkerWord(.locking))
                        run {
                            // With an agent that does not answer, this process goes all the same.
                            do { try agent.lock() } catch { Leash.endingAtOnce(.agentGone) }
                        }
                    case .quit: return machine.state.leftBehind
                    }
                }
            }
            terminal.present(machine.frame)
            told.tell(machine.state)
        }
        return LeftBehind()
    }
}

/// What whoever outlives the screen was told of it: what must be known when it is gone.
private struct ScreenTold {
    private var last: [WorkerWord] = []

    mutating func tell(_ state: ScreenState) {
        let words = [
            WorkerWord(.writing, state.isWriting ? 1 : 0),
            WorkerWord(.waits, state.pressing.map(\.urgency)),
            WorkerWord(.unsent, UInt32(clamping: state.leftBehind.unsent), .routine),
        ]
        if words != last, words.allSatisfy(Lifeline.tell) { last = words }
    }
}

extension TerminalScreen {
    /// Opens it, or says why not in our own form.
    static func opened(
        _ environment: [String: String], deliver: @escaping @Sendable (TerminalEvent) -> Void
    ) throws -> TerminalScreen {
        do throws(TerminalError) {
            return try open(environment: environment, deliver: deliver)
        } catch {
            throw DeviceKitError(error)
        }
    }

    /// Says why it cannot be opened, before anything else is done.
    static func checked(_ environment: [String: String]) throws {
        do throws(TerminalError) { try check(environment: environment) } catch { throw DeviceKitError(error) }
    }
}

extension DeviceKitError {
    fileprivate init(_ error: TerminalError) {
        self.init(
            Code(rawValue: error.code), error.code == "no_terminal" ? .usage : .configuration, error.message,
            next: error.next)
    }
}
