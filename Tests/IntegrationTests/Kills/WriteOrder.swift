/// Reads from a trace whether everything that was written was on the disk when a word left.
struct WriteOrder {
    /// Words that left while something was only in the kernel's memory: the step, and the file.
    private(set) var wordsBeforeDurability: [String] = []
    /// How often a file of those that are looked at was made durable.
    private(set) var commits = 0
    /// How many words left after the last commit.
    private(set) var wordsAfterLastCommit = 0
    /// What was not durable at the end.
    private(set) var unsafeFiles: Set<String> = []

    /// Shorter ones are signs of life and what ends a connection: they say nothing.
    private static let wordBytes = 100

    init(_ steps: [KillTrace.Step], files: [String]) {
        func concerns(_ path: String) -> Bool {
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            return files.contains { name == $0 || ($0.hasSuffix("-") && name.hasPrefix($0)) }
        }
        // A name that changed is safe when its folder is.
        var unsafeFolders: Set<String> = []
        for step in steps {
            let folder = step.about.split(separator: "/").dropLast().joined(separator: "/")
            switch step.kind {
            case "write", "page", "truncate":
                if concerns(step.about) { unsafeFiles.insert(step.about) }
            case "sync":
                if unsafeFiles.remove(step.about) != nil {
                    commits += 1
                    wordsAfterLastCommit = 0
                }
                unsafeFolders.remove(step.about.split(separator: "/").joined(separator: "/"))
            case "name":
                // The name of a renamed file is looked at as the one that was written: with or without `.new`.
                if concerns(step.about) || concerns(step.about + ".new") { unsafeFolders.insert(folder) }
            case "send" where step.bytes >= Self.wordBytes:
                wordsAfterLastCommit += 1
                for place in unsafeFiles.union(unsafeFolders) {
                    wordsBeforeDurability.append("step \(step.number), \(place)")
                }
            default: break
            }
        }
    }
}
