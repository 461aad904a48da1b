import Membership
public import Statements

/// What a report is about, and who asks.
public struct ReportRequest: Sendable {
    public var period: ReportPeriod
    public var zone: ReportZone
    /// When the report is made.
    public var generated: Timestamp
    /// Whether the logs are what the relay shows now: then what is due is judged by ``generated``, and by the last entry
    /// otherwise.
    public var isPresent: Bool
    /// The device that asks; `nil` when an export is read without one.
    public var device: DeviceID?
    /// The command that verifies the same logs and tells everything that it finds.
    public var verification: String { isPresent ? "nightbell audit verify" : "nightbell audit verify --export DIR" }
    /// Whether members' names stand beside their ids.
    public var showsNames = true

    public init(
        period: ReportPeriod, zone: ReportZone = .utc, generated: Timestamp, isPresent: Bool, device: DeviceID? = nil
    ) {
        self.period = period
        self.zone = zone
        self.generated = generated
        self.isPresent = isPresent
        self.device = device
    }
}

/// Members as a report names them.
struct ReportNames {
    private let view: RosterView?
    private let isShown: Bool

    init(_ view: RosterView?, isShown: Bool) {
        self.view = view
        self.isShown = isShown
    }

    /// The member's name; `nil` where names are left out, and for whoever is in no roster.
    func name(_ member: MemberID?) -> String? {
        guard isShown, let member else { return nil }
        return view?.member(member)?.name.description
    }

    /// The name, or else the id.
    func text(_ member: MemberID?) -> String {
        guard let member else { return "unknown" }
        return name(member) ?? member.description
    }
}
