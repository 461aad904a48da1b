import Membership
import Statements
import TransparencyLog

extension PeriodReport {
    /// How much of the period lies before the end of the logs.
    public enum Coverage: String, Sendable {
        case whole, part, none
    }

    /// Of what the relay shows now all is covered: nothing can have come to pass yet of which it does not tell.
    public var coverage: Coverage {
        guard !request.isPresent else { return .whole }
        return request.period.start > asOf ? .none : request.period.end > asOf ? .part : .whole
    }

    /// Until when an export's logs speak: their last entry's time, or a later one at which a witness cosigned the whole activity log. A
    /// checkpoint has no time, so that without one nobody knows whether nothing happened after the last entry, or it was exported
    /// then.
    /// - Returns: `nil` when no roster could be read.
    static func end(of verdict: AuditVerdict) -> Timestamp? {
        guard let last = verdict.lastEntry else { return nil }
        let words = verdict.witnesses?.words ?? []
        return words.filter { $0.log == .activity && $0.checkpoint.size == verdict.activity?.size }.map(\.at)
            .reduce(last, max)
    }

    /// That the logs say nothing of the period, or of a part of it; `nil` where they reach to its end. An older export is no quiet
    /// night.
    public var coverageWarning: String? {
        let zone = request.zone
        var clock = ZoneClock(zone)
        let end = "the export's logs end at \(clock.second(asOf)), \(zone.name)"
        let next = "export again (nightbell audit export), and make the report of that"
        return switch coverage {
        case .whole: nil
        case .none: "\(end), before the period begins: they say nothing about it. To know what happened then, \(next)"
        case .part:
            "\(end): they say nothing about the time from then until \(zone.minute(request.period.end)). To know what happened "
                + "then, \(next)"
        }
    }
}
