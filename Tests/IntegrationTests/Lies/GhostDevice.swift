import RelayAPI
import Sealing
import Secrets
import Statements
import TransparencyLog

/// A device that only the relay knows: its keys are the relay's own.
final class GhostDevice: Sendable {
    private let key = SigningKey()
    private let invitation = SigningKey()
    private let prekey = EncapsulationPrivateKey()

    var id: DeviceID { DeviceID(key: key.verifyingKey) }

    /// Shows somebody a roster log that enrols it for Clara, with a checkpoint and a head to it.
    func enrolled(in log: KnownLog, for world: LieWorld, shownTo who: Who) throws -> LyingRelay.Lie {
        let size = UInt64(log.entries.count)
        let keys = world.keys
        let enrol = EnrolStatement(
            organisation: keys.organisation, seen: keys.sign(.roster, size: size, root: log.tree.root).seen, at: .now(),
            member: world.member(.clara), invitation: InvitationID(key: invitation.verifyingKey),
            key: key.verifyingKey, platform: Platform(Array("linux".utf8))!, label: TextValue(typed: "tablet")!)
        let note = SignedNote(
            text: enrol.text,
            signatures: [
                SignedNote.signature(of: enrol.text, by: key, as: id.description),
                SignedNote.signature(of: enrol.text, by: invitation, as: enrol.invitation.description),
            ])
        let forged = log.adding(Entry(time: .now(), body: note.bytes).bytes)
        let tree = Head.Tree(size: size + 1, root: forged.tree.root)
        let deceived = world.device(who)
        return LyingRelay.Lie(
            answer: { question, _ in
                guard question.asker == deceived, let place = question.path.split(separator: "/roster/").last,
                    let tile = TilePath(String(place)), tile.kind == .entries
                else { return nil }
                let first = Int(tile.index) * TilePath.fullWidth
                return LyingRelay.Answer(body: EntryBundle.encode(forged.entries[first..<first + tile.width]))
            },
            head: { head, asker in
                guard asker == deceived, let untrue = try? keys.changed(head, roster: tree) else { return head }
                return untrue
            })
    }

    /// A claim in which a device's prekey is the ghost's.
    func replacing(_ device: DeviceID, in claim: ClaimAnswer) -> ClaimAnswer {
        ClaimAnswer(
            prekeys: claim.prekeys.map { claimed in
                guard claimed.device == device.description, let text = claimed.prekey?.text,
                    let original = try? PrekeyText(parsing: Array(text.utf8))
                else { return claimed }
                return .init(device: claimed.device, prekey: own(for: device, like: original), without: nil)
            }, head: claim.head)
    }

    /// A claim with the ghost behind those that were asked for.
    func added(to claim: ClaimAnswer) -> ClaimAnswer {
        guard let text = claim.prekeys.first?.prekey?.text,
            let original = try? PrekeyText(parsing: Array(text.utf8))
        else { return claim }
        let ghost = ClaimAnswer.Claimed(device: id.description, prekey: own(for: id, like: original), without: nil)
        return ClaimAnswer(prekeys: claim.prekeys + [ghost], head: claim.head)
    }

    /// Refuses what is posted, for the ghost is not among the recipients.
    func demanded(at path: String) -> LyingRelay.Lie {
        let id = id.description
        return LyingRelay.Lie(answer: { question, _ in
            guard question.method == "POST", question.path.hasSuffix(path) else { return nil }
            var problem = Problem(.recipients, status: 409, detail: "A device is missing.", next: "Seal to it.")
            problem.missing = [id]
            return LyingRelay.Answer(status: 409, type: Problem.contentType, body: APIJSON.encode(problem))
        })
    }

    private func own(for device: DeviceID, like original: PrekeyText) -> PrekeyShape {
        let text = PrekeyText(
            organisation: original.organisation, device: device, purpose: original.purpose, notAfter: original.notAfter,
            key: prekey.publicKey)
        let signed = SignedPrekey(text, signedBy: key)
        return PrekeyShape(
            text: String(decoding: signed.text, as: UTF8.self), signature: Base64.encode(signed.signature))
    }
}
