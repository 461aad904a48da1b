/// What stands in the terminal when the screen is gone.
enum ScreenFarewell {
    /// - Parameters:
    ///   - waiting: How many messages wait for this person.
    ///   - option: That names the profile in a command, with a blank before it.
    /// - Returns: `nil` when none does.
    static func words(waiting: Int, _ option: String) -> String? {
        guard waiting > 0 else { return nil }
        return
            "\(waiting == 1 ? "1 MESSAGE WAITS" : "\(waiting) MESSAGES WAIT") FOR AN ANSWER, and this screen rings no more: "
            + "run \"nightbell ui\(option)\" again, or \"nightbell watch\(option)\" to be rung"
    }
}
