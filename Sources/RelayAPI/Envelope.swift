import Secrets
public import Statements

/// Why an envelope is refused before anything in it is believed.
public struct EnvelopeError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// Lengths do not add up, or the manifest cannot be read.
        case malformed
        /// A part's hash is not the manifest's.
        case changed
    }

    public let code: Code
    /// Which part, in our words.
    public let part: String

    public init(_ code: Code, part: String) {
        self.code = code
        self.part = part
    }

    public var description: String { "\(code.rawValue): \(part)" }
}

/// A manifest and its sealed parts on the wire: 4-byte big-endian length, manifest note, then the parts in one order with
/// sizes known from the manifest: sealed keys in the order of `to`, the recovery key's, the capsule's, alert, capsule, content.
public struct Envelope: Sendable {
    /// 1,216.
    public static let sealedKeyByteCount = 1_216

    public let note: SignedNote
    public let manifest: Manifest
    /// In the order of the manifest's `to`.
    public let sealedKeys: [[UInt8]]
    public let recoverySealedKey: [UInt8]?
    public let capsuleSealedKey: [UInt8]?
    public let alert: [UInt8]
    public let capsule: [UInt8]?
    public let content: [UInt8]

    /// - Throws: ``EnvelopeError`` when a part does not match the manifest.
    public init(
        note: SignedNote, manifest: Manifest, sealedKeys: [[UInt8]], recoverySealedKey: [UInt8]?,
        capsuleSealedKey: [UInt8]?, alert: [UInt8], capsule: [UInt8]?, content: [UInt8]
    ) throws(EnvelopeError) {
        self.note = note
        self.manifest = manifest
        self.sealedKeys = sealedKeys
        self.recoverySealedKey = recoverySealedKey
        self.capsuleSealedKey = capsuleSealedKey
        self.alert = alert
        self.capsule = capsule
        self.content = content
        try checkHashes()
    }

    /// Parses, and checks every hash against the manifest. Signatures and rules are the caller's matter.
    /// - Throws: ``EnvelopeError``; a manifest that cannot be read throws with its part `manifest`.
    public init(parsing bytes: [UInt8]) throws(EnvelopeError) {
        guard bytes.count > 4, bytes.count <= APILimits.envelopeByteCount else {
            throw EnvelopeError(.malformed, part: "envelope")
        }
        let length = bytes[..<4].reduce(0) { $0 << 8 | Int($1) }
        guard length <= SignedNote.maximumByteCount, bytes.count - 4 >= length else {
            throw EnvelopeError(.malformed, part: "manifest")
        }
        do {
            note = try SignedNote(parsing: Array(bytes[4..<(4 + length)]))
            manifest = try Manifest(parsing: note.text)
        } catch {
            throw EnvelopeError(.malformed, part: "manifest (\(error))")
        }
        var position = 4 + length
        func take(_ count: UInt64, _ part: String) throws(EnvelopeError) -> [UInt8] {
            guard count <= UInt64(bytes.count - position) else { throw EnvelopeError(.malformed, part: part) }
            defer { position += Int(count) }
            return Array(bytes[position..<(position + Int(count))])
        }
        let keyCount = UInt64(Self.sealedKeyByteCount)
        var sealedKeys: [[UInt8]] = []
        for _ in manifest.recipients { sealedKeys.append(try take(keyCount, "sealed key")) }
        self.sealedKeys = sealedKeys
        recoverySealedKey = manifest.recovery == nil ? nil : try take(keyCount, "recovery key")
        capsuleSealedKey = manifest.capsule == nil ? nil : try take(keyCount, "capsule key")
        alert = try take(manifest.alert.size, "alert")
        if let blob = manifest.capsule?.blob {
            capsule = try take(blob.size, "capsule")
        } else {
            capsule = nil
        }
        content = try take(manifest.content.size, "content")
        guard position == bytes.count else { throw EnvelopeError(.malformed, part: "end of envelope") }
        try checkHashes()
    }

    public var bytes: [UInt8] {
        let note = note.bytes
        var result: [UInt8] = []
        for shift in [24, 16, 8, 0] { result.append(UInt8(truncatingIfNeeded: note.count >> shift)) }
        result += note
        for key in sealedKeys { result += key }
        result += recoverySealedKey ?? []
        result += capsuleSealedKey ?? []
        result += alert
        result += capsule ?? []
        result += content
        return result
    }

    /// The sealed key of a device.
    public func sealedKey(for device: DeviceID) -> [UInt8]? {
        manifest.recipients.firstIndex { $0.device == device }.map { sealedKeys[$0] }
    }

    private func checkHashes() throws(EnvelopeError) {
        guard sealedKeys.count == manifest.recipients.count else { throw EnvelopeError(.changed, part: "sealed keys") }
        for (recipient, key) in zip(manifest.recipients, sealedKeys) {
            guard Digest.sha256(key) == recipient.sealedKeyHash else {
                throw EnvelopeError(.changed, part: "sealed key")
            }
        }
        guard recoverySealedKey.map({ Digest.sha256($0) }) == manifest.recovery?.sealedKeyHash else {
            throw EnvelopeError(.changed, part: "recovery key")
        }
        guard capsuleSealedKey.map({ Digest.sha256($0) }) == manifest.capsule?.sealedKeyHash,
            capsule.map({ Manifest.Blob(of: $0) }) == manifest.capsule?.blob
        else { throw EnvelopeError(.changed, part: "capsule") }
        guard Manifest.Blob(of: alert) == manifest.alert else { throw EnvelopeError(.changed, part: "alert") }
        guard Manifest.Blob(of: content) == manifest.content else { throw EnvelopeError(.changed, part: "content") }
    }
}

/// Notes in one body: 4-byte big-endian length and note, repeated.
public enum NoteBatch {
    public static func encode(_ notes: [[UInt8]]) -> [UInt8] {
        var result: [UInt8] = []
        for note in notes {
            for shift in [24, 16, 8, 0] { result.append(UInt8(truncatingIfNeeded: note.count >> shift)) }
            result += note
        }
        return result
    }

    /// - Returns: `nil` unless the body is whole and holds 1 to `maximum` notes.
    public static func decode(_ bytes: [UInt8], maximum: Int) -> [[UInt8]]? {
        var notes: [[UInt8]] = []
        var position = 0
        while position < bytes.count {
            guard bytes.count - position >= 4, notes.count < maximum else { return nil }
            let length = bytes[position..<(position + 4)].reduce(0) { $0 << 8 | Int($1) }
            position += 4
            guard length > 0, length <= SignedNote.maximumByteCount, bytes.count - position >= length else {
                return nil
            }
            notes.append(Array(bytes[position..<(position + length)]))
            position += length
        }
        return notes.isEmpty ? nil : notes
    }
}
