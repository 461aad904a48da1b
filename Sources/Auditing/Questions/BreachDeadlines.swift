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
        /// Why it does not apply; `nil` where it does, or may.
        public let exclusion: String?
        /// Whether its last day is over.
        public let isPast: Bool
    }

    /// 60 calendar days: 164.404(b), 164.406(b), 164.408(b), 164.410(b); and after the end of the year 164.408(c).
    public static let days = 60
    /// 164.408(b): 500 or more. 164.406(a): more than 500 of one State or jurisdiction.
    public static let threshold = 500

    public let discovered: CalendarDay
    public let deadlines: [Deadline]

    /// - Parameters:
    ///   - today: The day on which it is asked.
    ///   - individuals: How many individuals are known to be affected; `nil` when nobody could look.
    ///   - unknown: How many more there can be at the most, of whom nobody knows who they are.
    public init(discovered: CalendarDay, today: CalendarDay, individuals: Int?, unknown: Int) {
        self.discovered = discovered
        let last = discovered.adding(days: Self.days)
        let most = individuals.map { $0 + unknown }
        func deadline(
            _ rule: String, _ whom: String, _ lastDay: CalendarDay, _ applies: Applies, _ sentence: String,
            unless exclusion: String? = nil
        ) -> Deadline {
            // A rule that counts individuals asks for nothing where there can be none.
            let isNobody = exclusion != nil && most == 0
            let why: String? = isNobody ? "nobody is named" : applies == .no ? exclusion : nil
            return Deadline(
                rule: rule, whom: whom, lastDay: lastDay, applies: isNobody ? .no : applies, sentence: sentence,
                exclusion: why, isPast: lastDay < today)
        }
        let isLarge = Self.applies(individuals, most, from: Self.threshold)
        let mayBeMedia = Self.applies(individuals, most, from: Self.threshold + 1)
        let isSmall: Applies =
            switch isLarge {
            case .yes: .no
            case .no: .yes
            case .depends: .depends
            }
        deadlines = [
            deadline(
                "164.404(b)", "individuals", last, individuals == 0 ? .depends : .yes,
                "each affected individual is told, without unreasonable delay and at the latest on this day",
                unless: "nobody is named"),
            deadline(
                "164.406(b)", "media", last, mayBeMedia == .no ? .no : .depends,
                "prominent media outlets of a State or jurisdiction are told, if more than 500 of its residents are affected",
                unless: "not more than 500 are affected"),
            deadline(
                "164.408(b)", "secretary", last, isLarge,
                "the Secretary of HHS is told together with the individuals, if 500 or more are affected",
                unless: "fewer than 500 are affected"),
            deadline(
                "164.408(c)", "secretary", discovered.endOfYear.adding(days: Self.days), isSmall,
                "if fewer than 500 are affected: the breach is documented, and the Secretary of HHS is told within 60 days after"
                    + " the end of the calendar year in which it was discovered", unless: "500 or more are affected"),
            deadline(
                "164.410(b)", "covered_entity", last, .depends,
                "a business associate (an answering service, the relay's operator) tells the covered entity; its contract may say"
                    + " sooner, and the earlier day counts"),
        ]
    }

    private static func applies(_ individuals: Int?, _ most: Int?, from threshold: Int) -> Applies {
        guard let individuals, let most else { return .depends }
        if individuals >= threshold { return .yes }
        return most < threshold ? .no : .depends
    }
}
