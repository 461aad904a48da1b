import DeviceStorage
import Membership
import RelayAPI
import Sealing
import Secrets
public import Statements
import WebPush

/// Takes in what push services bring: opens pages, says challenges back, and fetches what they announce on the ordinary way.
///
/// Works over a session of its own, and waits for no stream. For one task at a time, like that session: whoever opens pages
/// while another task waits for the relay has a second one, with the same ``PagedMessages``.
public final class PageReceiver {
    /// How many subscriptions' keys are tried with a body that names none: as many as a device may have.
    private static let keysTried = Int(APILimits.subscriptions)

    private let session: DeviceSession
    private let pages: PagedMessages

    public init(_ session: DeviceSession, _ pages: PagedMessages) {
        self.session = session
        self.pages = pages
    }

    // MARK: Opening

    /// Finds out what a body is. Asks the relay nothing.
    /// - Throws: ``DeviceKitError`` and `DeviceStorageError` when the profile itself cannot be used.
    public func take(_ frame: PushFrame) throws -> PushedBody {
        let opened = try opened(frame)
        guard let (subscription, content) = opened else {
            return .reason(
                frame.subscription.map { "what came for \($0) does not open with its keys, or they are not here" }
                    ?? "what came opens with no subscription's keys")
        }
        switch PushBody(parsing: content) {
        case .challenge(let challenge) where challenge.subscription == subscription:
            return .challenge(ReceivedChallenge(subscription: subscription, secret: challenge.secret))
        case .challenge: return .reason("a challenge of another subscription came over \(subscription)")
        case .page(let page): return try take(page)
        case nil: return .reason("what came over \(subscription) is nothing that this version knows")
        }
    }

    /// The content, and over which subscription it came.
    private func opened(_ frame: PushFrame) throws -> (SubscriptionID, [UInt8])? {
        try session.profile.store.look { store in
            let all = try store.subscriptions().compactMap { SubscriptionID($0.id) }
            let named = frame.subscription.map { [$0] } ?? Array(all.suffix(Self.keysTried))
            for id in named {
                let content = try store.withSubscriptionKeys(id.description) { key, authentication in
                    guard let key = try? P256PrivateKey(key.duplicate()) else { return [UInt8]?.none }
                    return try? PushMessage.open(frame.body, with: key, authentication: authentication)
                }
                if let content, let content { return (id, content) }
            }
            return nil
        }
    }

    private func take(_ page: Page) throws -> PushedBody {
        let id = page.message
        if try isStored(id) { return .stored(id) }
        if let before = pages.page(of: id), before.hasOpened { return .again(id) }
        var timer = StepTimer(message: id)
        guard let alert = try alert(of: page) else {
            // Another process of this profile may have taken it in, and destroyed its prekey, in the meantime.
            if try isStored(id) { return .stored(id) }
            if pages.page(of: id) == nil {
                timer.note(.page, "a page arrived that does not open here: a reason to connect")
                try session.log(&timer)
            }
            pages.keep(page, hasOpened: false)
            return .reason("a page came that does not open here")
        }
        timer.note(.page, "a page arrived, and opened to its alert with prekey \(page.prekey); unconfirmed")
        try session.log(&timer)
        pages.keep(page, hasOpened: true)
        return .alert(alert)
    }

    private func isStored(_ message: MessageID) throws -> Bool {
        try session.profile.store.look { try $0.isStored(message: message.description) }
    }

    /// - Returns: `nil` for a page that does not open, or whose alert is not what its sender signed.
    private func alert(of page: Page) throws -> PagedAlert? {
        try session.catchUp()
        let view = session.view
        let alert = try session.profile.store.look { store in
            try store.withPrivatePrekey(page.prekey.description) { secret -> AlertText? in
                guard let key = EncapsulationPrivateKey(secret: secret) else { return nil }
                return page.alert(with: key, organisation: session.identity.organisation) { view.device($0)?.key }
            }
        }
        guard let alert, let alert else { return nil }
        return PagedAlert(
            message: page.message, urgency: alert.urgency, at: alert.at, sender: alert.sender,
            member: view.device(alert.sender)?.member)
    }

    // MARK: What they ask for

    /// Says a challenge back, which proves to the relay that what it sends on that way arrives.
    /// - Throws: ``DeviceKitError``.
    public func sayBack(_ challenge: ReceivedChallenge) async throws {
        var timer = StepTimer()
        do {
            _ = try await session.sayBack(challenge.subscription, challenge.secret)
        } catch let refusal as RelayRefusal {
            throw session.learn(from: refusal.problem)
        }
        timer.note(.page, "the relay's challenge came over \(challenge.subscription), and was said back")
        try session.log(&timer)
    }

    /// Fetches what waits, on the ordinary way, and compares the pages with what came.
    /// - Returns: What no stream had brought.
    /// - Throws: ``DeviceKitError``; what was taken in until then is stored.
    public func connect() async throws -> DeviceSession.PollResult {
        defer { try? compare() }
        do {
            try session.catchUp()
            try await session.refreshForReceiving()
            return try await session.poll()
        } catch let refusal as RelayRefusal {
            throw session.learn(from: refusal.problem)
        }
    }

    /// Which of these are not stored: paged before ``connect()``, and after it the relay has none of them for this device. They
    /// are forgotten, and a page for one of them is heard as if it were the first.
    public func unconfirmed(of paged: [MessageID]) -> [MessageID] {
        let messages = paged.filter { (try? isStored($0)) == false }
        messages.forEach(pages.forget)
        return messages
    }

    /// Compares pages with what is stored by now, whichever process stored it.
    ///
    /// What was paged must be the message's own; else a finding, with the page as evidence.
    public func compare() throws {
        for kept in pages.kept {
            let id = kept.page.message
            guard let row = try session.profile.store.look({ try $0.message(id.description) }) else { continue }
            pages.forget(id)
            guard let item = try? APIJSON.decode(QueueItem.self, from: row.envelope) else { continue }
            let differing = Self.differing(kept, item)
            guard !differing.isEmpty else { continue }
            try session.record(
                .pageDiffers,
                "the relay paged another \(differing.joined(separator: " and another ")) than the message has",
                message: id,
                parts: [
                    ("page", kept.page.bytes), ("entry", Array(item.entry.entry.utf8)),
                    ("proof", Array(item.entry.proof.utf8)),
                ], occasion: "\(id) \(Digest.sha256(kept.page.bytes))")
        }
    }

    private static func differing(_ kept: PagedMessages.Kept, _ item: QueueItem) -> [String] {
        func isSame(_ bytes: [UInt8], _ text: String?) -> Bool {
            text.flatMap { Base64.decode(Array($0.utf8)) } == bytes
        }
        var binding: Digest?
        if let entry = try? Entry(parsing: Array(item.entry.entry.utf8)),
            case .manifest(let manifest, _) = try? ActivityStatement(parsing: entry.body)
        {
            binding = manifest.binding
        }
        return [
            binding == kept.page.binding ? nil : "binding",
            !kept.hasOpened || isSame(kept.page.sealedKey, item.sealedKey) ? nil : "sealed key",
            isSame(kept.page.sealedAlert, item.alert) ? nil : "alert",
        ].compactMap { $0 }
    }
}
