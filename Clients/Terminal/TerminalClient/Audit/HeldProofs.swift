import DeviceKit

/// What this device keeps against the relay, said beside what it makes for somebody else and what holds nothing of it.
struct HeldProofs {
    /// The gravest first.
    private let convictions: [Finding]

    init(_ convictions: [Finding]) { self.convictions = convictions }

    /// The files, as whoever asks for JSON gets them.
    var document: JSONValue { .array(convictions.map { .string($0.evidence) }) }

    /// What to hand on as well; `nil` where nothing is held.
    /// - Parameter file: What was made.
    func warning(beside file: String) -> String? {
        guard let gravest = convictions.first else { return nil }
        let export =
            gravest.needsExport
            ? "" : "; \"nightbell audit export DIR\" writes the history that the relay shows now"
        return
            "\(gravest.charge); this device holds it, and it is not in \"\(SafeText.line(file))\": hand both on. "
            + "\(SafeText.line(gravest.next.atSentenceStart))\(export)"
    }
}

extension Finding {
    /// `NOT ONE HISTORY, as "FILE" proves`, for a conviction: no more than its file shows to somebody else.
    ///
    /// A log of which the end was taken away is one history, and no proof of two.
    var charge: String {
        let file = SafeText.line(evidence)
        guard code != .rolledBack else {
            return "ROLLED BACK (the relay signed a larger tree, and then showed a smaller one), as \"\(file)\" shows"
        }
        return "NOT ONE HISTORY, as \"\(file)\" proves"
            + (needsExport ? " together with an export of the history that the relay shows now" : "")
    }
}
