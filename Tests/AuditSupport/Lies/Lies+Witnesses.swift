import Auditing
import Secrets
import SignerSupport
import Statements
import TransparencyLog

/// False words about what witnesses cosigned, and of witnesses.
extension Lie {
    static let cosignatures: [Lie] = [
        Lie(.relay, "cosigned-another-history", "a witness saw another activity log than the auditor", moment: .end) {
            $0.watch(without: "one")
            $0.showFork(.activity)
        },
        Lie(.relay, "cosigned-another-roster", "a witness saw another roster log than the auditor", moment: .end) {
            $0.watch(without: "one")
            $0.showFork(.roster)
        },
        Lie(
            .relay, "cosigned-a-smaller-fork", "a witness saw another activity log when it was smaller", moment: .end
        ) {
            $0.watch(without: "one")
            $0.showFork(.activity, size: $0.world.activity.size / 2)
        },
        Lie(.relay, "cosignature-forged", "a cosignature bears a witness's name and another's signature", moment: .end)
        {
            telling in
            telling.watch(without: "one")
            let checkpoint = telling.world.activity.checkpoint
            let (one, thief) = (WitnessPerson("one").key, WitnessPerson("thief"))
            let forged = NoteSignature(
                name: one.name, keyID: one.id,
                bytes: thief.cosignature(of: checkpoint, at: telling.now).signature.bytes)
            telling.show(
                .activity,
                SignedNote(text: checkpoint.note.text, signatures: [checkpoint.signature, forged]).bytes)
            telling.expect(.cosignatureInvalid, at: checkpoint.size - 1, words: "one.example/w")
        },
        Lie(.relay, "cosigned-and-not-signed", "what is shown as cosigned the log never signed", moment: .end) {
            telling in
            telling.watch(without: "one")
            let checkpoint = telling.world.activity.checkpoint
            let cosignature = WitnessPerson("one").cosignature(of: checkpoint, at: telling.now)
            telling.show(
                .activity, SignedNote(text: checkpoint.note.text, signatures: [cosignature.signature]).bytes)
            telling.expect(.cosignatureInvalid, words: "one.example/w")
        },
        Lie(.relay, "cut-off-behind-a-witness", "a witness saw more entries than the relay shows", moment: .end) {
            telling in
            telling.watch(without: "one")
            let size = telling.world.activity.size + 3
            telling.show(.activity, telling.world.cosigned(.activity, by: "one", size: size, root: .of("cut off")))
            telling.expect(.cosignedBeyond, words: "one.example/w", "taken away")
        },
    ]

    static let witnesses: [Lie] = [
        Lie(.witness, "vouched-twice", "a witness vouched for two activity logs of one size", moment: .end) {
            $0.watch()
            $0.showFork(.activity, isLyingWitness: true)
        },
        Lie(
            .witness, "vouched-for-a-fork", "a witness vouched for a log, and for one that is no part of it",
            moment: .end
        ) {
            $0.watch()
            $0.showFork(.activity, size: $0.world.activity.size / 2, isLyingWitness: true)
        },
        Lie(.witness, "vouched-for-two-rosters", "a witness vouched for two roster logs of one size", moment: .end) {
            $0.watch()
            $0.showFork(.roster, isLyingWitness: true)
        },
    ]
}

extension Telling {
    /// Two witnesses are named: one cosigns both logs as they are, the other did when they were one entry smaller.
    /// - Parameter liar: Whoever does not.
    func watch(without liar: String? = nil) {
        world.watch(by: "one", "two", demanded: 2)
        let world = self.world
        doctors.append { shown in
            for log in LogKind.allCases {
                let size = log == .roster ? world.roster.size : world.activity.size
                let notes = [
                    ("one", world.cosigned(log, by: "one")),
                    ("two", world.cosigned(log, by: "two", size: size - 1, secondsAgo: 60)),
                ]
                shown.source.cosigned[log] = notes.filter { $0.0 != liar }.map(\.1)
            }
        }
    }

    /// One more note is shown as cosigned.
    func show(_ log: LogKind, _ note: [UInt8]) {
        doctors.append { $0.source.cosigned[log, default: []].append(note) }
    }

    /// A tree that is no part of the log, signed by the relay and cosigned by the first witness.
    /// - Parameter isLyingWitness: Whether it vouched for the log at hand, too.
    func showFork(_ log: LogKind, size: UInt64? = nil, isLyingWitness: Bool = false) {
        let size = size ?? (log == .roster ? world.roster.size : world.activity.size)
        show(log, world.cosigned(log, by: "one", size: size, root: .of("fork"), secondsAgo: 30))
        expect(.cosignedOtherHistory, log: log, at: size - 1, words: "one.example/w", "two histories")
        if isLyingWitness { expect(.witnessContradicts, log: log, at: size - 1, words: "one.example/w") }
    }
}
