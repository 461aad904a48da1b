/// What a profile was made for, while it is not done.
enum Intent {
    /// The profile is in the middle of something else.
    static func conflict(_ begun: [UInt8]) throws -> DeviceKitError {
        let document = try? JSONParser.parse(begun)
        let what = document?["founding"] != nil ? "founding an organisation" : "joining with another invitation"
        return DeviceKitError(
            "profile_in_use", .wouldOverwrite, "this profile is already used, or in the middle of \(what)",
            next: "repeat that command with the same words, or choose another folder with --profile DIR")
    }

    /// The profile is a device already.
    static func enrolled() -> DeviceKitError {
        DeviceKitError(
            "already_enrolled", .wouldOverwrite, "this profile is enrolled already; a device joins once",
            next: "choose another folder with --profile DIR")
    }
}
