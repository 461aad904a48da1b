import DeviceKit
import Membership
import Statements

/// `watch` at work: tells what comes, rings for what nobody has answered, and says that it is alive.
final class Watching {
    private let session: DeviceSession
    private let console: Console
    private let ringer: Ringer
    private var report: WatchReport
    private var shown = ShownMessages()
    private var told = ToldLines()
    private var talk = WatchTalk()
    private var taken = TakenUpPlan()
    private var hasBegun = false

    private let isWorker: Bool
    private let pages: PageSource?
    private let telephone: TelephoneRinging
    /// What was named when this began, and stands as it did.
    private var named: Set<MessageID> = []

    /// - Parameters:
    ///   - isWorker: Whether another process outlives this one when the profile locks.
    ///   - pages: Where pages come from, if they come at all.
    init(
        session: DeviceSession, console: Console, ringer: Ringer, report: WatchReport, isWorker: Bool,
        pages: PageSource? = nil
    ) {
        self.session = session
        self.console = console
        self.ringer = ringer
        self.report = report
        self.isWorker = isWorker
        self.pages = pages
        telephone = TelephoneRinging(ringer) { [console] in WatchLines.say($0, console) }
    }

    /// Watches until the task is cancelled.
    func run() async throws {
        report.started()
        defer { report.stopping() }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { [ringer, profile = session.profile] in await ringer.run(profile) }
            tasks.addTask { [ringer, profile = session.profile] in try await HandedOnRinging.run(profile, ringer) }
            tasks.addTask { [telephone, profile = session.profile] in try await telephone.run(profile) }
            if isWorker { tasks.addTask { [profile = session.profile] in try await DeadlineTeller.run(profile) } }
            if let pages {
                let watching = PageWatching(session, pages, console, ringer)
                tasks.addTask { await watching.run() }
            }
            defer { tasks.cancelAll() }
            try showWaiting()
            try await session.watch { try self.hear($0) }
        }
    }

    private func hear(_ event: WatchEvent) throws {
        switch event {
        // The former is heard every ten seconds while the link is alive, the latter at every attempt while it is not.
        case .alive, .disconnected: remind()
        default: break
        }
        tellHeld()
        var isNews = true
        switch event {
        case .message(let message):
            keep(message)
            guard let news = shown.take(message) else { return }
            ring(for: message, isReply: InboxCommand.isReply(message, session))
            return WatchLines.show(message, isProvenNow: news == .provenNow, session, console)
        // What another command on this profile has fetched meanwhile came by no stream.
        case .drained:
            ringer.receivesAgain()
            let open = try showWaiting()
            let session = session
            let words = try talk.drained(open: open) {
                try session.sentStates().count { Desk.mustBeTelephoned($0, session) }
            }
            if let words { WatchLines.say(words, console) }
            try beginTelephoning()
        case .alive: return heartbeat()
        case .stale(let seconds): report.stale(seconds: seconds)
        case .disconnected(let error, let wait):
            report.down(ringing: ringer.waiting)
            // What passes by itself wakes nobody.
            if ![.unreachable, .tryAgain].contains(error.category) { ringer.receivesNothing() }
            talk.disconnected()
            try beginTelephoning()
            isNews = talk.isNews(down: WatchTalk.down(error, retryInMilliseconds: wait))
        case .progressed(let message):
            keep(message)
            isNews = told.isNews(message.message, message.state, waitsForTime: false)
        case .notice(let state):
            isNews = told.isNews(
                state.message, SentNews(state, session).gist, waitsForTime: Desk.waitsForTime(state))
        case .unanswered(let state), .promiseBroken(let state):
            let gist = SentNews(state, session).gist
            isNews = !(named.remove(state.message) != nil && told.hasSaid(state.message, gist))
            told.said(state.message, gist)
        case .connected, .joined, .witnesses: break
        }
        WatchLines.show(event, isNews: isNews, session, console)
    }

    /// Names once what must be telephoned already, and lets it ring from now on.
    private func beginTelephoning() throws {
        guard telephone.begin() else { return }
        for state in try session.sentStates() where Desk.rings(state, session, now: session.laterClock()) {
            let news = SentNews(state, session)
            guard told.isNews(state.message, news.gist, waitsForTime: false) else { continue }
            named.insert(state.message)
            WatchLines.say("sent: " + news.sentence(), console)
        }
    }

    /// What was held back until the time of a promised call came.
    private func tellHeld() {
        for id in told.waiting {
            guard let state = try? session.sentState(id.description) else { continue }
            let news = SentNews(state, session)
            if told.isNews(id, news.gist, waitsForTime: Desk.waitsForTime(state)) {
                WatchLines.say("sent: " + news.sentence(), console)
            }
        }
    }

    /// What was fetched and that no person has seen: an earlier command may have ended before it could show it.
    /// - Returns: How many wait to be read or answered.
    @discardableResult
    private func showWaiting() throws -> Int {
        defer { hasBegun = true }
        let references = try session.references()
        let messages = try session.inbox()
        for message in messages {
            // What was read and not answered rings, and is not shown again.
            ring(for: message, isReply: InboxCommand.isReply(references[message.message]))
            keep(message)
            guard message.waitsForAPerson, let news = shown.take(message) else { continue }
            WatchLines.show(message, isProvenNow: news == .provenNow, session, console)
        }
        let waiting = try ListedMessage.list(messages, references, session).filter(\.waits)
        // Whoever read one and was called away, before this began, must not have to think of it.
        if !hasBegun {
            for message in waiting where !message.isNew { WatchLines.showUnanswered(message, session, console) }
        }
        return waiting.count
    }

    private func ring(for message: InboxMessage, isReply: Bool) {
        guard ["waiting", "delivered", "read", "quarantined"].contains(message.state) else { return }
        let policy = session.view.policy
        // A reply says what was done: it rings once, and nobody has to answer it.
        guard !isReply || message.waitsForAPerson else { return }
        let seconds = isReply ? 0 : policy.alerts[message.urgency]?.realertSeconds ?? 0
        var ringing = RingPlan.Ringing(message, again: seconds, session)
        ringing.needsAnswer = !isReply
        ringer.ring(ringing)
    }

    // MARK: Taken up and not closed

    private func keep(_ message: InboxMessage) {
        let isTaken = ((try? session.isTaken(message)) ?? false) && !InboxCommand.isReply(message, session)
        guard !isTaken else { return taken.add(message.message) }
        guard taken.remove(message.message) else { return }
        // Handed on, it waits for whoever shall have it.
        ringer.settled(
            RingPlan.Ringing(message, again: 0, session), message.state == "handed_off" ? .quiet : .answered)
    }

    /// Brings up again what was acknowledged and is not closed.
    private func remind() {
        let now = session.connection.clock.now()
        let policy = session.view.policy
        for id in taken.messages {
            // What was promised meanwhile, by whichever program, counts.
            guard let message = try? session.inboxMessage(id.description), (try? session.isTaken(message)) ?? false,
                let takenUp = (try? session.takenUp(id)).flatMap({ $0 }),
                taken.isDue(id, takenUp, reopenSeconds: policy.reopenSeconds, now: now)
            else { continue }
            ringer.remind(RingPlan.Ringing(message, again: 0, session))
            WatchLines.showNotClosed(message, takenUp, session, console)
        }
    }

    private func heartbeat() {
        guard report.isDue() else { return }
        let age = session.present.map { (ContinuousClock.now - $0.received).components.seconds }
        report.alive(headAge: age, ringing: ringer.waiting)
        if console.isJSON {
            let document: JSONValue = [
                "event": "heartbeat", "head_age_seconds": age.map { JSONValue.integer($0) } ?? .null,
                "ringing": .integer(ringer.waiting),
            ]
            console.result(document, human: "")
        }
    }
}

/// The messages that a watcher has shown: each once, and once more when what was not proven is.
private struct ShownMessages {
    enum News {
        case new, provenNow, unprovenNow
    }

    private var verdicts: [MessageID: Bool] = [:]

    /// - Returns: What is new about it; `nil` when it was shown as it is.
    mutating func take(_ message: InboxMessage) -> News? {
        let before = verdicts.updateValue(message.isVerified, forKey: message.message)
        guard before != message.isVerified else { return nil }
        return before == nil ? .new : message.isVerified ? .provenNow : .unprovenNow
    }
}
