public import Secrets
public import Statements

/// What is pushed to one device to wake it: its sealed key and the sealed alert, so that the alert is shown without asking the
/// relay anything. A hint, never the delivery.
///
/// Version 1 (1 byte) ‖ message id (16) ‖ prekey id (20) ‖ binding (32) ‖ sealed key (1,216) ‖ sealed alert (552) ‖ zeros, in
/// all 2,048 bytes: the same on every transport, and each as long as any other.
public struct Page: Sendable, Equatable {
    /// 2,048.
    public static let byteCount = 2_048
    private static let version: UInt8 = 1

    public let message: MessageID
    /// Which of the device's prekeys opens it.
    public let prekey: PrekeyID
    public let binding: Digest
    /// ``SealedKey/byteCount`` bytes.
    public let sealedKey: [UInt8]
    /// ``SealedPart/alertByteCount`` bytes.
    public let sealedAlert: [UInt8]

    /// - Returns: `nil` when a part has not its one length.
    public init?(
        message: MessageID, prekey: PrekeyID, binding: Digest, sealedKey: [UInt8], sealedAlert: [UInt8]
    ) {
        guard sealedKey.count == SealedKey.byteCount, sealedAlert.count == SealedPart.alertByteCount else { return nil }
        self.message = message
        self.prekey = prekey
        self.binding = binding
        self.sealedKey = sealedKey
        self.sealedAlert = sealedAlert
    }

    /// A page as it came: exactly 2,048 bytes of version 1, of which those behind the alert are zero.
    /// - Returns: `nil` for anything else: what it is, no caller can tell, and it is a reason to connect.
    public init?(parsing bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        var rest = bytes[...]
        func take(_ count: Int) -> [UInt8] {
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        guard take(1) == [Self.version] else { return nil }
        self.init(
            message: MessageID(bytes: take(MessageKind.byteCount)), prekey: PrekeyID(bytes: take(PrekeyKind.byteCount)),
            binding: Digest(take(Digest.byteCount))!, sealedKey: take(SealedKey.byteCount),
            sealedAlert: take(SealedPart.alertByteCount))
        guard rest.allSatisfy({ $0 == 0 }) else { return nil }
    }

    /// ``byteCount`` bytes.
    public var bytes: [UInt8] {
        let parts = [Self.version] + message.bytes + prekey.bytes + binding.bytes + sealedKey + sealedAlert
        return parts + [UInt8](repeating: 0, count: Self.byteCount - parts.count)
    }

    /// The alert's plaintext. It is *unconfirmed*: neither is the sender's signature checked, nor does a manifest vouch for the
    /// key, whose commitments stand there alone.
    /// - Throws: ``SealingError/Code/seal``, ``SealingError/Code/content`` or ``SealingError/Code/padding``.
    public func openAlert(with key: borrowing EncapsulationPrivateKey) throws(SealingError) -> [UInt8] {
        let secret = try SealedKey.open(sealedKey, with: key, binding: binding)
        guard secret.count == MessageKey.byteCount else { throw SealingError(.seal) }
        return try MessageOpener.openAlert(sealedAlert, key: MessageKey(secret), binding: binding)
    }
}
