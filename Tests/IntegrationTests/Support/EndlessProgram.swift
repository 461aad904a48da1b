import Foundation

/// A program for `watch --command` that runs until whoever started it ends it; while the profile is locked it does nothing.
struct EndlessProgram {
    let path: String
    private var pidFile: String { path + ".pid" }

    init(in folder: String, _ name: String) throws {
        path = "\(folder)/endless-\(name)"
        let text = "#!/bin/sh\n[ \"$3\" = locked ] && exit 0\necho $$ > \(path).pid\nwhile :; do sleep 0.2; done\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
    }

    /// Waits until it runs.
    /// - Returns: Its process.
    func started() async throws -> Int32 {
        var pid: Int32?
        let runs = try await ProfileProcesses.wait {
            pid = (try? String(contentsOfFile: pidFile, encoding: .utf8)).flatMap { Int32($0.dropLast()) }
            return pid != nil
        }
        guard runs, let pid else { throw PreparationFailed("the program of --command was not run") }
        return pid
    }
}
