import Statements

/// `status` for people, on one screen of 80×24: first who and where, then what waits and what is wrong, ids last.
struct StatusScreen: Sendable {
    static let columns = 80
    static let rows = 24
    private static let groupsAtMost = 2
    private static let indent = String(repeating: " ", count: 11)

    /// What everyone who could send must know before they type.
    static let nothingIsSent =
        "NOTHING IS SENT ANY MORE: the relay was caught with two histories; call by telephone"

    struct Found: Sendable {
        let at: Timestamp
        let sentence: String
    }

    var member: String
    var roles: [String]
    var organisation: String
    var label: String
    /// `active`, `suspended` or `revoked`.
    var state: String
    var relay: String
    var isReachable: Bool
    /// What was said that is not believed.
    var lie: String?
    /// Whether sending is not ended by a proof of two histories.
    var maySend = true
    /// Milliseconds that the relay's clock is ahead.
    var clockDifference: Int64 = 0
    /// How the profile is opened.
    var agent: String?
    /// Messages here that nobody has read, or read and not answered, the most pressing first.
    var open: [InboxList.Group] = []
    /// What was acknowledged here and is not closed.
    var notClosed: (count: Int, words: String)?
    /// Items that the relay still has.
    var queue: Int?
    var receiptsWaiting = 0
    /// By when calls were promised from here that are late, the earliest first.
    var lateCalls: [Timestamp] = []
    /// Messages from here that nobody has or answers: those that `sent --overdue` lists.
    var callsToMake = 0
    var sendsWaiting = 0
    var sendsRefused = 0
    /// What keeps pages of push services away.
    var pageTroubles: [String] = []
    /// That too few witnesses have vouched for too long.
    var witnessTrouble: String?
    var findings: [Found] = []
    /// Of these the one that convicts the relay of most: it is named, however many came after it.
    var gravest: Found?
    /// Devices that joined: said once, and therefore all.
    var joined: [String] = []
    var notices: [String] = []
    /// Whether every notice is shown, however long the screen gets.
    var showsEveryNotice = false
    var checkpoints: [(name: String, short: String)] = []
    /// How many witnesses vouch.
    var witnesses: String?
    var oneTimeKeys: Int?
    var ids: [(name: String, id: String)] = []
    /// Completes the commands that a sentence names.
    var hinted: @Sendable (String) -> String = { $0 }

    /// The lines, each no wider than the screen.
    var lines: [String] {
        var lines = [
            fit("\(member)\(roles.isEmpty ? "" : " (\(roles.joined(separator: ", ")))"), \(organisation)"),
            fit("\(device), on the device \"\(label)\""), "",
        ]
        if !maySend { lines += item("!! STOP", Self.nothingIsSent) }
        lines += item("relay", link)
        if let lie {
            let whom = roles.contains("auditor") ? "keep the evidence" : "show it to an auditor"
            lines += item("!! LIE", "\(lie); see below, and \(whom)")
        }
        if let first = lateCalls.first { lines += item("!! LATE", late(first)) }
        if callsToMake > 0 {
            lines += item(
                "!! CALL", "BY TELEPHONE about \(callsToMake.counted("message")) of yours: nightbell sent --overdue")
        }
        lines += item("waiting", waiting)
        if sendsWaiting > 0 {
            let verb = sendsWaiting == 1 ? "waits" : "wait"
            lines += item("!! UNSENT", "\(sendsWaiting.counted("message")) of yours \(verb) here: nightbell sent")
        }
        if sendsRefused > 0 {
            lines += item(
                "!! UNSENT",
                "\(sendsRefused.counted("message")) of yours will never be sent: refused (see nightbell sent)")
            // Findings need the room; doctor says it as well.
            if findings.isEmpty { lines += item("", "to take one off the list: nightbell sent --dismiss MSG") }
        }
        if receiptsWaiting > 0 {
            lines += item(
                "outbox", "\(receiptsWaiting.counted("receipt")) the senders do not know of yet: nightbell inbox")
        }
        if let first = pageTroubles.first {
            lines += item(
                "!! PAGES",
                pageTroubles.count == 1
                    ? "\(first): nightbell push list"
                    : "\(pageTroubles.count) push subscriptions do not work: nightbell push list")
        }
        if let witnessTrouble { lines += item("!! WITNESS", witnessTrouble) }
        if let finding = gravest ?? findings.last {
            lines += item("!! FOUND", "\(LocalTime.short(finding.at)): \(finding.sentence)")
        }
        if !findings.isEmpty {
            let more = findings.count - 1
            let which = gravest == nil ? "\(more) of them older" : "the gravest named here"
            lines += item(
                "",
                "evidence of \(findings.count.counted("finding")) is kept" + (more > 0 ? ", \(which)" : "")
                    + ": nightbell doctor")
        }
        for announcement in joined { lines += item("!! NEW", announcement) }
        let footing = footing
        lines += noted(room: Self.rows - lines.count - footing.count) + footing
        // Where there is much to say, nothing is left free.
        while lines.count > Self.rows, let free = lines.lastIndex(of: "") { lines.remove(at: free) }
        for name in ["keys ", "org ", "member "] where lines.count > Self.rows {
            if let least = lines.lastIndex(where: { $0.hasPrefix(name) }) { lines.remove(at: least) }
        }
        return lines
    }

