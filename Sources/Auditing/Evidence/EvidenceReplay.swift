import Membership
import Secrets
import Statements
import TransparencyLog

/// Judges the entries of a file of evidence, each at its place, by what the file shows of it.
///
/// The rules are `Membership`'s; the promises of the relay are those that ``Audit`` looks for, as far as entries about one
/// message show them.
struct EvidenceReplay {
    /// An entry whose place is proven.
    struct Proven {
        let index: UInt64
        let entry: Entry
    }

    let subject: MessageID
    private let logs: EvidenceLogs
    private let entries: [Proven]
    /// By size: the proof that the log of this size is the beginning of the checkpoint's.
    private let consistency: [UInt64: [Digest]]
    /// The whole roster: what devices there ever are, and their members.
    private let whole: RosterView
    private var who: Who { Who(view: whole.at(lastTime ?? whole.time)) }

    /// Whether what signers had seen is signed: many name the same.
    private var seen: [LogKind: [Seen: Bool]] = [.roster: [:], .activity: [:]]
    private var used: Set<UInt64> = []
    private var manifests: [MessageID: Manifest] = [:]
    /// What a rule may ask of a message: logged here, before.
    private var referred: [MessageID: ReferredMessage] = [:]
    private var manifestHash: Digest?
    private var forwarders: Set<MemberID> = []
    private var served: Set<DeviceID> = []
    private var chains: [DeviceID: (numbers: [UInt64], last: Digest)] = [:]
    private var lastTime: Timestamp?
    private var statements: Set<Digest> = []
    private var isAnswered = false
    private var isUnanswered = false
    /// Devices whose own word it is that they have the message, and those of which the relay said that they never will.
    private var delivered: Set<DeviceID> = []
    private var givenUp: Set<DeviceID> = []
    /// Of each device the sizes of the roster that were looked through last, and the largest at which it was live.
    private var walked: [DeviceID: (sizes: ClosedRange<UInt64>, live: UInt64?)] = [:]
    /// When it was answered or turned down: then its pages are over.
    private var over: Timestamp?

    init(subject: MessageID, logs: EvidenceLogs, entries: [Proven], consistency: [UInt64: [Digest]]) {
        self.subject = subject
        self.logs = logs
        self.entries = entries
        self.consistency = consistency
        whole = logs.roster.view(at: logs.roster.lastTime)
    }

    /// Judges up to the first entry that a later version wrote.
    mutating func run(_ verdict: inout EvidenceVerdict) {
        let carried = carriedMessages()
        for proven in entries {
            do throws(Violation) {
                try judge(proven, carried, &verdict)
            } catch {
                if error.code == .init(.unknownType) {
                    verdict.later = "entry \(proven.index) of the activity log"
                    break
                }
                verdict.find(
                    error.code, error.part ?? EvidencePart.entry(proven.index).name, entry: proven.index, error.sentence
                )
            }
        }
        defer {
            verdict.numbers = chains.map { .init(device: $0.key, numbers: $0.value.numbers) }
                .sorted { $0.device < $1.device }
        }
        // What was not judged may be what is missing.
        guard verdict.later == nil else { return }
        if manifestHash == nil {
            verdict.find(.unknownMessage, EvidencePart.note.name, "the manifest of \(subject) is not in the file")
        }
        for size in consistency.keys.sorted() where !used.contains(size) {
            verdict.find(
                .notAboutIt, EvidencePart.consistency(size).name, "no signer in the file had seen a log of this size")
        }
    }

    /// Why an entry is not what it should be.
    private struct Violation: Error {
        let code: AuditFinding.Code
        /// `nil`: the entry itself.
        let part: String?
        let sentence: String

        init(_ code: AuditFinding.Code, part: String? = nil, _ sentence: String) {
            self.code = code
            self.part = part
            self.sentence = sentence
        }

        init(_ rule: RuleViolation) { self.init(.init(rule.code), "it breaks a rule: \(rule.part)") }
    }

