import DeviceKit
import Statements

/// Everything that the screen shows.
struct ScreenState: Sendable {
    /// What fills the screen.
    enum Pane: Sendable, Equatable {
        case list, message, steps, notes, telephone, help
    }

    static let stepsAtMost = 500
    static let notesAtMost = 200
    /// So long a sentence at the foot stays, whatever is pressed.
    static let readMilliseconds: Int64 = 2_000

    let person: ScreenPerson
    let clock: WallClock
    var columns = 80
    var rows = 24
    /// As the relay's clock has it.
    var now: Timestamp
    var link = RelayLink.opening
    /// The time of the newest head that is believed.
    var present: Timestamp?

    /// Ordered as they are shown.
    private(set) var messages: [ListedMessage] = [] {
        didSet { threads = ListedThread.lines(messages) }
    }
    /// The same, what belongs together in one.
    private(set) var threads: [ListedThread] = []
    /// Replies and hand-offs that nobody knows but this device.
    var unsent: [UnsentWords] = [] {
        didSet { messages = messages.map(marked) }
    }
    /// Whether what is stored was listed.
    var isListed = false
    var selected: MessageID?
    /// Whether somebody has chosen it: until then the first line is, whatever comes.
    var hasChosen = false

    /// Whether somebody locked, and the agent has not ended this process yet.
    var isLocking = false

    var pane = Pane.list
    /// Where to go back to from help, steps, findings and what must be telephoned about.
    var paneBefore = Pane.list
    var dialog: ScreenDialog? {
        // What came of the last one must not be read as the answer to this one.
        didSet { if oldValue == nil, dialog != nil { forgetStatusOfView() } }
    }
    /// What was typed and not said.
    var drafts: [ScreenField: TypedText] = [:]
    /// The open message, and how far it was read.
    var shown: ShownMessage?
    /// Whom it can be answered and handed to.
    var people: MessagePeople?
    /// The message whose content was asked for and is not here yet.
    var opening: MessageID?
    var scroll = 0

    /// The last lines, and those about the open message.
    var steps: [StepLine] = []
    var shownSteps: [StepLine] = []

    var notes: [ScreenNote] = []
    /// Devices that joined and that somebody has read of here.
    var seenDevices: Set<DeviceID> = []
    var status: ScreenStatus?

    /// The message that has taken the screen, and since when.
    var alarm: (message: MessageID, since: Timestamp)? {
        didSet { if alarm?.message != oldValue?.message { isAskedInAlarm = false } }
    }
    var alarmRung: Timestamp?
    /// Whether somebody asked to leave while it takes the screen, and has not said yes or no.
    var isAskedInAlarm = false
    /// When a message was last rung for or opened.
    var attended: [MessageID: Timestamp] = [:]
    /// When a message was last opened.
    var opened: [MessageID: Timestamp] = [:]
    /// Messages of which the last words that went with an answer were a time for a call, and nothing else.
    var givenTimes: Set<MessageID> = []
    /// What was sent from here and must be telephoned about, the most pressing first.
    var toTelephone: [SentMatter] = []
    /// What is to be said of the witnesses.
    var witnessNotice: String?
    /// Messages that were acknowledged here when they had expired.
    var takenLate: Set<MessageID> = []
    /// When a key came that was still for what the alarm took the screen from.
    var alarmTyped: Timestamp?
    /// When a message was last opened or left.
    var lookedAt: [MessageID: Timestamp] = [:]
    /// Whom those are about that were opened since this screen was.
    var subjects: [MessageID: MessageSubject] = [:]
    /// When somebody was last reminded of a message that is taken up and not closed.
    var reminded: [MessageID: Timestamp] = [:]
    /// When many characters arrived at once.
    var pasted: Timestamp?

    init(_ person: ScreenPerson, now: Timestamp, clock: WallClock) {
        self.person = person
        self.now = now
        self.clock = clock
    }

    /// Whether only that is shown, and nothing else.
    var isTooSmall: Bool { columns < ScreenPainter.leastColumns || rows < ScreenPainter.leastRows }

    /// The clock was set back: what happened "later" happened now, and the next bell is not an hour away.
    mutating func setClockBack() {
        if let current = alarm { alarm = (current.message, min(current.since, now)) }
        (alarmRung, alarmTyped, pasted) = (nil, nil, nil)
        attended = attended.mapValues { min($0, now) }
        lookedAt = lookedAt.mapValues { min($0, now) }
        opened = opened.mapValues { min($0, now) }
        reminded = reminded.mapValues { min($0, now) }
    }

    // MARK: Messages

