import DeviceStorage

/// The sealed settings of a profile, by name.
extension SettingName {
    /// The Ed25519 seed of the device's signing key.
    static let deviceKey = SettingName(rawValue: "device-key")
    /// Who this device is; absent until it is enrolled.
    static let identity = SettingName(rawValue: "identity")
    /// A founding or joining that was begun: repeated byte for byte until it is answered.
    static let intent = SettingName(rawValue: "intent")
    /// The signed genesis of a founding, posted byte for byte.
    static let genesisNote = SettingName(rawValue: "genesis-note")
    /// The signed enrolment of a joining, posted byte for byte.
    static let enrolNote = SettingName(rawValue: "enrol-note")
    /// The recovery secret of a founding, until its founder has seen it.
    static let recoverySecret = SettingName(rawValue: "recovery-secret")
    /// The largest verified checkpoint of each log.
    static let rosterCheckpoint = SettingName(rawValue: "checkpoint-roster")
    static let activityCheckpoint = SettingName(rawValue: "checkpoint-activity")
    /// The newest cosigned checkpoint of each log and witness: notes in base64, one a line.
    static let cosigned = SettingName(rawValue: "cosigned")
    /// When the relay was last asked for it, as a timestamp.
    static let cosignedAsked = SettingName(rawValue: "cosigned-asked")
    /// The number and running hash of the last queue item that was taken in.
    static let queue = SettingName(rawValue: "queue")
    /// Items of the queue that were passed over.
    static let queueMissing = SettingName(rawValue: "queue-missing")
    /// A proven contradiction: sending stops.
    static let contradiction = SettingName(rawValue: "contradiction")
    /// Devices that joined and that no person here has seen yet.
    static let unseenDevices = SettingName(rawValue: "unseen-devices")
    /// The private half of an auditor's key: X25519 scalar and ML-KEM seed.
    static let auditKey = SettingName(rawValue: "audit-key")
    /// How many entries of the activity log an auditor's index of capsules covers.
    static let capsulesRead = SettingName(rawValue: "capsules-read")
    /// Which commit of what audits keep was the last: marks in hex, one a line.
    static let auditMarks = SettingName(rawValue: "audit-marks")
    /// 32 bytes under which an auditor's questions are hashed where no audit key is held.
    static let queryKey = SettingName(rawValue: "query-key")
}
