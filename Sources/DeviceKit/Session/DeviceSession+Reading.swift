import RelayAPI

extension DeviceSession {
    /// Asks the relay for something under this device's name: tiles, bundles, capsules. Nothing of the answer is believed
    /// here; whoever asks verifies it.
    /// - Parameter path: One of ``RelayAPI/APIPath``.
    /// - Throws: ``RelayRefusal``, or ``DeviceKitError`` when the relay does not answer.
    public func read(_ path: String) async throws -> [UInt8] {
        try await connection.answer(to: .get(path), signer: signer)
    }
}
