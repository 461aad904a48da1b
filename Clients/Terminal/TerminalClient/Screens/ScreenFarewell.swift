/// What stands in the terminal when the screen is gone.
enum ScreenFarewell {
    /// - Parameter option: That names the profile in a command, with a blank before it.
    /// - Returns: `nil` when nothing is left behind.
    static func words(_ left: LeftBehind, _ option: String) -> String? {
        guard left != LeftBehind() else { return nil }
        let unsent = left.unsent > 0 ? "; what is NOT SENT goes out then: if it is urgent, TELEPHONE" : ""
        return "\(left.words.uppercased()), and this screen rings no more: "
            + "run \"nightbell ui\(option)\" again, or \"nightbell watch\(option)\" to be rung\(unsent)"
    }
}
