package import Auditing
package import FuzzSupport
import Membership
import SignerSupport
package import Statements

/// A story while it is told: the organisation, what devices kept of it, and what an audit of it must find.
package final class Telling {
    /// A page that repeats until nobody needs it.
    private struct Page {
        let sent: Sent
        let device: String
        let transport: PageTransport
        let urgency: Urgency
        var due: Timestamp
        var attempts: UInt64 = 0
    }

    package let world: World
    package var random: SplitMix64
    /// Signed heads that devices kept.
    package var heads: [[UInt8]] = []
    package var expectation = Expectation()
    /// Whether the activity log cannot be read, so that nothing of what honest people say in it is found.
    package var isBlind = false
    /// What is done to the logs after the last entry.
    package var doctors: [(inout Shown) -> Void] = []
    /// How many messages were named.
    private var count = 0
    private var pages: [Page] = []
    /// What pages go over to a device whose subscription works.
    package var subscribed: [String: PageTransport] = [:]

    init(world: World, random: SplitMix64) {
        self.world = world
        self.random = random
    }

    /// The same story so far.
    init(_ other: Telling) {
        world = World(other.world)
        random = other.random
        heads = other.heads
        expectation = other.expectation
        isBlind = other.isBlind
        doctors = other.doctors
        count = other.count
        pages = other.pages
        subscribed = other.subscribed
    }

    package var now: Timestamp { world.now }

    /// A name that no message bears.
    func name() -> String {
        count += 1
        return "message \(count)"
    }

    /// A device asks for the present, and keeps what it is told.
    package func look(_ devices: String...) {
        for device in devices { heads.append(world.activity.sign(world.head(for: device))) }
    }

    package func keep(_ head: Head) { heads.append(world.activity.sign(head)) }

    // MARK: Expectations

    package func expect(
        _ code: AuditFinding.Code, log: LogKind? = .activity, at entries: UInt64?..., words: String...
    ) {
        expectation.findings.append(Expected(code, log: log, at: entries.compactMap { $0 }.sorted(), words: words))
    }

    /// What is wrong with the files of an export, which need not have been the relay.
    package func expectDamage(_ code: AuditFinding.Code, log: LogKind = .activity) {
        expectation.findings.append(Expected(code, .damagedCopy, log: log, at: []))
    }

    /// The first entry of the activity log that only a later version can judge.
    package func expectUnjudged(_ entry: UInt64) {
        expectation.findings.append(Expected(.updateNeeded, .unjudged, at: [entry]))
    }

    package func expectNote(
        _ code: AuditFinding.Code, log: LogKind? = .activity, at entries: UInt64..., words: String...
    ) {
        expectation.findings.append(Expected(code, .note, log: log, at: entries, words: words))
    }

    // MARK: Time

    /// Time passes at an honest relay: pages repeat, and what expires unanswered is said.
    package func pass(_ seconds: Int64) {
        let end = world.now.adding(seconds: seconds)
        while true {
            let page = pages.indices.min { pages[$0].due < pages[$1].due }
            let expiring = world.open.min { $0.expires < $1.expires }
            let next = min(page.map { pages[$0].due } ?? end, expiring?.expires ?? end)
            guard next < end else { break }
            world.now = max(world.now, next)
            if let expiring, expiring.expires == next {
                world.unanswered(expiring)
                pages.removeAll { $0.sent.message == expiring.message }
            } else if let page {
                push(page)
            }
        }
        world.now = end
    }

    private func push(_ place: Int) {
        pages[place].attempts += 1
        let page = pages[place]
        world.log(
            .pushed(
                .named(page.device), page.sent.message, page.transport, attempt: page.attempts,
                .accepted))
        let pause = Int64(world.view.policy.alerts[page.urgency]?.realertSeconds ?? 0)
        if pause == 0 { pages.remove(at: place) } else { pages[place].due = now.adding(seconds: pause) }
    }

    // MARK: Messages

    /// Sends, and pages whoever has a subscription.
    @discardableResult
    package func send(
        _ name: String? = nil, from sender: String = "ivy", to member: String = "bo", lifeSeconds: Int64 = 3_600,
        urgency: Urgency = .urgent, without: String? = nil, served: [String] = [], fallback: Bool = false,
        reference: Manifest.Reference? = nil, carrying: Sent? = nil
    ) -> Sent {
        let sent = world.send(
            name ?? self.name(), from: sender, to: member, lifeSeconds: lifeSeconds, urgency: urgency, without: without,
            served: served, fallback: fallback, reference: reference, carrying: carrying)
        for (device, transport) in subscribed.sorted(by: { $0.key < $1.key })
        where world.waiting[.named(device)]?.contains(where: { $0.message == sent.message }) == true {
            let due = served.contains(device) ? now.adding(seconds: 10) : now.adding(seconds: 1)
            pages.append(Page(sent: sent, device: device, transport: transport, urgency: urgency, due: due))
        }
        return sent
    }

    /// Receipts, and ends the pages that nobody needs any more.
    @discardableResult
    package func receipt(
        _ action: ReceiptAction, of sent: Sent, by device: String, reason: ReceiptReason? = nil
    ) -> UInt64 {
        let index = world.receipt(action, of: sent, by: device) { if let reason { $0.reason = reason } }
        switch action {
        case .acknowledged, .handedOff, .closed, .declined: over(sent)
        case .delivered where sent.isReply: over(sent)
        default: break
        }
        return index
    }

    /// Its pages end.
    package func over(_ sent: Sent) { pages.removeAll { $0.sent.message == sent.message } }

    package func deliver(_ sent: Sent, to device: String) {
        world.serve(sent, to: device)
        pass(Int64(1 + random.below(20)))
        receipt(.delivered, of: sent, by: device)
    }
}
