import DeviceStorage
import Secrets
public import Statements
import TransparencyLog

extension DeviceSession {
    /// Writes evidence, records the finding, tells the observer. The same evidence is recorded once, and told every time:
    /// a lie that goes on stays loud.
    /// - Parameter parts: What proves it: notes, entries and proofs as text, other bytes as base64.
    /// - Parameter occasion: What makes this finding the same as an earlier one, where its parts would differ each time.
    /// - Parameter log: The log that it is about, where it is about one.
    /// - Returns: The finding, to throw its error where a command must stop.
    @discardableResult
    func record(
        _ code: Finding.Code, _ sentence: String, message: MessageID? = nil, parts: [(String, [UInt8])],
        occasion: String? = nil, log: LogKind? = nil
    ) throws -> Finding {
        var shown = JSONObject()
        for (name, bytes) in parts {
            let text = String(validating: bytes, as: UTF8.self)
            shown.set(
                name,
                to: text.map { .string($0) } ?? ["base64": .string(Base64.encode(bytes))])
        }
        let document: JSONValue = [
            "finding": .string(code.rawValue), "sentence": .string(sentence),
            "organisation": .text(identity.organisation), "device": .text(identity.device),
            "message": .text(orNull: message), "roster_key": .string(logKey(.roster).key.vkey),
            "activity_key": .string(logKey(.activity).key.vkey), "parts": .object(shown),
        ]
        let bytes = Array(document.ascii.utf8) + [UInt8(ascii: "\n")]
        let finding = try profile.keep(
            code, sentence, log: log, bytes, occasion: occasion, found: connection.clock.now())
        toldHere?.evidence.insert(finding.evidence)
        observer.found(finding)
        return finding
    }

    /// Every finding so far, oldest first.
    public func findings() throws -> [(found: Timestamp, finding: Finding)] {
        try profile.findings()
    }

    /// A proven contradiction; while there is one, nothing is sent.
    public func contradiction() throws -> Finding? {
        guard let kept = try profile.store.look({ try $0.setting(.contradiction) }) else { return nil }
        let evidence = String(decoding: kept, as: UTF8.self)
        return try findings().map(\.finding).first { $0.evidence == evidence }
            ?? Finding(.contradiction, "the relay was caught with two histories", evidence: evidence)
    }

    /// Findings that convict the relay for good, the gravest first, of each kind and log the oldest: whatever it shows now,
    /// their evidence is kept.
    public func convictions() throws -> [Finding] { try profile.convictions() }
}
