public import Membership
public import Statements

/// What a file of evidence shows.
public struct EvidenceVerdict: Sendable {
    /// Something that is not as it was signed, or that breaks a rule.
    public struct Finding: Hashable, Sendable {
        /// A rule's or an audit finding's word, or one of this check's own (see ``EvidenceCheck``).
        public let code: AuditFinding.Code
        /// The part of the file: its name below the archive's folder, or `archive`.
        public let part: String
        /// The entry of the part's log that is meant.
        public let entry: UInt64?
        public let sentence: String
    }

    /// One proven entry, in the order of the log.
    public struct Event: Sendable {
        /// What kind of entry it is.
        public enum Kind: Sendable {
            /// The message's own manifest.
            case manifest(Manifest)
            /// That of what the message answers or carries on, or of what that carries on.
            case referred(Manifest)
            /// That of a message which answers this one or carries it on.
            case referring(Manifest)
            case receipt(Receipt)
            /// An auditor's look at it.
            case access(Access)
            case event(RelayEvent)
        }

        public let index: UInt64
        /// The entry's time: the relay's word.
        public let logged: Timestamp
        public let kind: Kind

        /// The device that signed it, or that an event is about.
        public var device: DeviceID? {
            switch kind {
            case .manifest(let manifest), .referred(let manifest), .referring(let manifest): manifest.sender
            case .receipt(let receipt): receipt.device
            case .access(let access): access.device
            case .event(let event): event.device
            }
        }
    }

    /// A device's receipts in the file: numbers that are not there may be about other messages.
    public struct Numbers: Sendable {
        public let device: DeviceID
        /// Ascending.
        public let numbers: [UInt64]

        /// Whether one is missing before the last. Whether there are later ones, the file does not show.
        public var hasGaps: Bool { numbers.last.map { $0 != UInt64(numbers.count) } ?? false }
    }

    /// In the order in which they were found.
    public internal(set) var findings: [Finding] = []
    /// The part or entry that a later version wrote: nothing from there on was judged, and that takes an update.
    public internal(set) var later: String?
    /// What the auditor's device signed; `nil` when it could not be read.
    public internal(set) var statement: EvidenceStatement?
    /// How many files there are.
    public internal(set) var partCount = 0
    /// The organisation's id, from the genesis in the file.
    public internal(set) var organisation: OrganisationID?
    public internal(set) var roster: AuditVerdict.Tree?
    public internal(set) var activity: AuditVerdict.Tree?
    /// Whom the roster names as witnesses, and which of them cosigned the checkpoints; `nil` when these could not be read.
    public internal(set) var witnesses: WitnessStanding?
    /// The relay's word on both logs at one time; `nil` when it could not be read, or is of other logs.
    public internal(set) var head: Head?
    /// The whole roster log of the file; `nil` when its genesis is none.
    public internal(set) var view: RosterView?
    /// Every proven entry.
    public internal(set) var events: [Event] = []
    public internal(set) var numbers: [Numbers] = []
    /// What the message's capsule holds, one JSON object of closed names; `nil` when it is not in the file, or is not true.
    public internal(set) var capsule: [UInt8]?
    /// Whether `README.txt` is another text than this version writes: the auditor may have written anything into it.
    public internal(set) var hasOtherReadme = false
    /// How many signatures of statements were verified, with those of the roster log.
    public internal(set) var signatures = 0

    init() {}

    /// Whether everything in the file was judged, is as it was signed and keeps the rules.
    public var ok: Bool { findings.isEmpty && later == nil }

    /// The auditor who made it.
    public var auditor: MemberID? { statement.flatMap { view?.device($0.device)?.member } }

    mutating func find(_ code: AuditFinding.Code, _ part: String, entry: UInt64? = nil, _ sentence: String) {
        // A hostile file is told once that it is one.
        guard findings.count < 1_000 else { return }
        findings.append(Finding(code: code, part: part, entry: entry, sentence: sentence))
    }
}

extension AuditFinding.Code {
    // MARK: A file of evidence

    /// The archive is not one that was written here.
    public static let archiveMalformed = Self(rawValue: "archive_malformed")
    /// A part is missing, in another place than its own, or has no place.
    public static let partMisplaced = Self(rawValue: "part_misplaced")
    /// A part is not what was hashed.
    public static let partChanged = Self(rawValue: "part_changed")
    /// A part cannot be read.
    public static let partMalformed = Self(rawValue: "part_malformed")
    /// A log's key is not the one that genesis names.
    public static let wrongLogKey = Self(rawValue: "wrong_log_key")
    /// Who signed the evidence is no auditor whose device may sign.
    public static let notAnAuditor = Self(rawValue: "not_an_auditor")
    /// What the auditor signed names other checkpoints than the file holds.
    public static let otherCheckpoint = Self(rawValue: "other_checkpoint")
    /// The head is of other trees than the checkpoints.
    public static let otherHead = Self(rawValue: "other_head")
    /// An entry's place is not proven.
    public static let proofFailed = Self(rawValue: "proof_failed")
    /// What the file says that the capsule holds is not what it holds.
    public static let capsuleUntrue = Self(rawValue: "capsule_untrue")
    /// A part that is about nothing of this message.
    public static let notAboutIt = Self(rawValue: "not_about_it")
}
