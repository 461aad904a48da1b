import DesktopBus

/// The desktop as far as it rings: notifications with a number each.
struct Desktop: Sendable {
    /// Shows a text in the place of an earlier one (0: of none), and gives its number; `nil` where nothing is shown.
    var show: @Sendable (_ text: String, _ isCritical: Bool, _ earlier: UInt32) -> UInt32?
    var close: @Sendable (_ number: UInt32) -> Void

    /// That of the user's session.
    static let session = Desktop(
        show: { text, isCritical, earlier in
            DesktopNotification(summary: "Nightbell", body: text, isCritical: isCritical).show(replacing: earlier)
        },
        close: DesktopNotification.close)
}
