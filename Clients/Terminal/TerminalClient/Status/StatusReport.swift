import DeviceKit
import Membership
import Statements
import TransparencyLog
import UnlockAgent

/// What `status` says, in JSON and on one screen.
struct StatusReport {
    let document: JSONValue
    let human: String

    /// - Parameters:
    ///   - lie: What the relay said that is not believed.
    ///   - push: How pages reach this device; `nil` where that is not known.
    ///   - showsEveryNotice: Whether every notice is shown to people, however long the screen gets.
    ///   - hinted: Completes the commands that a sentence names.
    init(
        _ session: DeviceSession, isReachable: Bool, lie: String?, push: PushStanding?, agent: AgentState?,
        showsEveryNotice: Bool, hinted: @escaping @Sendable (String) -> String
    ) throws {
        let view = session.view
        let member = view.member(session.identity.member)
        let checkpoints = LogKind.allCases.compactMap { log in session.checkpoints[log].map { (log, $0) } }
        let findings = try session.findings()
        let waiting = try session.waitingHere()
        let isRevoked = (try? session.checkNotRevoked()) == nil
        let state = isRevoked ? "revoked" : view.liveDevice(session.identity.device) == nil ? "suspended" : "active"
        let difference = session.connection.clock.difference
        let inbox = try session.inbox()
        let telephone = try session.sentStates().count { Desk.mustBeTelephoned($0, session) }
        let now = session.connection.clock.now()
        let late = try Self.lateCalls(inbox, session, now: now)
        let joined = try session.unseenDevices().map { session.announcement(of: $0) }
        let notices = try Self.elsewhere(inbox, session, now: now) + Self.notices(view, session)
        let device = session.present?.head.device
        let witnesses = try session.witnessStanding()
        let roles = (member?.roles.sorted() ?? []).map(\.rawValue)

        var object = JSONObject()
        object.set("organisation", to: .text(session.identity.organisation))
        object.set("name", to: .text(session.roster.genesis.name))
        object.set("member", to: .text(session.identity.member))
        object.set("member_name", to: .text(orNull: member?.name))
        object.set("roles", to: .array(roles.map { .string($0) }))
        object.set("device", to: .text(session.identity.device))
        object.set("device_label", to: .text(orNull: session.ownDevice?.label))
        object.set("device_status", to: .string(state))
        let maySend = try session.contradiction() == nil
        object.set("may_send", to: .bool(maySend))
        object.set("relay", to: .string(session.identity.relay))
        object.set("reachable", to: .bool(isReachable))
        for (log, signed) in checkpoints {
            object.set(
                log.rawValue,
                to: [
                    "size": .integer(signed.size), "root": .text(signed.root), "short": .string(signed.shortForm),
                    "vkey": .string(session.logKey(log).key.vkey),
                ])
        }
        object.set("witnesses", to: WitnessWords.document(witnesses, now))
        object.set("agent", to: AgentReport.document(agent))
        object.set("unread", to: .integer(inbox.count(where: \.waitsForAPerson)))
        object.set("queue_waiting", to: device.map { .integer($0.waiting) } ?? .null)
        object.set("one_time_prekeys", to: device.map { .integer($0.oneTimeLeft) } ?? .null)
        object.set("push", to: push.map(PushWords.document) ?? .null)
        object.set("receipts_unposted", to: .integer(waiting.receipts))
        object.set("messages_unsent", to: .integer(waiting.messages))
        object.set("messages_refused", to: .integer(waiting.refused))
        object.set("messages_to_telephone", to: .integer(telephone))
        object.set("calls_late", to: .integer(late.count))
        object.set("clock_difference_milliseconds", to: .integer(difference))
        object.set(
            "notices",
            to: .array((joined + [witnesses.notice(at: now)].compactMap { $0 } + notices).map { .string($0) })
        )
        object.set(
            "findings",
            to: .array(
                findings.map {
                    [
                        "at": .text($0.found), "code": .string($0.finding.code.rawValue),
                        "message": .string($0.finding.sentence), "evidence": .string($0.finding.evidence),
                    ]
                }))
        document = .object(object)

        var screen = StatusScreen(
            member: member?.name.description ?? session.identity.member.description, roles: roles,
            organisation: session.roster.genesis.name.description,
            label: session.ownDevice?.label.description ?? "unknown", state: state, relay: session.identity.relay,
            isReachable: isReachable, lie: lie, clockDifference: difference)
        screen.maySend = maySend
        let list = try InboxList(session, inbox, session.references())
        screen.open = list.groups(view.policy, now: .now())
        screen.notClosed = list.notClosed
        screen.queue = device.map { Int(clamping: $0.waiting) }
        screen.agent = AgentReport.human(agent)
        screen.receiptsWaiting = waiting.receipts
        screen.hinted = hinted
        screen.lateCalls = late
        screen.callsToMake = telephone
        screen.sendsWaiting = waiting.messages
        screen.sendsRefused = waiting.refused
        screen.findings = findings.map { StatusScreen.Found(at: $0.found, sentence: $0.finding.sentence) }
        let gravest = try session.convictions().first
        screen.gravest = findings.first { $0.finding == gravest }.map {
            StatusScreen.Found(at: $0.found, sentence: $0.finding.sentence)
        }
        screen.joined = joined
        screen.notices = notices
        screen.pageTroubles = push.map { PushWords.troubles($0).map(\.message) } ?? []
        screen.showsEveryNotice = showsEveryNotice
        screen.checkpoints = checkpoints.map { ($0.0.rawValue, $0.1.shortForm) }
        screen.witnessTrouble = WitnessWords.trouble(witnesses, now)
        screen.witnesses = WitnessWords.line(witnesses, now)
        screen.oneTimeKeys = device.map { Int(clamping: $0.oneTimeLeft) }
        screen.ids = [
            ("device", session.identity.device.description), ("member", session.identity.member.description),
            ("org", session.identity.organisation.description),
        ]
        human = screen.lines.joined(separator: "\n")
    }

    /// By when calls were promised here that are late, of messages that are not closed, the earliest first.
    private static func lateCalls(
        _ inbox: [InboxMessage], _ session: DeviceSession, now: Timestamp
    ) throws -> [Timestamp] {
        try inbox.filter { try session.isTaken($0) }.compactMap { try session.takenUp($0.message)?.callBy }
            .filter { $0 <= now }.sorted()
    }

    /// What is not known in full here of what this person did with another device.
    private static func elsewhere(
        _ inbox: [InboxMessage], _ session: DeviceSession, now: Timestamp
    ) throws -> [String] {
        // What was taken there, or is over, does not come here: it must not stand there for ever.
        let open = inbox.filter { $0.expires > now }
        return ActionWords.elsewhere(try open.compactMap { try session.actElsewhere(on: $0) })
    }

    /// What everyone should know; none of it blocks anything.
    private static func notices(_ view: RosterView, _ session: DeviceSession) -> [String] {
        var notices: [String] = []
        if view.isAdmin(session.identity.device), view.quorum < 2 || view.liveAdminMembers.count <= view.quorum {
            notices.append("too few admins: a stolen admin device could be revoked only with the recovery key")
        }
        if let pending = view.pendingRecoveryKey {
            notices.append("a new recovery key takes effect on \(LocalTime.full(pending.effective))")
        }
        if let pending = view.pendingAuditKey {
            notices.append("a new audit key takes effect on \(LocalTime.full(pending.effective))")
        }
        if view.auditKey == nil { notices.append("no audit key is set: no auditor can tell whose a message is") }
        if view.recoveryKey != nil { notices.append("the holder of the recovery secret can read every message") }
        return notices
    }
}