    /// The messages that the subject answers or carries on, and those that these carry on, as the file's manifests say.
    private func carriedMessages() -> Set<MessageID> {
        var references: [MessageID: Manifest.Reference] = [:]
        for proven in entries {
            if case .manifest(let manifest, _)? = try? ActivityStatement(parsing: proven.entry.body) {
                references[manifest.message] = manifest.reference
            }
        }
        var carried: Set<MessageID> = []
        var next = references[subject]
        while let reference = next {
            switch reference {
            case .inReplyTo(let id):
                guard carried.isEmpty else { return carried }
                next = carried.insert(id).inserted ? references[id] : nil
            case .forwardOf(let id): next = carried.insert(id).inserted ? references[id] : nil
            }
        }
        return carried
    }

    // MARK: Every entry

    private mutating func judge(
        _ proven: Proven, _ carried: Set<MessageID>, _ verdict: inout EvidenceVerdict
    ) throws(Violation) {
        let statement: ActivityStatement
        do { statement = try ActivityStatement(parsing: proven.entry.body) } catch {
            throw Violation(.init(error.asksForUpdate ? .unknownType : .malformed), "it cannot be read (\(error))")
        }
        let time = proven.entry.time
        if let lastTime, time < lastTime {
            throw Violation(.init(.timeOrder), "its time lies before that of an entry that stands before it")
        }
        lastTime = time
        guard let sizes = logs.sizesInForce(at: time) else {
            throw Violation(.init(.timeOrder), "its time lies before the organisation's founding")
        }
        switch statement {
        case .manifest(let manifest, let note):
            verdict.events.append(.init(index: proven.index, logged: time, kind: kind(of: manifest)))
            verdict.signatures += 1
            try checkIsNew(note.hash)
            try judge(manifest, note, proven, sizes, carried)
        case .receipt(let receipt, let note):
            verdict.events.append(.init(index: proven.index, logged: time, kind: .receipt(receipt)))
            verdict.signatures += 1
            try checkIsNew(note.hash)
            try judge(receipt, note, proven, sizes)
        case .access(let access, let note):
            verdict.events.append(.init(index: proven.index, logged: time, kind: .access(access)))
            verdict.signatures += 1
            try checkIsNew(note.hash)
            try judge(access, note, proven, sizes)
        case .event(let event):
            verdict.events.append(.init(index: proven.index, logged: time, kind: .event(event)))
            try checkIsNew(Digest.sha256(proven.entry.body))
            try judge(event, time, sizes)
        }
    }

    private mutating func checkIsNew(_ hash: Digest) throws(Violation) {
        guard !statements.insert(hash).inserted else { return }
        throw Violation(.init(.duplicate), "the same statement stands in the log before it")
    }

    /// What a signer had seen is signed by its log and of this very history.
    private mutating func check(_ both: SeenBoth, at index: UInt64, _ sizes: ClosedRange<UInt64>) throws(Violation) {
        for log in LogKind.allCases where !isSigned(log, both[log]) {
            throw Violation(
                .init(.seenUnsigned), "what its signer had seen of the \(log.rawValue) log is not signed by it")
        }
        guard both.roster.size <= sizes.upperBound, logs.roster.root(size: both.roster.size) == both.roster.root else {
            throw Violation(
                .init(.seenContradicts),
                "its signer had seen a signed roster log of \(both.roster.size.counted("entry", "entries")) that is not the beginning of"
                    + " the one in the file, or not yet was")
        }
        let activity = both.activity
        let checkpoint = logs.activityCheckpoint
        guard activity.size <= index else {
            throw Violation(
                .init(.seenContradicts), "its signer had seen an activity log that was longer than its place")
        }
        guard let proof = consistency[activity.size] else {
            throw Violation(
                .partMisplaced, part: EvidencePart.consistency(activity.size).name,
                "the file does not show that the log that its signer had seen is the beginning of the checkpoint's")
        }
        used.insert(activity.size)
        let isPrefix = Proofs.isConsistent(
            first: activity.size, firstRoot: activity.root, second: checkpoint.size, secondRoot: checkpoint.root,
            proof: proof)
        guard isPrefix else {
            throw Violation(
                .init(.seenContradicts), part: EvidencePart.consistency(activity.size).name,
                "it does not lead from the signed log that the signer of entry \(index) had seen to the checkpoint: the relay"
                    + " signed two histories, or whoever made the file changed the proof; the whole log tells which")
        }
    }

