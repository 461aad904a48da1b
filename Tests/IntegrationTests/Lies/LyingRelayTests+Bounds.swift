import DeviceKit
import DeviceStorage
import Foundation
import Membership
import RelayAPI
import Secrets
import Statements
import Synchronization
import Testing
import TransparencyLog

/// What a relay may not do by its bare word: end a device, destroy its keys, fill its memory or its disk.
extension LyingRelayTests {
    /// The relay has the roster log's key, and signs whatever tree it likes. A revocation that no admin signed, in a tree
    /// of its own or behind the true one, is evidence and changes nothing: with the truth back, the device goes on.
    @Test func forgedRevocationEndsNoDevice() async throws {
        try await LieWorld.run { world in
            let roster = try world.roster(of: .clara)
            let private0 = try world.forgedRevocation(of: .clara, in: KnownLog(entries: []), seen: roster)
            let behind = try world.forgedRevocation(of: .clara, in: roster, seen: roster)

            world.liar.tell(.refusing(world.device(.clara), with: behind))
            world.expectCaught(try await world.nightbell(.clara, "inbox"), "revocation_untrue")
            try world.expectEvidence("revocation_untrue", by: .clara, of: "entry", "proof", "ours")
            world.liar.tell(.refusing(world.device(.clara), with: nil))
            let bare = try await world.nightbell(.clara, "inbox")
            #expect(bare.status == 77 && bare.code == "revocation_unproven", "\(bare)")
            world.liar.tell(nil)
            let status = try await world.nightbell(.clara, "status").json()
            #expect(status["device_status"]?.string == "active", "\(status)")
            let message = try await world.send("still here")
            try await world.expectDeliveredOnce(message, text: "still here")

            // Another first entry than genesis: two histories, by the relay's own signatures.
            world.liar.tell(.refusing(world.device(.phone), with: private0))
            world.expectCaught(try await world.nightbell(.phone, "inbox"), "checkpoints_contradict")
            world.liar.tell(nil)
            #expect(try await world.nightbell(.phone, "status").json()["device_status"]?.string == "active")
            #expect(try await world.nightbell(.phone, "inbox").status == 0)
        }
    }

    /// A relay that was started with a wrong clock says so in every head. No private half of a prekey is destroyed for it,
    /// the person is told both clocks, and what was sealed before still opens.
    @Test func wrongRelayClockDestroysNoPrekey() async throws {
        try await LieWorld.run { world in
            let message = try await world.send("sealed before")
            let before = try world.livePrekeys(of: .clara)
            #expect(before.count > 60)
            let keys = world.keys
            world.liar.tell(
                LyingRelay.Lie(head: { head, asker in
                    guard asker == world.device(.clara), let time = try? keys.read(head).time,
                        let untrue = try? keys.changed(head, time: time.adding(seconds: 100 * 86_400))
                    else { return head }
                    return untrue
                }))
            let status = try await world.person(.clara).say("status")
            #expect(status.err.contains("clock says"), "\(status)")
            let inbox = try await world.nightbell(.clara, "inbox")
            #expect(inbox.status == 0, "\(inbox)")
            #expect(try inbox.json()["messages"]?.array?.count == 1, "\(inbox)")
            // All but the one whose message is stored and receipted.
            #expect(before.subtracting(try world.livePrekeys(of: .clara)).count == 1)
            world.liar.tell(nil)
            try await world.expectDeliveredOnce(message, text: "sealed before")
            let next = try await world.send("sealed after")
            try await world.expectDeliveredOnce(next, text: "sealed after")
        }
    }

    /// A roster log without end, truly signed: its first entry that breaks a rule ends it, and no further bundle is asked
    /// for.
    @Test func endlessRosterCostsOneBundle() async throws {
        try await LieWorld.run { world in
            let roster = try world.roster(of: .ina).entries
            let bundle = roster + Array(repeating: roster.last!, count: TilePath.fullWidth - roster.count)
            let keys = world.keys
            let device = world.device(.ina)
            let asked = Mutex(0)
            world.liar.tell(
                LyingRelay.Lie(
                    answer: { question, _ in
                        guard question.asker == device,
                            question.path.contains("/roster/entries")
                                || question.path.contains("/roster/tile/entries")
                        else { return nil }
                        asked.withLock { $0 += 1 }
                        return LyingRelay.Answer(body: EntryBundle.encode(bundle))
                    },
                    head: { head, asker in
                        let tree = Head.Tree(size: 256 * 8, root: Digest.sha256(Array("endless".utf8)))
                        guard asker == device, let untrue = try? keys.changed(head, roster: tree) else { return head }
                        return untrue
                    }))
            world.expectCaught(try await world.nightbell(.ina, "status"), "roster_log_invalid")
            #expect(asked.withLock { $0 } == 1)
        }
    }