    /// Every notice where there is room for all, or they were asked for.
    private func noted(room: Int) -> [String] {
        let all = notices.enumerated().flatMap { place, notice in item(place == 0 ? "note" : "", notice) }
        guard let first = notices.first, all.count > room, !showsEveryNotice else { return all }
        let left = notices.count - 1
        return item("note", first + (left > 0 ? "; and \(left) more: nightbell status --notices" : ""))
    }

    /// What is looked at seldom.
    private var footing: [String] {
        var lines = [""]
        for (index, point) in checkpoints.enumerated() {
            lines += item(index == 0 ? "compare" : "", "\(point.name) \(point.short)")
        }
        if let agent { lines += item("agent", agent) }
        // Findings need the room.
        if let witnesses, findings.isEmpty { lines += item("witnesses", witnesses) }
        if let oneTimeKeys { lines += item("keys", "\(oneTimeKeys) one-time keys left at the relay") }
        for (name, id) in ids { lines += item(name, id) }
        return lines
    }

    private var device: String {
        switch state {
        case "active": "active"
        case "suspended": "SUSPENDED: it reads and signs nothing until an administrator ends that"
        default: "REVOKED: it reads and signs nothing any more"
        }
    }

    private var link: String {
        guard isReachable else { return "\(relay) CANNOT BE REACHED; what waits there is not known: nightbell doctor" }
        let magnitude = Int64(clockDifference.magnitude)
        guard magnitude > 0 else { return "\(relay) answers; its clock agrees with this machine's" }
        let side = clockDifference > 0 ? "behind" : "ahead of"
        return "\(relay) answers; this machine's clock is \(LocalTime.span(milliseconds: magnitude)) \(side) it"
    }

    private func late(_ first: Timestamp) -> String {
        let which = lateCalls.count == 1 ? "that you promised by" : "that you promised, the first by"
        return "\(lateCalls.count.counted("call")) \(which) \(ClockTime.text(first)): nightbell inbox"
    }

    private var waiting: String {
        // Time presses for the first.
        var parts = open.prefix(Self.groupsAtMost).enumerated().map { place, group in
            place == 0 ? group.words : group.wordsWithoutTime
        }
        let rest = open.dropFirst(Self.groupsAtMost).reduce(0) { $0 + $1.count }
        if rest > 0 { parts.append("\(rest) less urgent") }
        // What nobody has answered needs the room.
        if let notClosed { parts.append(open.isEmpty ? notClosed.words : "\(notClosed.count) not closed") }
        if let queue, queue > 0 { parts.append("\(queue) at the relay") }
        guard parts.isEmpty else { return parts.joined(separator: "; ") + ": nightbell inbox" }
        return isReachable ? "nothing" : "nothing that is known here"
    }

    private func item(_ name: String, _ text: String) -> [String] {
        TextWrap.lines(
            hinted(SafeText.line(text)), first: name.padded(to: Self.indent.count), rest: Self.indent,
            columns: Self.columns
        ).map(fit)
    }

    private func fit(_ line: String) -> String { TextWidth.fitting(SafeText.line(line), Self.columns) }
}
