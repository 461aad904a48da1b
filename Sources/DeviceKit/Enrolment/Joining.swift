import DeviceStorage
import Membership
import RelayAPI
import Secrets
public import Statements
import TransparencyLog

/// Joins an organisation with an invitation.
///
/// The device's key, the invitation and the signed enrolment are stored before the relay hears of them: a repeated
/// command posts the same bytes, and enrols nothing twice.
public struct Joining {
    private let profile: Profile
    private let observer: any SessionObserver

    public init(profile: Profile, observer: any SessionObserver) {
        self.profile = profile
        self.observer = observer
    }

    /// Joins, or finishes a joining that was interrupted.
    /// - Throws: ``DeviceKitError`` (loudly, when someone else used the invitation) or ``RelayRefusal``.
    public func run(_ invitation: borrowing InvitationText, label: TextValue) async throws -> Identity {
        try begin(invitation, label: label)
        if let identity = try profile.identity() {
            try profile.publishIdentity()
            return identity
        }
        let connection = try RelayConnection(
            address: invitation.relay, certificateAuthority: profile.certificateAuthorityPath)
        do {
            let identity = try await join(invitation, label: label, over: connection)
            await connection.close()
            return identity
        } catch {
            await connection.close()
            if try isOver(error) { try giveUp(invitation, label: label) }
            throw error
        }
    }

    /// Whether the invitation lets nobody in any more, or never did.
    private func isOver(_ error: any Error) throws -> Bool {
        if let refusal = error as? RelayRefusal {
            // Of an enrolment that was signed, a relay's bare word says nothing.
            return try [.unauthorized, .notFound].contains(refusal.problem.code)
                && profile.store.look { try $0.setting(.enrolNote) } == nil
        }
        return (error as? DeviceKitError).map { Self.overCodes.contains($0.code) } ?? false
    }

    private static let overCodes: [DeviceKitError.Code] = [
        "invitation_used", "invitation_spent", "invitation_unknown",
    ]

    /// The folder may be used for another invitation; the same one again is asked about again.
    private func giveUp(_ invitation: borrowing InvitationText, label: TextValue) throws {
        let document: JSONValue = [
            "invitation": .string(invitation.exposed()), "label": .text(label), "over": .bool(true),
        ]
        let bytes = document.bytes
        try profile.store.step { step in
            guard try step.setting(.identity) == nil else { return }
            try step.set(.intent, to: bytes)
        }
    }

    private func begin(_ invitation: borrowing InvitationText, label: TextValue) throws {
        var timer = StepTimer()
        let text = invitation.exposed()
        let document: JSONValue = ["invitation": .string(text), "label": .text(label)]
        let intent = document.bytes
        let lines = try profile.store.step { step -> [StepLine] in
            if let begun = try step.setting(.intent) {
                let earlier = try? JSONParser.parse(begun)
                if earlier?["invitation"] == .string(text) { return [] }
                guard try step.setting(.identity) == nil else { throw Intent.enrolled() }
                guard earlier?["over"]?.bool == true else { throw try Intent.conflict(begun) }
                // Nothing of the invitation that came to nothing is used again, its key least of all.
                try step.set(.enrolNote, to: nil)
            }
            let key = SigningKey()
            try step.setSecret(.deviceKey, to: key.seed())
            try step.set(.intent, to: intent)
            timer.note(.keysMade, "device \(DeviceID(key: key.verifyingKey)) made its signing key")
            return try StepLog.append(timer.take(), at: .now(), to: step).lines
        }
        observer.logged(lines)
    }

    private func deviceSigner() throws -> RequestSigner {
        let signer = try profile.store.look { store in
            try store.withSecret(.deviceKey) { seed in
                let key = SigningKey(seed: seed.duplicate())
                let name = DeviceID(key: key.verifyingKey).description
                return RequestSigner(keyID: name, key: key)
            }
        }
        guard let signer else {
            throw DeviceKitError(
                "store_damaged", .configuration, "the profile has no device key", next: "join with a new profile")
        }
        return signer
    }

    private func join(
        _ invitation: borrowing InvitationText, label: TextValue, over connection: RelayConnection
    ) async throws -> Identity {
        let device = try deviceSigner()
        let invitationKey = invitation.key()
        let invitationID = InvitationID(key: invitationKey.verifyingKey)
        let inviter = RequestSigner(keyID: invitationID.description, key: invitationKey)
        do {
            let known = try await RosterBootstrap.fetch(
                invitation.organisation, connection: connection, signer: inviter)
            let note = try enrolment(
                known, invitation: invitationID, inviter: inviter, device: device, label: label,
                time: connection.clock.now())
            _ = try await connection.answer(
                to: .post(
                    APIPath.rosterStatements(invitation.organisation), bytes: note.bytes,
                    type: "application/octet-stream"), signer: nil, as: LoggedEntry.self)
        } catch let refusal as RelayRefusal where refusal.problem.code == .invitationSpent {
            try checkSpentByUs(refusal.problem, device: device)
        }
        return try await finish(invitation.organisation, device: device, over: connection)
    }