    private mutating func isSigned(_ log: LogKind, _ seen: Seen) -> Bool {
        if let verdict = self.seen[log]?[seen] { return verdict }
        let verdict = logs.roster.logKey(log).verifies(seen)
        self.seen[log]?[seen] = verdict
        return verdict
    }

    // MARK: Manifests

    private func kind(of manifest: Manifest) -> EvidenceVerdict.Event.Kind {
        if manifest.message == subject { return .manifest(manifest) }
        return manifest.reference?.message == subject ? .referring(manifest) : .referred(manifest)
    }

    private mutating func judge(
        _ manifest: Manifest, _ note: SignedNote, _ proven: Proven, _ sizes: ClosedRange<UInt64>,
        _ carried: Set<MessageID>
    ) throws(Violation) {
        let id = manifest.message
        guard id == subject || manifest.reference?.message == subject || carried.contains(id) else {
            throw Violation(.notAboutIt, "it is the manifest of a message that has nothing to do with \(subject)")
        }
        guard manifests[id] == nil else {
            throw Violation(.init(.duplicate), "a second message \(id), and the relay accepted it")
        }
        manifests[id] = manifest
        let size = manifest.seen.roster.size
        guard sizes.contains(size) else {
            throw Violation(.init(.stale), "the roster that its sender had seen is not the one in force at its time")
        }
        let view = logs.roster.view(size: size, at: proven.entry.time)
        let target = manifest.reference?.message
        let reference: Reference =
            target.flatMap { referred[$0] }.map { .logged($0) }
            ?? (isReplyElsewhere(manifest) ? .notShown : .absent)
        let sender = view.device(manifest.sender)?.member
        var senders = sender.map { [$0] } ?? []
        if case .forwardOf = manifest.reference, case .logged(let message) = reference {
            senders += message.senders.prefix(ReferredMessage.maximumForwards)
        }
        referred[id] = ReferredMessage(manifest, senders: senders)
        if id == subject { manifestHash = note.hash }
        if case .forwardOf(let carriedOn) = manifest.reference, carriedOn == subject, let sender {
            forwarders.insert(sender)
        }
        do {
            try ManifestRules.check(
                manifest, note: note, view: view, time: proven.entry.time, reference: reference)
        } catch { throw Violation(error) }
        try check(manifest.seen, at: proven.index, sizes)
    }

    /// What the message answers is told of the subject alone, or an answer's answers would never end.
    private func isReplyElsewhere(_ manifest: Manifest) -> Bool {
        if case .inReplyTo(let id) = manifest.reference { manifest.message != subject && id != subject } else { false }
    }

    // MARK: Receipts