    func message(_ id: MessageID) -> ListedMessage? { messages.first { $0.id == id } }

    var shownMessage: ListedMessage? { shown.flatMap { message($0.id) } }

    /// The message that somebody has before them; `nil` where others stand beside it, or it does not stand there itself.
    var inView: MessageID? { pane == .message && alarm == nil ? shown?.id : nil }

    mutating func replace(_ all: [ListedMessage]) {
        messages = ListedMessage.ordered(all.map(marked))
        if !hasChosen || selected.flatMap(message) == nil { selected = messages.first?.id }
    }

    private func marked(_ message: ListedMessage) -> ListedMessage {
        var message = message
        message.unsent = unsent.kind(about: message.id)
        return message
    }

    mutating func put(_ message: ListedMessage) {
        let message = marked(message)
        var messages = messages
        if let known = messages.firstIndex(where: { $0.id == message.id }) { messages.remove(at: known) }
        messages.insert(message, at: Self.place(of: message, in: messages))
        self.messages = messages
        if !hasChosen || selected == nil { selected = messages.first?.id }
    }

    /// Before the first that stands behind it: there may be ten thousand, and they are in order.
    private static func place(of message: ListedMessage, in messages: [ListedMessage]) -> Int {
        var low = 0
        var high = messages.count
        while low < high {
            let middle = (low + high) / 2
            if ListedMessage.isBefore(message, messages[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The line of the list that a message stands in.
    func thread(with id: MessageID?) -> ListedThread? { threads.first { line in id.map(line.contains) ?? false } }

    /// They stand first, among replies that nobody has read.
    var waiting: [ListedMessage] { messages.prefix(while: \.waits).filter(\.needsAnswer) }
    /// The same with those that were handed on, and that nobody has taken up.
    var pressing: [ListedMessage] {
        messages.prefix(while: \.waits).filter { $0.needsAnswer || $0.isHandedOnInVain }
    }
    /// Messages with an answer that nobody knows but this device.
    var unknownAnswers: Int { messages.count { $0.unproven != nil || ($0.unsent != nil && $0.unsent != .handOff) } }
    /// Those that somebody else shall have and does not.
    var unknownHandOffs: Int { messages.count { $0.unsent == .handOff } }

    /// Further devices that joined, and that nobody has read of yet.
    var newDevices: [DeviceID] { notes.compactMap(\.device).filter { !seenDevices.contains($0) } }

    // MARK: Time

    /// When an answer to a message is due.
    func due(_ message: ListedMessage) -> Timestamp {
        AnswerTime.due(message, person.policy)
    }

    func realertMilliseconds(_ urgency: Urgency) -> Int64 {
        Int64(clamping: min(person.policy.alerts[urgency]?.realertSeconds ?? 0, 1 << 32)) * 1000
    }

    /// How old the relay's word on the present is.
    var presentAge: Int64? { present.map { max(0, now.milliseconds(since: $0)) } }
    /// Older than five minutes, nothing is known of what waits at the relay.
    var isStale: Bool { presentAge.map { $0 >= DeviceSession.freshMilliseconds } ?? false }

    /// - Parameter about: The message that it belongs to without naming it: it goes when that one is not in view any more.
    mutating func say(_ text: String, _ weight: ScreenStatus.Weight = .plain, about: MessageID? = nil) {
        status = ScreenStatus(text: text, weight: weight, at: now, about: about)
        forgetStatusOfOthers()
    }

    /// Says something of a message, which is named unless it is the one in view.
    /// - Parameter words: Get the message's name, in brackets behind a blank; nothing when it is in view.
    mutating func say(
        of message: MessageID, _ weight: ScreenStatus.Weight = .plain, _ words: (_ named: String) -> String
    ) {
        let named = naming(message)
        say(words(named), weight, about: named.isEmpty && inView == message ? message : nil)
    }

    /// What was not done, and what to do.
    mutating func say(cause: String, next: String, about message: MessageID? = nil) {
        let words = { (named: String) in "\(cause.atSentenceStart)\(named). \(next.atSentenceStart)." }
        guard let message else { return say(words(""), .danger) }
        say(of: message, .danger, words)
    }

    /// What belongs to a message must not be read of another one, or of the list.
    mutating func forgetStatusOfOthers() {
        if let about = status?.about, about != inView { status = nil }
    }

    /// Something else stands there from now on. What went wrong a moment ago may not have been read.
    mutating func forgetStatusOfView() {
        guard let status else { return }
        if status.weight != .danger || now.milliseconds(since: status.at) >= Self.readMilliseconds { self.status = nil }
    }
}