    /// The signed enrolment: the one that was stored, or a new one.
    private func enrolment(
        _ known: RosterBootstrap, invitation id: InvitationID, inviter: RequestSigner, device: RequestSigner,
        label: TextValue, time: Timestamp
    ) throws -> SignedNote {
        if let stored = try profile.store.look({ try $0.setting(.enrolNote) }) {
            return try SignedNote(parsing: stored)
        }
        let view = known.roster.view(at: time)
        guard let invitation = view.invitation(id) else {
            throw DeviceKitError(
                "invitation_unknown", .refused, "the roster knows no such invitation",
                next: "ask the admin who invited you for a new one")
        }
        if let use = invitation.used {
            let user = view.device(use.device)
            throw Self.usedBySomebodyElse(
                use.device, label: user?.label.description ?? "", at: use.place.time)
        }
        guard view.isOpen(invitation) else {
            throw DeviceKitError(
                "invitation_spent", .refused, "the invitation was revoked or has expired (\(invitation.expires))",
                next: "ask the admin who invited you for a new one")
        }
        let text = EnrolStatement(
            organisation: known.roster.organisation, seen: known.checkpoints[.roster]!.seen, at: time,
            member: invitation.member, invitation: id, key: device.key.verifyingKey, platform: ThisPlatform.word,
            label: label
        ).text
        let note = SignedNote(
            text: text,
            signatures: [
                SignedNote.signature(of: text, by: device.key, as: device.keyID),
                SignedNote.signature(of: text, by: inviter.key, as: inviter.keyID),
            ])
        try profile.store.step { step in try step.set(.enrolNote, to: note.bytes) }
        return note
    }

    /// A used invitation: by us in an earlier attempt, or by somebody else.
    private func checkSpentByUs(_ problem: Problem, device: RequestSigner) throws {
        let body = problem.statement.flatMap { try? Entry(parsing: Array($0.entry.utf8)) }?.body
        let note = body.flatMap { try? SignedNote(parsing: $0) }
        guard let note, let enrol = try? EnrolStatement(parsing: note.text) else {
            throw DeviceKitError(problem)
        }
        guard enrol.key != device.key.verifyingKey else { return }
        throw Self.usedBySomebodyElse(enrol.device, label: enrol.label.description, at: enrol.at)
    }

    private static func usedBySomebodyElse(_ device: DeviceID, label: String, at: Timestamp) -> DeviceKitError {
        DeviceKitError(
            "invitation_used", .refused,
            "SOMEBODY ELSE USED THIS INVITATION: device \(device), labelled \(label), at \(at)",
            next: "telephone the admin who invited you now: that device must be revoked unless it is yours")
    }

    /// Reads the roster as the new device, and stores who we are.
    private func finish(
        _ organisation: OrganisationID, device: RequestSigner, over connection: RelayConnection
    ) async throws -> Identity {
        var timer = StepTimer()
        let known = try await RosterBootstrap.fetch(organisation, connection: connection, signer: device)
        guard let id = DeviceID(device.keyID), let record = known.roster.view(at: connection.clock.now()).device(id),
            record.key == device.key.verifyingKey
        else {
            throw DeviceKitError(
                "enrolment_unproven", .verification, "the roster log does not show this device's enrolment",
                next: "repeat the command; if it fails again, tell the admin who invited you")
        }
        let identity = Identity(
            organisation: organisation, member: record.member, device: id, relay: connection.address)
        timer.note(
            .enrolled, "the enrolment is entry \(record.enrolled.index) of the roster log, replayed from genesis")
        let notes = timer.take()
        let time = connection.clock.now()
        let lines = try profile.store.step { step in
            try step.addRosterEntries(known.entries, from: 0)
            for (log, name) in [(LogKind.roster, SettingName.rosterCheckpoint), (.activity, .activityCheckpoint)] {
                try step.set(name, to: known.checkpoints[log]!.note.bytes)
            }
            try step.keepHead(known.head, received: time.milliseconds)
            try step.set(.identity, to: identity.document.bytes)
            return try StepLog.append(notes, at: time, to: step).lines
        }
        observer.logged(lines)
        try profile.publishIdentity()
        return identity
    }
}