    private mutating func judge(
        _ receipt: Receipt, _ note: SignedNote, _ proven: Proven, _ sizes: ClosedRange<UInt64>
    ) throws(Violation) {
        guard receipt.message == subject else {
            throw Violation(.notAboutIt, "it is a receipt of another message than \(subject)")
        }
        let last = chains[receipt.device].map { (number: $0.numbers[$0.numbers.count - 1], hash: $0.last) }
        chains[receipt.device, default: ([], note.hash)].numbers.append(receipt.number)
        chains[receipt.device]?.last = note.hash
        guard let manifest = manifests[subject], let manifestHash else {
            throw Violation(.unknownMessage, "it is about a message whose manifest is not logged before it")
        }
        // Receipts of other messages are not in the file: what lies between two of these is taken as it is said.
        if let last {
            let follows = receipt.number == last.number + 1
            guard receipt.number > last.number, follows == (receipt.previous == last.hash) else {
                throw Violation(
                    .init(.brokenChain), "it does not follow receipt \(last.number) of \(who.device(receipt.device))")
            }
        }
        let subject = ReceiptRules.Subject(manifest, hash: manifestHash, forwarders: forwarders)
        let chain = ReceiptRules.Chain(number: receipt.number - 1, last: receipt.previous)
        try judge(under: sizes, at: proven.entry.time) { view throws(RuleViolation) in
            try ReceiptRules.check(receipt, note: note, subject: subject, view: view, chain: chain)
        }
        try check(receipt.seen, at: proven.index, sizes)
        switch receipt.action {
        case .acknowledged, .handedOff, .closed: isAnswered = true
        case .delivered:
            isAnswered = isAnswered || isReply(manifest)
            delivered.insert(receipt.device)
        default: break
        }
        if isAnswered || receipt.action == .declined { over = over ?? proven.entry.time }
        guard served.contains(receipt.device) else {
            throw Violation(
                .notServed,
                "no event before it says that the relay let the message out to \(who.device(receipt.device))")
        }
    }

    private func isReply(_ manifest: Manifest) -> Bool {
        if case .inReplyTo = manifest.reference { true } else { false }
    }

    // MARK: Looks

    /// An auditor's look at this message.
    private mutating func judge(
        _ access: Access, _ note: SignedNote, _ proven: Proven, _ sizes: ClosedRange<UInt64>
    ) throws(Violation) {
        guard access.subject == .message(subject) else {
            throw Violation(.notAboutIt, "it is an auditor's look at something else than \(subject)")
        }
        let isLogged = manifests[subject] != nil
        try judge(under: sizes, at: proven.entry.time) { view throws(RuleViolation) in
            try AccessRules.check(access, note: note, view: view, time: view.time) { _ in isLogged }
        }
        try check(access.seen, at: proven.index, sizes)
    }

    /// Judges by the rosters that may have been in force: one that permits it is enough.
    private func judge(
        under sizes: ClosedRange<UInt64>, at time: Timestamp, _ rule: (RosterView) throws(RuleViolation) -> Void
    ) throws(Violation) {
        do throws(RuleViolation) { try rule(logs.roster.view(size: sizes.upperBound, at: time)) } catch {
            guard sizes.count > 1,
                (try? rule(logs.roster.view(size: sizes.lowerBound, at: time))) != nil
            else { throw Violation(error) }
        }
    }

    // MARK: Events

