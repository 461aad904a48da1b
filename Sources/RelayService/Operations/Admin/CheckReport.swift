/// What `check` found.
public struct CheckReport: Sendable, Equatable, Codable {
    /// One thing that is not as it must be.
    public struct Problem: Sendable, Equatable, Codable {
        /// A stable snake_case word.
        public let code: String
        /// Names the log or the file, and what is wrong with it, in words of ours.
        public let message: String

        public init(code: String, message: String) {
            self.code = code
            self.message = message
        }
    }

    /// 64: the first ones say enough.
    public static let maximumProblemCount = 64

    /// How many organisations were checked.
    public let organisations: Int
    /// How many entries of both their logs were recomputed.
    public let entries: Int
    /// How many sealed attachments were looked for.
    public let attachments: Int
    /// At most ``maximumProblemCount``; empty when all is well.
    public let problems: [Problem]

    /// The same with what was found of attachments.
    func adding(_ found: BlobCheck.Result) -> CheckReport {
        CheckReport(
            organisations: organisations, entries: entries, attachments: attachments + found.count,
            problems: problems + found.problems)
    }

    /// Problems beyond the bound are left out.
    public init(organisations: Int, entries: Int, attachments: Int = 0, problems: [Problem]) {
        self.organisations = organisations
        self.entries = entries
        self.attachments = attachments
        self.problems = Array(problems.prefix(Self.maximumProblemCount))
    }
}
