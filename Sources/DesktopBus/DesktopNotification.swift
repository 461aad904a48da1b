import CSystemd

/// Something shown by the user's desktop (org.freedesktop.Notifications), over the session bus when there is one.
///
/// Whoever looks at the screen reads it, and other programs of the session may: its text is chosen for that.
public struct DesktopNotification: Sendable {
    private static let service = "org.freedesktop.Notifications"
    private static let object = "/org/freedesktop/Notifications"

    public let summary: String
    public let body: String
    /// Stays until it is dismissed, and breaks through what keeps quiet, where the desktop lets it.
    public let isCritical: Bool

    public init(summary: String, body: String, isCritical: Bool) {
        self.summary = summary
        self.body = body
        self.isCritical = isCritical
    }

    /// Shows it, and waits two seconds for the desktop's answer at the most.
    /// - Parameter earlier: The number of one whose place it takes; 0 for none.
    /// - Returns: Its number, or `nil` when there is no session bus, or nobody on it who shows notifications.
    public func show(replacing earlier: UInt32 = 0) -> UInt32? {
        guard let connection = BusConnection(.session) else { return nil }
        return unsafe connection.callWithMessage(
            destination: Self.service, path: Self.object, interface: Self.service, member: "Notify"
        ) { message in
            var replaced = earlier
            var timeout: Int32 = isCritical ? 0 : -1
            var urgency: UInt8 = isCritical ? 2 : 1
            // Notify(app_name, replaces_id, app_icon, summary, body, actions, hints, expire_timeout): susssasa{sv}i
            return unsafe append("Nightbell", to: message)
                && sd_bus_message_append_basic(message, CChar(117), &replaced) >= 0
                && append("", to: message) && append(summary, to: message) && append(body, to: message)
                && sd_bus_message_open_container(message, CChar(97), "s") >= 0
                && sd_bus_message_close_container(message) >= 0
                && sd_bus_message_open_container(message, CChar(97), "{sv}") >= 0
                && sd_bus_message_open_container(message, CChar(101), "sv") >= 0 && append("urgency", to: message)
                && sd_bus_message_open_container(message, CChar(118), "y") >= 0
                && sd_bus_message_append_basic(message, CChar(121), &urgency) >= 0
                && sd_bus_message_close_container(message) >= 0 && sd_bus_message_close_container(message) >= 0
                && sd_bus_message_close_container(message) >= 0
                && sd_bus_message_append_basic(message, CChar(105), &timeout) >= 0
        } reply: { reply in
            var number: UInt32 = 0
            return unsafe sd_bus_message_read_basic(reply, CChar(117), &number) >= 0 ? number : nil
        }
    }

    /// Takes it away again: what rang was answered.
    public static func close(_ number: UInt32) {
        guard let connection = BusConnection(.session) else { return }
        // One that was dismissed meanwhile is an error of no concern.
        let _: Bool? = unsafe connection.callWithMessage(
            destination: service, path: object, interface: service, member: "CloseNotification"
        ) { message in
            var number = number
            return unsafe sd_bus_message_append_basic(message, CChar(117), &number) >= 0
        } reply: { _ in
            true
        }
    }

    private func append(_ text: String, to message: OpaquePointer) -> Bool {
        unsafe text.withCString { unsafe sd_bus_message_append_basic(message, CChar(115), $0) >= 0 }
    }
}
