import Auditing
import DeviceKit
import Foundation
import Membership
import Secrets
import Statements
import Testing
import TransparencyLog

@testable import TerminalClient

/// Who vouches for how much of the logs, in JSON and in words.
@Suite struct WitnessWordsTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)

    @Test func whoeverRunsAWitnessIsToldWhatItConvictedLogsWith() throws {
        let state = NSTemporaryDirectory() + "proofs-\(UUID().uuidString)"
        #expect(WitnessProofs(in: state).lines.isEmpty && WitnessProofs(in: state).document == [])
        try FileManager.default.createDirectory(atPath: state + "/evidence", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: state) }
        for name in ["b.notes", "a.notes", "c.notes.new"] {
            try Data().write(to: URL(filePath: "\(state)/evidence/\(name)"))
        }
        let proofs = WitnessProofs(in: state)
        #expect(proofs.document == ["a.notes", "b.notes"])
        #expect(proofs.lines.count == 1 && proofs.lines[0].contains("2 proofs"), "\(proofs.lines)")
        #expect(proofs.lines[0].hasSuffix("nightbell audit compare \(state)/evidence/a.notes"), "\(proofs.lines)")
    }

    /// It begins so, and looks so when it was put back.
    @Test func thatNothingWasCosignedIsSaidWithWhatItMeans() throws {
        var state = WitnessState(witness: Self.standing().policy.keys[0])
        let key = SigningKey(seed: SecretBytes(copying: Digest.sha256(Array("log".utf8)).bytes)).verifyingKey
        _ = try state.add(NoteKey(name: "relay.example/org-a/roster", key: key))
        let words = try #require(state.logs.map(WitnessShowCommand.human).first)
        #expect(words.hasPrefix("relay.example/org-a/roster  nothing cosigned yet: it was never shown a checkpoint"))
        #expect(words.contains("will believe the next one") && words.hasSuffix("was put back: do not let it serve"))
    }

    /// Two witnesses, of which the first cosigned seven roster entries a minute ago.
    private static func standing(demanded: UInt64 = 2, age: Int64 = 60) -> WitnessStanding {
        let keys = ["one", "two"].map { name in
            WitnessKey(
                name: "\(name).example",
                key: SigningKey(seed: SecretBytes(copying: Digest.sha256(Array(name.utf8)).bytes)).verifyingKey)
        }
        return WitnessStanding(
            policy: WitnessPolicy(keys, demanded: demanded)!, since: now.adding(seconds: -3 * 86_400),
            words: [
                WitnessStanding.Word(
                    witness: keys[0], log: .roster, checkpoint: Checkpoint(origin: "o", size: 7, root: .sha256([7])),
                    at: now.adding(seconds: -age))
            ])
    }

    @Test func whatWasBelievedFirstIsToBeCompared() {
        let words = WitnessServeCommand.believed("relay.example/org-a/roster", "/srv/my witness")
        #expect(words.hasPrefix("the first checkpoint of relay.example/org-a/roster was believed: compare "))
        #expect(words.contains("\"nightbell audit witness show --state '/srv/my witness'\""), "\(words)")
    }

    /// Nobody misses a name in a line: a witness that stays behind is named, once, and so is its return.
    @Test func aWitnessThatFellSilentIsNamed() {
        var silent = SilentWitnesses()
        let standing = Self.standing()
        func look(_ size: UInt64, after seconds: Int64) -> [SilentWitnesses.News] {
            silent.look(standing, shown: [.roster: size], at: Self.now.adding(seconds: seconds))
        }
        // The other one never cosigned anything: it is named when it had its time.
        #expect(look(7, after: 0).isEmpty && look(7, after: 29).isEmpty)
        #expect(look(7, after: 30).map(\.witness) == ["two.example"])
        #expect(look(9, after: 60).isEmpty)
        let news = look(9, after: 90)
        #expect(news.map(\.witness) == ["one.example"] && news[0].isSilent && news[0].log == .roster)
        #expect(news[0].words.hasPrefix("the witness one.example does not cosign the roster log any more: "))
        #expect(news[0].words.contains("its last word is of 7 of 9 entries, at "))
        #expect(look(9, after: 120).isEmpty)
        let back = look(7, after: 150)
        #expect(back.map(\.words) == ["the witness one.example cosigns the roster log again"] && !back[0].isSilent)
    }

    @Test func anAuditTellsWhoVouchesForHowMuchAndHowLongAgo() {
        let lines = WitnessWords.lines(Self.standing(), Self.now, sizes: [.roster: 9, .activity: 30])
        #expect(lines.count == 3 && lines[0].hasPrefix("witnesses     2 of 2 demanded, as of "))
        #expect(
            lines.suffix(2) == [
                "  roster      1 in the last 24 h: one.example 7 of 9 entries 60 s ago, two.example nothing",
                "  activity    0 in the last 24 h: one.example nothing, two.example nothing",
            ])
        let none = WitnessStanding(policy: .none, since: Self.now, words: [])
        #expect(WitnessWords.lines(none, Self.now, sizes: [:]) == ["witnesses     none are named"])
    }

    /// One cause at a time, and it is named.
    @Test func aPolicyThatCannotBeSaysWhy() {
        let keys = Self.standing().policy.keys
        #expect(WitnessesSetCommand.fault(keys, demanded: 3) == "3 are demanded, and 2 named")
        #expect(
            WitnessesSetCommand.fault(keys + [keys[0]], demanded: 1) == "the key of \"\(keys[0].name)\" is named twice")
        let alike = [
            "witness.example+802d47c2+BEEUgMqe+UQRs5vY3Mvti0PoH9tAPKxu3+10HOgnblqv",
            "witness.example+802d47c2+BIrz2/Z6wsgBupv4ZfH4rejb3/Tu5Wx+5n1Y2AmmcXqL",
        ].compactMap { WitnessKey(vkey: $0) }
        #expect(
            WitnessesSetCommand.fault(alike, demanded: 1) == "two keys of \"witness.example\" have the same key id")
    }

    @Test func scriptsAreToldTheSame() {
        let document = WitnessWords.document(Self.standing(age: 90_000), Self.now)
        #expect(document["demanded"]?.integer == 2)
        #expect(document["missing"]?.array?.compactMap(\.string) == ["roster", "activity"])
        #expect(document["roster"]?["current"]?.integer == 0)
        #expect(document["roster"]?["size"]?.integer == 7)
        #expect(document["roster"]?["age_seconds"]?.integer == 90_000)
        #expect(document["activity"]?["newest"] == .null && document["activity"]?["age_seconds"] == .null)
        let file = WitnessWords.cosigners(Self.standing())
        #expect(file["roster"]?.array?.compactMap { $0["name"]?.string } == ["one.example"])
        #expect(file["activity"]?.array?.isEmpty == true)
    }

    /// What is read to somebody else stands in one line of a terminal.
    @Test func whatIsReadAloudIsNotBroken() {
        let text = WitnessWords.table(Self.standing(), columns: 80)
        let form = Checkpoint(origin: "o", size: 7, root: .sha256([7])).shortForm
        let lines = text.split(separator: "\n")
        #expect(lines.allSatisfy { TextWidth.of(String($0)) <= 80 } && lines.contains { $0.hasSuffix(form) }, "\(text)")
    }

    /// One line, with the cause and what to do; another when it is over.
    @Test func aWatchSaysItOnce() throws {
        let notice = try #require(Self.standing().notice(at: Self.now))
        #expect(
            notice
                == "for 24 hours only 0 of the 2 demanded witnesses have cosigned the roster and activity log: tell your "
                + "administrator")
        let missing = WatchLines.witnesses(notice)
        #expect(missing.words == notice && missing.document["event"]?.string == "witnesses_missing")
        #expect(missing.document["message"]?.string == notice)
        #expect(WatchLines.witnesses(nil).document["event"]?.string == "witnesses_again")
        #expect(Self.standing(demanded: 0).notice(at: Self.now) == nil)
    }
}
