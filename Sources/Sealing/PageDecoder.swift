public import Secrets
public import Statements

/// From what a push service brought to what is shown: the reference for whoever writes a phone's extension or message handler,
/// and what our own client does. Asks nobody, and needs no network.
public enum PageDecoder {
    /// What is to be done with a body.
    public enum Decision: Sendable {
        /// Ring and show it as unconfirmed; then fetch the message.
        case alert(AlertText)
        /// Show what must be shown with the constant text, if anything; say the secret back at once, signed as any request is.
        case challenge(PushChallenge)
        /// Its message is here: show nothing new.
        case stored(MessageID)
        /// Show the constant text where something must be shown, and fetch what waits. Never an alarm, never an error.
        case connect
    }

    /// APNs' key `e` beside `aps`, and FCM's key `e` in `data`: base64url without padding.
    /// - Returns: `nil` for anything else: as ``Decision/connect``.
    public static func body(ofField text: String) -> [UInt8]? {
        text.utf8.count <= fieldCharacterCount ? Base64URL.decode(text.utf8) : nil
    }

    /// 2,731: 2,048 bytes.
    private static let fieldCharacterCount = (Page.byteCount * 4 + 2) / 3

    /// - Parameters:
    ///   - body: What stood in the field; of Web Push, the content of the opened body.
    ///   - isStored: Whether a message is on this device already.
    ///   - key: A prekey's private half; `nil` when it was never here or was destroyed.
    ///   - sender: A device's signing key, by the roster as it is known here; `nil` for a device that joined since.
    public static func decide(
        _ body: [UInt8], organisation: OrganisationID, isStored: (MessageID) -> Bool,
        key: (PrekeyID) -> EncapsulationPrivateKey?, sender: (DeviceID) -> VerifyingKey?
    ) -> Decision {
        switch PushBody(parsing: body) {
        case .challenge(let challenge): return .challenge(challenge)
        case .page(let page) where isStored(page.message): return .stored(page.message)
        case .page(let page):
            guard let key = key(page.prekey),
                let alert = page.alert(with: key, organisation: organisation, sender: sender)
            else { return .connect }
            return .alert(alert)
        case nil: return .connect
        }
    }
}

extension Page {
    /// The alert, checked as far as it can be before the manifest is here: it opens, is of the documented form, and bears the
    /// signature of the device that it names, where that one is known.
    /// - Parameter sender: A device's signing key; `nil` for a device that is not known, of which nothing can be checked.
    /// - Returns: `nil` for anything else.
    public func alert(
        with key: borrowing EncapsulationPrivateKey, organisation: OrganisationID, sender: (DeviceID) -> VerifyingKey?
    ) -> AlertText? {
        guard let plaintext = try? openAlert(with: key),
            let (alert, signature) = try? AlertText.parse(
                plaintext, organisation: organisation, message: message, binding: binding)
        else { return nil }
        if let known = sender(alert.sender), !known.isValid(signature: signature, for: alert.signedText) { return nil }
        return alert
    }
}
