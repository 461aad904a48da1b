extension InboxMessage {
    /// Whether nobody on this device has read or answered it yet, as far as is logged.
    public var waitsForAPerson: Bool { ["waiting", "delivered", "quarantined"].contains(state) }
}
