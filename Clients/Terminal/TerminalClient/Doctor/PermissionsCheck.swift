import DeviceKit

/// Whether the profile is for its owner alone.
struct PermissionsCheck: DoctorCheck {
    static let name = "permissions"
    private static let shownAtMost = 5

    let files: [ProfileInspection.File]

    func judge() -> [CheckResult] {
        let foreign = files.filter { !$0.isOurs }.map { file in
            Self.problem(
                "\"\(file.path)\" belongs to another user",
                next: "use a profile of your own, or let its owner run nightbell")
        }
        let links = files.filter { $0.isOurs && $0.isLink }.map { file in
            Self.problem(
                "\"\(file.path)\" is a symbolic link, and Nightbell makes none: no command opens the profile",
                next: "put the file itself there, or remove the link: rm '\(file.path)'")
        }
        let open = files.filter { $0.isOurs && !$0.isLink && $0.mode & 0o077 != 0 }.map { file in
            Self.problem(
                "\"\(file.path)\" can be used by others (mode \(String(file.mode, radix: 8))): no command opens the profile",
                next: "run: chmod \(file.isFolder ? "700" : "600") '\(file.path)'")
        }
        let faults = foreign + links + open
        guard !faults.isEmpty else {
            return [Self.ok("the folder and its \(max(0, files.count - 1)) files are yours alone")]
        }
        guard faults.count > Self.shownAtMost else { return faults }
        return faults.prefix(Self.shownAtMost) + [
            Self.problem(
                "so it is with \(faults.count - Self.shownAtMost) more",
                next: "run: chmod -R go= on the profile's folder")
        ]
    }
}
