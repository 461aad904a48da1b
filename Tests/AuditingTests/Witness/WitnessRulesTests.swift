import Auditing
import Secrets
import SignerSupport
import Statements
import Testing
import TransparencyLog

/// The table of statuses of c2sp.org/tlog-witness, row by row.
@Suite struct WitnessRulesTests {
    private let log = ForkingLog(count: 20, fork: 6)

    private func at(_ size: Int) throws -> (keeper: WitnessKeeper, memory: TestMemory) {
        let new = try WitnessKeeper.new([log.key])
        if size > 0 { #expect(new.keeper.answer(log.request(0, size), at: { 1_000 }).status == 200) }
        return new
    }

    @Test func whatContinuesIsCosigned() throws {
        let (keeper, memory) = try at(8)
        let answer = keeper.answer(log.request(8, 13), at: { 2_000 })
        #expect(answer.status == 200 && answer.word == "cosigned")
        let lines = try #require(NoteSignature.lines(parsing: answer.body))
        #expect(lines.count == 1)
        let cosignature = try #require(keeper.key.cosignature(lines[0], of: log.checkpoint(13).note.text))
        #expect(cosignature.seconds == 2_000)
        // Durable, and what a monitor gets: the log's signature, and exactly the one that was given out.
        let kept = try #require(try WitnessState(parsing: memory.bytes)[log.key.name]?.latest)
        #expect(kept.checkpoint == log.checkpoint(13).checkpoint && kept.seconds == 2_000)
        #expect(kept.note.signatures == log.checkpoint(13).note.signatures + lines)
        let hash = Digest.sha256(Array(log.key.name.utf8)).hex
        #expect(keeper.latest(originHash: hash) == kept.note.bytes)
        #expect(keeper.latest(originHash: String(hash.reversed())) == nil)
    }

    @Test func theFirstIsBelievedAndSaidToBe() throws {
        let (keeper, _) = try at(0)
        #expect(keeper.answer(log.request(0, 9, 1), at: { 1 }).word == "cosigned_first")
        // And from then on nothing else is.
        #expect(keeper.answer(log.request(0, 9), at: { 1 }).status == 409)
    }

    @Test func theSameTreeIsCosignedAnewWithItsTime() throws {
        let (keeper, _) = try at(8)
        let answer = keeper.answer(log.request(8, 8), at: { 5_000 })
        #expect(answer.status == 200)
        #expect(keeper.logs[0].latest?.seconds == 5_000)
        let proof = AddCheckpoint(old: 8, proof: log.proof(7, 8), checkpoint: log.checkpoint(8).note.bytes)
        #expect(keeper.answer(proof.bytes, at: { 5_001 }).status == 422)
    }

    @Test func theEmptyTreeHasOneRoot() throws {
        let (keeper, _) = try at(0)
        let wrong = AddCheckpoint(
            old: 0, proof: [], checkpoint: log.signer.sign(size: 0, root: Digest.of("nothing")).note.bytes)
        #expect(keeper.answer(wrong.bytes, at: { 1 }).status == 422)
        #expect(keeper.answer(log.request(0, 0), at: { 1 }).status == 200)
        #expect(keeper.answer(log.request(0, 5), at: { 2 }).status == 200)
    }

    @Test func anUnknownLogIs404() throws {
        let (keeper, _) = try at(0)
        let unknown = keeper.answer(ForkingLog("log.example/two", count: 3, fork: 1).request(0, 3), at: { 1 })
        #expect(unknown.status == 404 && unknown.checkpoint == nil)
    }

    @Test func aConflictSaysTheSize() throws {
        let (keeper, _) = try at(8)
        for old in [0, 7, 9] {
            let answer = keeper.answer(log.request(old, 13), at: { 2_000 })
            #expect(answer.status == 409 && answer.type == "text/x.tlog.size" && answer.body == Array("8\n".utf8))
        }
    }

    @Test func anOldSizeBeyondTheNewIs400() throws {
        let (keeper, _) = try at(8)
        let body = AddCheckpoint(old: 8, proof: [], checkpoint: log.checkpoint(5).note.bytes)
        #expect(keeper.answer(body.bytes, at: { 2_000 }).status == 400)
        #expect(keeper.answer(Array("old".utf8), at: { 2_000 }).status == 400)
    }

    @Test func onlyTheLogsSignatureCounts() throws {
        let (keeper, memory) = try at(8)
        let honest = log.checkpoint(13).note
        func ask(_ signatures: [NoteSignature]) -> Int {
            let note = SignedNote(text: honest.text, signatures: signatures)
            return keeper.answer(
                AddCheckpoint(old: 8, proof: log.proof(8, 13), checkpoint: note.bytes).bytes, at: { 2_000 }
            ).status
        }
        let own = honest.signatures[0]
        let stranger = SignedNote.signature(of: honest.text, by: ForkingLog.key("stranger"), as: "stranger.example")
        let forged = NoteSignature(name: own.name, keyID: own.keyID, bytes: own.bytes.reversed())
        #expect(ask([stranger]) == 403)
        #expect(ask([forged]) == 403)
        #expect(ask([own, own]) == 403)
        #expect(ask([own, forged]) == 403)
        // The witness's own key, and lines of strangers, say nothing about the log.
        #expect(ask([own, stranger]) == 200)
        #expect(try WitnessState(parsing: memory.bytes)[log.key.name]?.latest?.note.signatures.count == 2)
    }

    @Test func whatDoesNotContinueIs422() throws {
        let (keeper, memory) = try at(8)
        // The other history, with the proof of its own past.
        #expect(keeper.answer(log.request(8, 13, 1), at: { 2_000 }).status == 422)
        #expect(keeper.answer(log.request(8, 8, 1), at: { 2_000 }).status == 422)
        let without = AddCheckpoint(old: 8, proof: [], checkpoint: log.checkpoint(13).note.bytes)
        #expect(keeper.answer(without.bytes, at: { 2_000 }).status == 422)
        let fresh = try at(0)
        let proven = AddCheckpoint(old: 0, proof: log.proof(5, 8), checkpoint: log.checkpoint(8).note.bytes)
        #expect(fresh.keeper.answer(proven.bytes, at: { 2_000 }).status == 422)
        #expect(try WitnessState(parsing: memory.bytes)[log.key.name]?.latest?.checkpoint.size == 8)
    }

    /// Two trees of one size are kept, whatever else is wrong with the request: they convict the log.
    @Test func twoSignedTreesOfOneSizeAreEvidence() throws {
        let (keeper, memory) = try at(8)
        let asked = keeper.answer(log.request(0, 8, 1), at: { 2_000 })
        #expect(asked.status == 409 && asked.convicts)
        #expect(asked.checkpoint?.origin == log.key.name && asked.checkpoint?.size == 8)
        let answer = keeper.answer(log.request(8, 8, 1), at: { 2_000 })
        #expect(answer.status == 422 && answer.word == "contradiction" && answer.convicts)
        #expect(answer.checkpoint?.origin == log.key.name)
        let pair = try #require(memory.evidence.last)
        #expect(memory.evidence.count == 2 && pair.count == 2)
        let signed = try pair.map { try log.signer.logKey.verify(checkpoint: $0) }
        #expect(signed[0].size == 8 && signed[1].size == 8 && signed[0].root != signed[1].root)
    }

    @Test func aClockThatWentBackSignsNothing() throws {
        let (keeper, _) = try at(8)
        #expect(keeper.answer(log.request(8, 13), at: { 999 }).status == 503)
        #expect(keeper.answer(log.request(8, 13), at: { 1_000 }).status == 200)
    }

    @Test func whatCannotBeKeptIsNotSigned() throws {
        let (keeper, memory) = try at(8)
        memory.fail(true)
        let answer = keeper.answer(log.request(8, 13), at: { 2_000 })
        #expect(answer.status == 503 && answer.word == "not_durable")
        #expect(NoteSignature.lines(parsing: answer.body) == nil)
        memory.fail(false)
        // It was as if it had never been asked: another tree that continues 8 may come.
        #expect(keeper.answer(log.request(8, 9), at: { 2_000 }).status == 200)
    }

    /// A replaced log key: both sign, either is enough, and a bad line of either is not.
    @Test func aLogMayHaveTwoKeys() throws {
        let next = NoteKey(name: log.key.name, key: ForkingLog.key("next").verifyingKey)
        let (keeper, _) = try WitnessKeeper.new([log.key, next])
        #expect(keeper.answer(log.request(0, 4), at: { 1 }).status == 200)
        let text = log.checkpoint(9).note.text
        let signed = SignedNote(text: text, signedBy: ForkingLog.key("next"), as: log.key.name)
        let body = AddCheckpoint(old: 4, proof: log.proof(4, 9), checkpoint: signed.bytes)
        #expect(keeper.answer(body.bytes, at: { 1 }).status == 200)
    }

    /// A name that begins with a mark, which joins the blank in front of it, or ends in what joins the "+".
    @Test(arguments: ["\u{301}log.example/a", "\u{200D}l", "\u{FE0F}l", "log\u{D4E}", "log\u{600}", "가\u{11A8}"])
    func whatIsKeptIsReadAgainWhateverALogIsCalled(_ name: String) throws {
        let log = ForkingLog(name, count: 12, fork: 4)
        let next = NoteKey(name: name, key: ForkingLog.key("next").verifyingKey)
        let (keeper, memory) = try WitnessKeeper.new([log.key, next, ForkingLog("other", count: 1, fork: 0).key])
        #expect(keeper.answer(log.request(0, 8), at: { 1 }).status == 200)
        let state = try WitnessState(parsing: memory.bytes)
        #expect(state.bytes == memory.bytes && state.logs.count == 2)
        #expect(state[name]?.keys == [log.key, next] && state[name]?.latest?.checkpoint.size == 8)
        let again = try WitnessKeeper.started(memory)
        #expect(again.answer(log.request(8, 12), at: { 1 }).status == 200)
    }

    /// Two keys of a log with one name and key id: the signature of the one is a bad one of the other, and the state would
    /// never be read again.
    @Test func aKeyWithWhichTheStateCouldNotBeReadIsNotAdded() throws {
        // Found among 2^17 keys.
        let one = ForkingLog.key("alike 10778")
        let key = NoteKey(name: log.key.name, key: one.verifyingKey)
        let alike = NoteKey(name: log.key.name, key: ForkingLog.key("alike 30607").verifyingKey)
        #expect(key.id == alike.id && key != alike)
        let (keeper, memory) = try WitnessKeeper.new([key])
        let signed = SignedNote(text: log.checkpoint(8).note.text, signedBy: one, as: key.name)
        let body = AddCheckpoint(old: 0, proof: [], checkpoint: signed.bytes).bytes
        #expect(keeper.answer(body, at: { 1 }).status == 200)
        var state = try WitnessState(parsing: memory.bytes)
        #expect(throws: AuditError(.logUnfit, "")) { try state.add(alike) }
        #expect(state.bytes == memory.bytes)
    }

    @Test func itsOwnKeyIsNoLogs() throws {
        var state = WitnessState(witness: WitnessKey(name: "w", key: ForkingLog.key("w").verifyingKey))
        #expect(throws: AuditError(.witnessKeyUnfit, "")) {
            try state.add(NoteKey(name: "log.example", key: ForkingLog.key("w").verifyingKey))
        }
        #expect(try state.add(log.key))
        #expect(try !state.add(log.key))
    }
}
