/// What a member may do. Written in this order.
public enum Role: String, CaseIterable, Comparable, Sendable {
    /// Takes messages, acknowledges them, is on call.
    case provider
    /// Takes calls and sends messages.
    case intake
    /// Enrols and revokes. Never given by a `member` statement: `genesis` and `admins` list device keys.
    case admin
    /// Verifies both logs, opens capsules, cannot open a message.
    case auditor
    /// Files records elsewhere.
    case gateway

    public static func < (left: Role, right: Role) -> Bool {
        allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
    }
}

/// How soon somebody must look.
public enum Urgency: String, CaseIterable, Comparable, Sendable {
    case emergent, urgent
    case sameDay = "same_day"
    case routine

    /// The more urgent first.
    public static func < (left: Urgency, right: Urgency) -> Bool {
        allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
    }
}

/// One step of a message's delivery, signed by a recipient's device.
public enum ReceiptAction: String, CaseIterable, Sendable {
    case delivered, read, acknowledged, declined
    /// Sealed anew to somebody else, whose message it is from then on.
    case handedOff = "handed_off"
    case closed
    /// Put into another system's records, under an id that the receipt carries as a keyed hash.
    case filed
    /// Saved out of the client, where nothing of ours guards it any more.
    case disclosed
    case undecryptable
}

/// The closed list of reasons a receipt can give.
public enum ReceiptReason: String, CaseIterable, Sendable {
    case callingNow = "calling_now"
    case willCallBy = "will_call_by"
    case needInfo = "need_info"
    case notMine = "not_mine"
    case unavailable
    case noPrekey = "no_prekey"
    case commitment, seal, content, padding, attachment

    /// The reasons that go with an action; `nil` stands for `none`.
    public static func permitted(for action: ReceiptAction) -> [ReceiptReason?] {
        switch action {
        case .acknowledged: [.callingNow, .willCallBy, .needInfo]
        case .declined: [.notMine, .unavailable]
        case .undecryptable: [.noPrekey, .commitment, .seal, .content, .padding, .attachment]
        case .delivered, .read, .handedOff, .closed, .filed, .disclosed: [nil]
        }
    }
}

/// What a recipient found when it compared the capsule with the record.
public enum CapsuleVerdict: String, CaseIterable, Sendable {
    case agrees, differs, none
}

/// Whether a member takes part.
public enum MemberStatus: String, CaseIterable, Sendable {
    case active, suspended
}

/// Why a device of the addressed could not be sealed to.
public enum WithoutReason: String, CaseIterable, Sendable {
    case noPrekey = "no_prekey"
    case queueFull = "queue_full"
}

/// Over which transport a page goes to a device.
public enum PageTransport: String, CaseIterable, Sendable {
    case webPush = "web_push"
    case apns, fcm
}

/// What became of an attempt to push a page. `accepted` is the transport's word, and no delivery.
public enum PageOutcome: String, CaseIterable, Sendable {
    case accepted
    /// The subscription is no more.
    case gone
    /// The transport does not take this page.
    case rejected
    /// The transport refuses the relay.
    case unauthorized
    /// No answer, or one that asks to come again.
    case later
}

/// What became of a device's subscription to pages.
public enum SubscriptionChange: String, CaseIterable, Sendable {
    case added
    /// What was sent through it came back.
    case proven
    /// By the device.
    case removed
    /// Its transport said that it is no more.
    case dropped
}

/// The two logs of an organisation.
public enum LogKind: String, CaseIterable, Sendable {
    case roster, activity
}
