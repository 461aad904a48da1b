/// The outer limits that 45 CFR 164.404 to 164.410 set from the day on which a breach was discovered.
///
/// Arithmetic, and no legal conclusion: whether there was a breach at all is a decision under 164.402, by whoever is
/// responsible for it. Every limit is an outer one: each rule says "without unreasonable delay" first.
public struct BreachDeadlines: Hashable, Sendable {
    /// Whether a rule asks for a notice, as far as the number of individuals says.
    public enum Applies: String, Sendable {
        case yes, no
        /// It depends on what is not known here: how many there are, or in which State they live.
        case depends
    }

    /// One rule and its last day.
    public struct Deadline: Hashable, Sendable {
        /// `164.404(b)`.
        public let rule: String
        /// Who is told: `individuals`, `media`, `secretary`, `covered_entity`.
        public let whom: String
        public let lastDay: CalendarDay
        public let applies: Applies
        /// In words.
        public let sentence: String
    }

    /// 60 calendar days: 164.404(b), 164.406(b), 164.408(b), 164.410(b); and after the end of the year 164.408(c).
    public static let days = 60
    /// 164.408(b): 500 or more. 164.406(a): more than 500 of one State or jurisdiction.
    public static let threshold = 500

    public let discovered: CalendarDay
    public let deadlines: [Deadline]

    /// - Parameters:
    ///   - individuals: How many individuals are known to be affected; `nil` when nobody could look.
    ///   - isComplete: Whether there can be no more than these.
    public init(discovered: CalendarDay, individuals: Int?, isComplete: Bool) {
        self.discovered = discovered
        let last = discovered.adding(days: Self.days)
        let isLarge = Self.applies(individuals, isComplete, from: Self.threshold)
        let mayBeMedia = Self.applies(individuals, isComplete, from: Self.threshold + 1)
        let isSmall: Applies =
            switch isLarge {
            case .yes: .no
            case .no: .yes
            case .depends: .depends
            }
        deadlines = [
            Deadline(
                rule: "164.404(b)", whom: "individuals", lastDay: last, applies: .yes,
                sentence: "each affected individual is told, without unreasonable delay and at the latest on this day"),
            Deadline(
                rule: "164.406(b)", whom: "media", lastDay: last, applies: mayBeMedia == .no ? .no : .depends,
                sentence:
                    "prominent media outlets of a State or jurisdiction are told, if more than 500 of its residents are affected"
            ),
            Deadline(
                rule: "164.408(b)", whom: "secretary", lastDay: last, applies: isLarge,
                sentence: "the Secretary of HHS is told together with the individuals, if 500 or more are affected"),
            Deadline(
                rule: "164.408(c)", whom: "secretary", lastDay: discovered.endOfYear.adding(days: Self.days),
                applies: isSmall,
                sentence:
                    "if fewer than 500 are affected: the breach is documented, and the Secretary of HHS is told within 60 days after"
                    + " the end of the calendar year in which it was discovered"),
            Deadline(
                rule: "164.410(b)", whom: "covered_entity", lastDay: last, applies: .depends,
                sentence:
                    "a business associate (an answering service, the relay's operator) tells the covered entity; its contract may say"
                    + " sooner, and the earlier day counts"),
        ]
    }

    private static func applies(_ individuals: Int?, _ isComplete: Bool, from threshold: Int) -> Applies {
        guard let individuals else { return .depends }
        if individuals >= threshold { return .yes }
        return isComplete ? .no : .depends
    }
}
