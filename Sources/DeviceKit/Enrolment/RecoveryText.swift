public import Secrets
import Sealing

/// The recovery secret as people keep it on paper: base32 in groups of four, with four check characters.
public enum RecoveryText {
    private static let checkCount = 4

    /// 56 base32 characters (52 of the secret, 4 of its hash), in groups of four joined by `-`.
    public static func text(of secret: borrowing SecretBytes) -> String {
        let bytes = secret.exposed()
        let characters = Array(Base32.encode(bytes) + check(bytes))
        return stride(from: 0, to: characters.count, by: 4)
            .map { String(characters[$0..<min($0 + 4, characters.count)]) }.joined(separator: "-")
    }

    /// Reads what ``text(of:)`` wrote; blanks, dashes and case do not matter.
    /// - Returns: `nil` when it was mistyped.
    public static func secret(_ text: [UInt8]) -> SecretBytes? {
        let characters = text.filter { $0 != UInt8(ascii: "-") && $0 > 0x20 }.map {
            (0x41...0x5A).contains($0) ? $0 | 0x20 : $0
        }
        guard characters.count == 52 + checkCount, var bytes = Base32.decode(characters.prefix(52)),
            bytes.count == RecoveryKey.secretByteCount, check(bytes).utf8.elementsEqual(characters.suffix(checkCount))
        else { return nil }
        return SecretBytes(moving: &bytes)
    }

    private static func check(_ bytes: [UInt8]) -> String {
        String(Base32.encode(Digest.sha256(bytes).bytes).prefix(checkCount))
    }
}
