import DeviceKit
import Membership
import Statements
import Synchronization

/// `watch --web-push` at work: opens what push services bring, rings for what opened, and has the rest of it fetched.
///
/// One task opens, over a session of its own that waits for nobody; another asks the relay.
struct PageWatching: Sendable {
    /// 32 bodies: then whoever hands them over waits.
    private static let queued = 32
    /// 1 s between two times that the relay is asked, however much comes.
    private static let pause = Duration.seconds(1)
    /// 5 s after something went wrong here.
    private static let trouble = Duration.seconds(5)

    let profile: Profile
    let source: PageSource
    let console: Console
    let ringer: Ringer
    let observer: any SessionObserver
    let waker: WatchWaker

    private let pages = PagedMessages()
    private let errands = PageErrands()

    init(_ session: DeviceSession, _ source: PageSource, _ console: Console, _ ringer: Ringer) {
        profile = session.profile
        self.source = source
        self.console = console
        self.ringer = ringer
        observer = session.observer
        waker = session.waker
    }

    /// Until the task is cancelled: what goes wrong is said, and begun anew.
    func run() async {
        while !Task.isCancelled {
            do {
                try await work()
            } catch {
                guard !Task.isCancelled else { return }
                console.warn("pages are not taken just now: \(DeviceKitError(describing: error).message)")
                try? await Task.sleep(for: Self.trouble)
            }
        }
    }

    private func work() async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await open() }
            tasks.addTask { try await ask() }
            tasks.addTask {
                let changes = try ProfileChanges(profile.directory)
                // Its end is the end of its signals.
                defer { withExtendedLifetime(changes) {} }
                for await _ in changes.signals where !pages.opened.isEmpty { errands.look() }
            }
            try await tasks.waitForAll()
        }
    }

    // MARK: Opening

    private func open() async throws {
        let (news, arrival) = AsyncStream<PageIntake.News>.makeStream()
        let waiting = Counter()
        let intake = PageIntake(source.input, isFull: { waiting.value >= Self.queued }) { item in
            waiting.add(1)
            arrival.yield(item)
        }
        guard let intake else {
            throw DeviceKitError(
                "no_descriptors", .failed, "no files can be opened", next: "raise the limit: ulimit -n")
        }
        let session = try DeviceSession.open(profile, observer: observer)
        intake.start()
        defer { intake.stop() }
        let receiver = PageReceiver(session, pages)
        var limit = RemarkLimit()
        for await item in news {
            waiting.add(-1)
            do {
                try hear(item, receiver, session, &limit)
            } catch {
                // A profile that another program holds just now, a full disk: a reason to connect.
                remark("a page could not be opened: \(DeviceKitError(describing: error).message)", &limit)
                errands.add(.connect)
            }
        }
        await session.close()
    }

    private func hear(
        _ item: PageIntake.News, _ receiver: PageReceiver, _ session: DeviceSession, _ limit: inout RemarkLimit
    ) throws {
        switch item {
        case .refused(let why): remark(why, &limit)
        case .ended:
            console.warn(
                "standard input has ended: no page is taken from it any more; what comes by the relay's stream rings as ever"
            )
        case .frame(let frame):
            switch try receiver.take(frame) {
            case .challenge(let challenge): errands.add(.sayBack(challenge))
            case .stored: break
            case .again: errands.add(.connect)
            case .alert(let alert):
                errands.add(.connect)
                ringer.ring(RingPlan.Ringing(alert, session))
                WatchLines.show(alert, session, console)
            case .reason(let why):
                errands.add(.connect)
                remark(why, &limit)
            }
        }
    }

    private func remark(_ words: String, _ limit: inout RemarkLimit) {
        if let words = limit.words(words) { console.warn(words) }
    }

    // MARK: Asking the relay

    private func ask() async throws {
        let session = try DeviceSession.open(profile, observer: observer)
        let receiver = PageReceiver(session, pages)
        var limit = RemarkLimit()
        for await _ in errands.signals {
            for errand in errands.take() {
                switch errand {
                case .sayBack(let challenge): await sayBack(challenge, receiver)
                case .connect:
                    await connect(receiver, session, &limit)
                    try? await Task.sleep(for: Self.pause)
                }
            }
            // A profile that another program holds just now is looked at the next time.
            try? receiver.compare()
            guard !Task.isCancelled else { break }
        }
        await session.close()
    }

    private func sayBack(_ challenge: ReceivedChallenge, _ receiver: PageReceiver) async {
        let id = challenge.subscription
        do {
            try await receiver.sayBack(challenge)
            WatchLines.showProven(id, console)
        } catch {
            let cause = DeviceKitError(describing: error)
            console.warn(
                "the relay's test page came over \(id), and could not be said back (\(cause.message)): repeat it with \"nightbell "
                    + "push test \(id)\"")
        }
    }

    private func connect(_ receiver: PageReceiver, _ session: DeviceSession, _ limit: inout RemarkLimit) async {
        let paged = pages.opened
        do {
            let result = try await receiver.connect()
            // The watcher tells what is stored when it connects anew.
            await waker.wake(isStreamDead: result.taken > 0)
            guard result.heldBack == 0 else { return }
            // The relay was asked, and has none of them for this device.
            for message in receiver.unconfirmed(of: paged) {
                guard let ringing = ringer.withdraw(message) else { continue }
                WatchLines.showUnconfirmed(message, ringing, session, console)
            }
        } catch {
            guard !Task.isCancelled else { return }
            await waker.wake(isStreamDead: false)
            remark("what was paged cannot be fetched yet: \(DeviceKitError(describing: error).message)", &limit)
        }
    }
}

/// How many wait, between a thread and a task.
private final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .relaxed) }
    func add(_ number: Int) { count.wrappingAdd(number, ordering: .relaxed) }
}
