import FuzzSupport
import Sealing
import Secrets
import Statements
import Testing

/// What a phone makes of a push, by the vectors: input bytes and a prekey give the alert.
@Suite struct PageDecoderTests {
    private let file: JSONValue
    private let manifest: Manifest
    private let page: Page

    init() throws {
        let file = try Vectors.load("protocol.json")
        func bytes(_ value: JSONValue) throws -> [UInt8] { try #require(Base64.decode(value.utf8)) }
        let vector = try #require(file["statements"].array.first { $0["name"].string == "manifest" })
        let manifest = try Manifest(parsing: vector["text"].utf8)
        let sealedKey = try bytes(file["sealing"]["sealed-keys"].array[0]["sealed"])
        let sealedAlert = try bytes(file["sealing"]["alert"]["sealed"])
        page = try #require(
            Page(
                message: manifest.message, prekey: manifest.recipients[0].prekey, binding: manifest.binding,
                sealedKey: sealedKey, sealedAlert: sealedAlert))
        self.file = file
        self.manifest = manifest
    }

    private func key(_ id: PrekeyID) -> EncapsulationPrivateKey? {
        let vector = file["prekeys"].array.first { $0["id"].string == id.description }
        guard let vector, var secret = Base64.decode(vector["x25519-private"].utf8),
            let seed = Base64.decode(vector["mlkem768-seed"].utf8)
        else { return nil }
        secret += seed
        return EncapsulationPrivateKey(secret: SecretBytes(moving: &secret))
    }

    private func sender(_ device: DeviceID) -> VerifyingKey? {
        let vector = file["keys"].array.first { $0["note-name"].string == device.description }
        return vector.flatMap { Base64.decode($0["public"].utf8) }.flatMap { VerifyingKey($0) }
    }

    private func decision(
        _ body: [UInt8], stored: MessageID? = nil, sender: ((DeviceID) -> VerifyingKey?)? = nil,
        organisation: OrganisationID? = nil
    ) -> PageDecoder.Decision {
        PageDecoder.decide(
            body, organisation: organisation ?? manifest.organisation, isStored: { $0 == stored }, key: key,
            sender: sender ?? self.sender)
    }

    private func isConnect(_ decision: PageDecoder.Decision) -> Bool {
        if case .connect = decision { true } else { false }
    }

    @Test func aFieldOfAPushGivesTheAlert() throws {
        // As it stands in the payload of APNs and of FCM.
        let field = Base64URL.encode(page.bytes)
        #expect(field.count == 2_731)
        let body = try #require(PageDecoder.body(ofField: field))
        guard case .alert(let alert) = decision(body) else {
            Issue.record("no alert")
            return
        }
        #expect(alert.message == manifest.message && alert.sender == manifest.sender)
        #expect(alert.urgency == manifest.urgency && alert.at.description == file["alert"]["at"].string)
        #expect(alert.text.description == file["alert"]["text"].string)
        // Of a device that nobody knows here, nothing can be checked.
        guard case .alert = decision(body, sender: { _ in nil }) else {
            Issue.record("no alert of an unknown device")
            return
        }
    }

    @Test func whatIsStoredIsNotShownAgain() {
        guard case .stored(manifest.message) = decision(page.bytes, stored: manifest.message) else {
            Issue.record("shown again")
            return
        }
    }

    @Test func aChallengeIsToldApart() {
        let challenge = PushChallenge(subscription: SubscriptionID(bytes: [UInt8](repeating: 3, count: 16)))
        guard case .challenge(challenge) = decision(challenge.bytes) else {
            Issue.record("no challenge")
            return
        }
    }

    /// Nothing else is an error, and nothing else is shown.
    @Test func everythingElseIsAReasonToConnect() throws {
        let bytes = page.bytes
        let stranger = SigningKey(seed: SecretBytes(copying: [UInt8](repeating: 9, count: 32))).verifyingKey
        func changed(_ place: Int) -> [UInt8] {
            var changed = bytes
            changed[place] ^= 1
            return changed
        }
        let bodies: [[UInt8]] = [[], [1], bytes.dropLast(), bytes + [0], [9] + bytes.dropFirst()]
        for body in bodies {
            #expect(isConnect(decision(body)))
        }
        // One bit of each part: message, prekey, binding, sealed key, sealed alert, zeros.
        for place in [1, 17, 37, 69, 1_285, 2_047] { #expect(isConnect(decision(changed(place))), "byte \(place)") }
        // Another organisation's, and another one's signature.
        let organisation = OrganisationID(bytes: [UInt8](repeating: 1, count: 20))
        #expect(isConnect(decision(bytes, organisation: organisation)))
        #expect(isConnect(decision(bytes, sender: { _ in stranger })))
        for text in ["", "=", String(repeating: "A", count: 4_000), "AAA="] {
            #expect(isConnect(decision(PageDecoder.body(ofField: text) ?? [])), "\(text.prefix(9))")
        }
    }
}
