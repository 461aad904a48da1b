import DeviceStorage
import Membership
import Secrets
import Statements
import TransparencyLog

extension DeviceSession {
    /// Checks what a message that carries another on says that it carries.
    /// - Returns: What is not shown: then its words count as told by the one who handed it on, and are shown as that.
    func checkOriginal(
        in content: [UInt8], _ received: ReceivedItem, timer: inout StepTimer
    ) async throws -> [BrokenPromise] {
        let forwarder =
            view.device(received.manifest.sender)
            .flatMap { view.member($0.member)?.name.description } ?? received.manifest.sender.description
        func told(_ why: String, isOpen: Bool = false) -> [BrokenPromise] {
            [BrokenPromise("original", "as told by \(forwarder): \(why)", isOpen: isOpen)]
        }
        guard case .handOff(let outermost)? = MessageContent(plaintext: content) else {
            guard case .forwardOf? = received.manifest.reference else { return [] }
            return told("the message that it carries on does not stand inside")
        }
        var next: (handOff: HandOff, carrier: Manifest)? = (outermost, received.manifest)
        while let (handOff, carrier) = next {
            switch OriginalCheck(handOff: handOff, carrier: carrier, view: view).verdict() {
            case .shown: break
            case .told(let why): return told(why)
            case .untrue(let why):
                try record(
                    .falseOriginal, "\(forwarder) handed on a message that is not the one that was sent: \(why)",
                    message: received.manifest.message, parts: received.parts)
                return told("it is NOT what was sent, for \(why)")
            }
            if let place = try await placeIsNotShown(of: handOff, received) {
                return told(place.why, isOpen: place.isOpen)
            }
            guard let manifest = handOff.manifest, case .handOff(let inner)? = handOff.original else { break }
            next = (inner, manifest)
        }
        timer.note(.content, "the message inside is, to the letter, the one that its sender signed and the log holds")
        return []
    }

    /// Why the original's place in the log is not shown; `nil` when it is.
    private func placeIsNotShown(of handOff: HandOff, _ received: ReceivedItem) async throws -> BrokenPromise? {
        guard let entry = try? Entry(parsing: Array(handOff.entry.utf8)),
            let proof = try? LogProof(parsing: Array(handOff.proof.utf8)),
            let signed = try? proof.verify(entry: entry, key: logKey(.activity))
        else { return BrokenPromise("original", "its place in the log is not shown") }
        do {
            guard try await isPrefix(signed.seen, .activity) else {
                try record(
                    .seenContradicts,
                    "the relay signed for an earlier recipient an activity log that is not ours: two histories",
                    message: received.manifest.message,
                    parts: received.parts + [
                        ("theirs", proof.checkpoint), ("ours", checkpoints[.activity]!.note.bytes),
                    ])
                return BrokenPromise("original", "it was logged in another history than the one that we were shown")
            }
            return nil
        } catch let error as CancellationError {
            throw error
        } catch {
            return BrokenPromise("original", uncompared: "its place in the log", error)
        }
    }

    /// Puts a message that answers another, or carries one on, into its thread.
    func addLink(of manifest: Manifest, content: [UInt8]?, in step: StoreStep) throws {
        let id = manifest.message.description
        switch manifest.reference {
        case .forwardOf(let parent)?: try step.addLink(id, to: parent.description, isForward: true)
        case .inReplyTo(let parent)?:
            var promised: [UInt8]?
            if let content, case .reply(let reply)? = MessageContent(plaintext: content) {
                promised = reply.promisedAt.map { Array($0.description.utf8) }
            }
            try step.addLink(id, to: parent.description, isForward: false, promised: promised)
        case nil: break
        }
    }
}