    /// The relay says in every head that no one-time prekey is left, and that of each upload nothing is there.
    @Test func prekeysAskedForWithoutEndAreBounded() async throws {
        try await LieWorld.run { world in
            let keys = world.keys
            world.liar.tell(
                LyingRelay.Lie(
                    answer: { question, _ in
                        guard question.method == "PUT", question.path.hasSuffix("/prekeys") else { return nil }
                        return .json(PrekeyCount(oneTimeLeft: 0))
                    },
                    head: { head, _ in
                        let untrue = try? keys.changed(head) { state in
                            Head.DeviceState(
                                device: state.device, waiting: state.waiting, lastNumber: state.lastNumber,
                                runningHash: state.runningHash, oneTimeLeft: 0)
                        }
                        return untrue ?? head
                    }))
            let session = try world.session(of: .clara)
            do {
                for _ in 0..<20 {
                    try await session.refresh()
                    try await session.maintainPrekeys()
                }
                await session.close()
            } catch {
                await session.close()
                throw error
            }
            #expect(try world.livePrekeys(of: .clara).count < 1_100)
        }
    }

    /// A relay that was put back to an older state refuses a receipt for one that it has already proven: a finding, and
    /// fetching goes on.
    @Test func receiptsOfARelayThatWasPutBackStopNothing() async throws {
        try await LieWorld.run { world in
            let first = try await world.send("first")
            try await world.expectVerified(first, text: "first", by: .clara)
            let delivered = try await world.loggedReceipt(.delivered, on: first, of: .clara)
            let second = try await world.send("second")
            world.liar.tell(
                LyingRelay.Lie(answer: { question, _ in
                    guard question.method == "POST", question.path.hasSuffix("/receipts") else { return nil }
                    var problem = Problem(
                        .brokenChain, status: 409, detail: "Another receipt is the last.", next: "No.")
                    problem.statement = delivered
                    return .json(ReceiptsAnswer(logged: [], refused: problem))
                }))
            let inbox = try await world.nightbell(.clara, "inbox")
            world.expectCaught(inbox, "receipt_chain_differs")
            #expect(try inbox.json()["messages"]?.array?.count == 2, "\(inbox)")
            world.liar.tell(nil)
            try await world.expectDeliveredOnce(second, text: "second")
        }
    }
}

extension LyingRelay.Lie {
    /// Says to one device, whatever it asks, that it is revoked.
    fileprivate static func refusing(_ device: DeviceID, with statement: LoggedEntry?) -> Self {
        LyingRelay.Lie(answer: { question, _ in
            guard question.asker == device else { return nil }
            var problem = Problem(.revoked, status: 403, detail: "This device is revoked.", next: "Ask an admin.")
            problem.statement = statement
            return LyingRelay.Answer(status: 403, type: Problem.contentType, body: APIJSON.encode(problem))
        })
    }
}

extension LieWorld {
    /// A revocation by a key of the relay's own, at the end of a log, truly signed as a log.
    fileprivate func forgedRevocation(of who: Who, in log: KnownLog, seen: KnownLog) throws -> LoggedEntry {
        let key = SigningKey()
        let revoke = RevokeStatement(
            organisation: keys.organisation,
            seen: keys.sign(.roster, size: UInt64(seen.entries.count), root: seen.tree.root).seen, at: .now(),
            target: .device(device(who)), reason: TextValue(typed: "lost")!)
        let note = SignedNote(text: revoke.text, signedBy: key, as: DeviceID(key: key.verifyingKey).description)
        let entry = Entry(time: .now(), body: note.bytes)
        let tree = log.adding(entry.bytes).tree
        let index = UInt64(log.entries.count)
        let proof = LogProof(
            index: index, path: try tree.inclusionProof(index: index, size: tree.size),
            checkpoint: keys.sign(.roster, size: tree.size, root: tree.root).note.bytes)
        return LoggedEntry(
            log: LogKind.roster.rawValue, index: index, entry: String(decoding: entry.bytes, as: UTF8.self),
            proof: String(decoding: proof.bytes, as: UTF8.self), consistency: [])
    }

    /// The prekeys whose private halves a device holds.
    fileprivate func livePrekeys(of who: Who) throws -> Set<String> {
        try profile(of: who).store.look { store in
            Set((try store.prekeys(in: .made) + store.prekeys(in: .published)).map(\.id))
        }
    }

    /// A receipt with its proof, as the message's sender is given it.
    fileprivate func loggedReceipt(
        _ action: ReceiptAction, on message: String, of who: Who, sender: Who = .ina
    ) async throws -> LoggedEntry {
        let session = try session(of: sender)
        do {
            let history = try await session.connection.answer(
                to: .get(APIPath.message(keys.organisation, try #require(MessageID(message)))),
                signer: try signer(of: sender), as: MessageHistory.self)
            await session.close()
            return try #require(
                history.entries.first { logged in
                    guard let entry = try? Entry(parsing: Array(logged.entry.utf8)),
                        case .receipt(let receipt, _) = try? ActivityStatement(parsing: entry.body)
                    else { return false }
                    return receipt.action == action && receipt.device == device(who)
                })
        } catch {
            await session.close()
            throw error
        }
    }
}
