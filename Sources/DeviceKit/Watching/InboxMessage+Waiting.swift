extension InboxMessage {
    /// Whether nobody on this device has read or answered it yet, as far as is logged.
    public var waitsForAPerson: Bool { ["waiting", "delivered", "quarantined"].contains(state) }

    /// Whether nobody on this device has answered it yet, read or not, as far as is logged.
    public var isUnanswered: Bool { waitsForAPerson || state == "read" }
}