    private mutating func judge(
        _ event: RelayEvent, _ time: Timestamp, _ sizes: ClosedRange<UInt64>
    ) throws(Violation) {
        guard event.organisation == logs.roster.organisation else {
            throw Violation(.init(.wrongOrganisation), "it names another organisation")
        }
        guard event.message == subject else {
            throw Violation(.notAboutIt, "it is an event about something else than \(subject)")
        }
        let view = logs.roster.view(size: sizes.upperBound, at: time)
        let earlier = logs.roster.view(size: sizes.lowerBound, at: time)
        if case .fallback(let device, _, _) = event.kind {
            // It stands before the message.
            guard view.device(device) != nil else { throw unknownDevice(device) }
            return
        }
        guard let manifest = manifests[subject] else {
            throw Violation(.unknownMessage, "it is about a message whose manifest is not logged before it")
        }
        let isRecipient = { (device: DeviceID) in manifest.recipients.contains { $0.device == device } }
        switch event.kind {
        case .served(let device, _, let what):
            guard let record = view.device(device) else { throw unknownDevice(device) }
            guard view.liveDevice(device) != nil || earlier.liveDevice(device) != nil else {
                throw Violation(
                    .servedToRevoked, "the relay let it out to \(who.device(device)), which was revoked or suspended")
            }
            let isMeant =
                what == .envelope
                ? isRecipient(device) : referred[subject]?.senders.contains(record.member) ?? false
            guard isMeant else {
                throw Violation(
                    .servedToStranger, "the relay let it out to \(who.device(device)), whom it does not concern")
            }
            if what == .envelope { served.insert(device) }
        case .pushed(let device, _, _, _, _):
            guard view.device(device) != nil else { throw unknownDevice(device) }
            guard isRecipient(device) else {
                throw Violation(
                    .servedToStranger, "the relay pushed its page to \(who.device(device)), to which it was not sealed")
            }
            try judgePage(of: manifest, to: device, at: time, sizes)
        case .undeliverable(let device, _, let reason):
            guard view.device(device) != nil else { throw unknownDevice(device) }
            let isTrue =
                reason == .revoked
                ? isRecipient(device) && view.device(device)?.revoked != nil && !delivered.contains(device)
                : manifest.without.contains { $0.device == device && $0.reason.rawValue == reason.rawValue }
            guard isTrue, givenUp.insert(device).inserted else {
                throw Violation(
                    .undeliverableUntrue,
                    "the relay says that it cannot reach \(who.device(device)): nothing says why, or that device has it, or it"
                        + " was said before")
            }
        case .unanswered:
            guard !isAnswered, !isUnanswered, time >= manifest.expires else {
                throw Violation(
                    .unansweredUntrue,
                    "the relay says that nobody answered: somebody did, or there was still time, or it said so before")
            }
            isUnanswered = true
        case .roster, .subscription, .fallback: break
        }
    }

    /// A page to a device to which the message was sealed: as in an audit of the whole log, but for subscriptions, which are no
    /// entries about a message.
    private mutating func judgePage(
        of manifest: Manifest, to device: DeviceID, at time: Timestamp, _ sizes: ClosedRange<UInt64>
    ) throws(Violation) {
        let before = time.adding(milliseconds: -ActivityReplay.pushMilliseconds)
        let first = logs.sizesInForce(at: before)?.lowerBound ?? 1
        guard let live = lastLive(device, first...max(first, sizes.upperBound), time) else {
            throw Violation(
                .servedToRevoked,
                "the relay pushed its page to \(who.device(device)), which was revoked or suspended for more than a minute"
            )
        }
        let end = min(over ?? manifest.expires, manifest.expires)
        // What was on its way when the device was revoked is told by that rule alone.
        guard live == sizes.upperBound, time.milliseconds(since: end) > ActivityReplay.pushMilliseconds else { return }
        throw Violation(
            .pagedAfterEnd,
            "the relay pushed its page to \(who.device(device)) at \(time), and it was answered, turned down or expired at"
                + " \(end): its pages were over")
    }

    /// The largest of these sizes of the roster at which a device was live. The newest first: almost every device is. What was
    /// walked through once is not again: a file may hold thousands of pages, each behind another entry of the roster.
    private mutating func lastLive(
        _ device: DeviceID, _ sizes: ClosedRange<UInt64>, _ time: Timestamp
    ) -> UInt64? {
        let known = walked[device].flatMap { $0.sizes.lowerBound <= sizes.lowerBound ? $0 : nil }
        var live: UInt64?
        for size in sizes.reversed() {
            if let known, known.sizes.upperBound == size {
                live = known.live
                break
            }
            if isLive(device, size, time) {
                live = size
                break
            }
        }
        walked[device] = (sizes, live)
        return live.flatMap { sizes.contains($0) ? $0 : nil }
    }

    private func isLive(_ device: DeviceID, _ size: UInt64, _ time: Timestamp) -> Bool {
        logs.roster.view(size: size, at: time).liveDevice(device) != nil
    }

    private func unknownDevice(_ device: DeviceID) -> Violation {
        Violation(.unknownDevice, "it is about \(device), which was never enrolled")
    }
}
