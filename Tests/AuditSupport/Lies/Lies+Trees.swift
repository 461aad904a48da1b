import Sealing
import Auditing
import Membership
import Secrets
import SignerSupport
import Statements
import TransparencyLog

/// Lies about the logs as logs, which only the relay can tell: it holds their keys, and shows what it likes.
extension Lie {
    static let trees: [Lie] = [
        Lie(
            .relay, "checkpoint-by-another-key", "the activity checkpoint is signed by a key that genesis does not name"
        ) {
            $0.forgeCheckpoint(of: .activity)
        },
        Lie(
            .relay, "roster-checkpoint-by-another-key",
            "the roster checkpoint is signed by a key that genesis does not name"
        ) { $0.forgeCheckpoint(of: .roster) },
        Lie(.relay, "checkpoint-unreadable", "the activity checkpoint is noise") { telling in
            telling.expect(.checkpointInvalid)
            telling.doctors.append { $0.source.checkpoints[.activity] = Array("noise\n".utf8) }
            telling.expect(.falseHead, words: "now the relay shows 0")
            telling.isBlind = true
        },
        Lie(.relay, "log-emptied", "the checkpoint is of an empty activity log") { telling in
            let empty = TestLog(.activity, origin: telling.world.genesis.origin(of: .activity))
            telling.expect(.logEmpty)
            telling.doctors.append { $0.source.checkpoints[.activity] = empty.checkpoint.note.bytes }
            telling.expect(.falseHead, words: "now the relay shows 0")
            telling.isBlind = true
        },
        Lie(
            .relay, "root-of-other-entries", "the root that is signed is not that of the activity entries", moment: .end
        ) {
            telling in
            let log = telling.world.activity
            telling.expect(.rootDiffers)
            telling.doctors.append { $0.sign(log, size: log.size, root: .of("other entries")) }
        },
        Lie(
            .relay, "roster-root-of-other-entries", "the root that is signed is not that of the roster entries",
            moment: .end
        ) {
            telling in
            let log = telling.world.roster
            telling.expect(.rootDiffers, log: .roster)
            telling.doctors.append { $0.sign(log, size: log.size, root: .of("other entries")) }
        },
        Lie(.relay, "entry-changed", "an event is changed after it was signed", moment: .end) { telling in
            telling.change(signed: false)
        },
        Lie(.relay, "history-rewritten", "an event is changed, and the changed tree is signed anew", moment: .end) {
            telling in
            telling.change(signed: true)
        },
        Lie(.relay, "entries-swapped", "two entries change places, and the changed tree is signed anew", moment: .end) {
            telling in
            let log = telling.world.activity
            let place = telling.lastEvent { entries, index in
                // Of one time, so that nothing but the order is other.
                index > 0
                    && (try? Entry(parsing: entries[index - 1]))?.time == (try? Entry(parsing: entries[index]))?.time
            }
            telling.expectation.isExact = false
            telling.doctors.append { shown in
                shown.rewrite(log, signed: true) { $0.swapAt(Int(place), Int(place) - 1) }
            }
            telling.expect(.init(.seenContradicts), at: Shown(telling).witness(of: place))
        },
        Lie(.relay, "tail-cut-off", "the last entry is shown no more, and devices kept a head of it", moment: .end) {
            telling in
            let log = telling.world.activity
            telling.expect(.falseHead, words: "now the relay shows")
            telling.doctors.append { shown in shown.rewrite(log, signed: true) { $0.removeLast() } }
        },
        Lie(.relay, "entries-withheld", "the last entries are not given", moment: .end) { telling in
            let size = telling.world.activity.size
            telling.expectation.isExact = false
            telling.isBlind = true
            telling.expect(.entriesMissing, at: (size - 1) / 256 * 256)
            telling.doctors.append { $0.source.entries[.activity]?.removeLast() }
        },
        Lie(.relay, "entry-twice", "an event is logged a second time") { telling in
            let sent = telling.message(served: [])
            let first = telling.world.serve(sent, to: "kim")
            let again = telling.world.activity.append(telling.world.activity.entries[Int(first)])
            telling.expect(.init(.duplicate), at: again, words: "event")
            telling.settle(sent)
        },
        Lie(.relay, "time-runs-back", "an entry is a minute older than the one before it") { telling in
            telling.pass(120)
            telling.world.claimFallbacks("never sent", of: "kim")
            telling.world.wait(seconds: -60)
            let sent = telling.send("of the lie", to: "kim", served: ["kim"])
            telling.expect(.init(.timeOrder), at: sent.index)
            telling.settle(sent)
        },
        Lie(.relay, "no-entry", "what stands in the log is no entry") { telling in
            telling.expect(.init(.malformed), at: telling.world.activity.append(Array("noise".utf8)))
        },
        Lie(.relay, "unreadable-statement", "a receipt that cannot be read was accepted") { telling in
            let body = Array("nightbell.receipt/v1\norg \(telling.world.organisation)\n\n— x AAAAAAA=\n".utf8)
            telling.expect(
                .init(.malformed), at: telling.world.activity.append(Entry(time: telling.now, body: body)))
        },
        Lie(.relay, "text-of-no-version", "an event is of a kind that no version can know") { telling in
            let body =
                "nightbell.event/v1\norg \(telling.world.organisation)\nkind served \nsalt AAAAAAAAAAAAAAAAAAAAAA==\n"
            telling.expect(
                .init(.malformed), at: telling.world.activity.append(Entry(time: telling.now, body: Array(body.utf8))))
        },
        Lie(
            .relay, "hidden-behind-a-later-version",
            "behind a lie stands an event that only a later version could judge",
            moment: .end
        ) { telling in
            let sent = telling.message(served: [])
            telling.expect(.notServed, at: telling.world.activity.size, words: "kim")
            telling.receipt(.delivered, of: sent, by: "kim")
            let body =
                "nightbell.event/v1\norg \(telling.world.organisation)\nkind later\nsalt AAAAAAAAAAAAAAAAAAAAAA==\n"
            telling.expectUnjudged(telling.world.activity.append(Entry(time: telling.now, body: Array(body.utf8))))
        },
        Lie(.relay, "event-of-another-organisation", "an event names another organisation") { telling in
            let sent = telling.message(served: [])
            let other = OrganisationID(genesisText: Array("another".utf8))
            telling.expect(
                .init(.wrongOrganisation),
                at: telling.world.log(.served(.named("kim"), sent.message, .envelope), organisation: other))
            telling.settle(sent)
        },
        Lie(.relay, "another-organisation", "the logs are those of another organisation") { telling in
            telling.isBlind = true
            telling.expect(.init(.wrongOrganisation), log: .roster, at: 0)
            telling.doctors.append { $0.organisation = OrganisationID(genesisText: Array("another".utf8)) }
        },
        Lie(.relay, "two-histories", "a device was shown another roster log, and says so in its receipt") { telling in
            let sent = telling.message()
            let fork = telling.world.roster.sign(size: 2, root: .of("fork")).seen
            let index = telling.world.receipt(.read, of: sent, by: "kim") {
                $0.seen = SeenBoth(roster: fork, activity: $0.seen.activity)
            }
            telling.expect(.init(.seenContradicts), at: index, words: "kim")
            telling.settle(sent)
        },
        Lie(.relay, "hash-tile-changed", "a hash tile of the export is not that of its entries", moment: .end) {
            telling in
            telling.expectDamage(.tileDiffers)
            let path = TilePath(kind: .hashes(level: 0), index: 0, width: Int(min(256, telling.world.activity.size)))
            telling.doctors.append { $0.files["activity/\(path)"] = [UInt8](repeating: 7, count: path.width * 32) }
        },
        Lie(.relay, "file-added", "the export holds a file that has no place in it", moment: .end) { telling in
            telling.expectDamage(.wrongFiles)
            telling.doctors.append { $0.files["activity/tile/entries/notes"] = [7] }
        },
        Lie(.relay, "key-file-of-another", "the export names another log key", moment: .end) { telling in
            telling.expectDamage(.wrongFiles)
            let line = telling.world.roster.key.key.vkey + "\n"
            telling.doctors.append { $0.files["activity/log.vkey"] = Array(line.utf8) }
        },
    ]

    static let betweenLogs: [Lie] = [
        Lie(
            .relay, "first-roster-missing", "the activity log does not begin with the event of its first roster",
            moment: .founding
        ) {
            $0.world.log(.fallback(.named("ana"), .named("never sent"), $0.world.auditKey.publicKey.id))
            $0.expect(.rosterEventMissing, at: 0)
        },
        Lie(
            .relay, "first-roster-later", "the activity log begins with the event of a larger roster", moment: .founding
        ) {
            $0.expect(.rosterEventFalse, at: 0)
        },
        Lie(.relay, "roster-never-in-force", "a revocation is logged, and no event puts it in force", moment: .end) {
            telling in
            telling.expect(.rosterEventMissing, log: .roster, at: telling.world.roster.size)
            telling.world.hide(telling.world.revocation("tablet"), by: [.device("ana")])
        },
        Lie(.relay, "roster-held-back", "a revocation is logged, and put in force a minute later") { telling in
            telling.enrol("spare", of: "kim")
            telling.expect(.rosterEventLate, log: .roster, at: telling.world.roster.size, words: "\(telling.now)")
            telling.world.hide(telling.world.revocation("spare"), by: [.device("ana")])
            telling.pass(60)
            telling.world.putInForce()
        },
        Lie(.relay, "roster-event-of-a-fork", "an event names a roster with another root") { telling in
            let world = telling.world
            world.hide(world.member("eva", roles: [.provider]), by: [.device("ana")])
            telling.expect(.rosterEventFalse, at: world.log(.roster(size: world.roster.size, root: .of("fork"))))
        },
        Lie(.relay, "roster-event-twice", "an event puts the same roster in force again") {
            $0.expect(.rosterEventFalse, at: $0.world.putInForce())
        },
        Lie(.relay, "roster-event-back", "an event puts an older roster in force") {
            let world = $0.world
            let size = world.roster.size - 1
            $0.expect(.rosterEventFalse, at: world.log(.roster(size: size, root: world.projection.root(size: size)!)))
        },
        Lie(.relay, "roster-event-ahead", "an event names a roster that is longer than the log", moment: .end) {
            let world = $0.world
            $0.expect(.rosterEventFalse, at: world.log(.roster(size: world.roster.size + 1, root: .of("more"))))
        },
    ]
}

extension Telling {
    fileprivate func forgeCheckpoint(of log: LogKind) {
        expect(.checkpointInvalid, log: log)
        doctors.append { shown in
            guard let note = shown.source.checkpoints[log], let genuine = try? SignedNote(parsing: note),
                let checkpoint = try? Checkpoint(parsing: genuine.text)
            else { return }
            let forged = SignedNote(text: genuine.text, signedBy: Signer.key("thief"), as: checkpoint.origin)
            shown.source.checkpoints[log] = forged.bytes
        }
    }

    /// The last event that a later signer has in the tree that it saw.
    fileprivate func lastEvent(where isFit: ([[UInt8]], Int) -> Bool = { _, _ in true }) -> UInt64 {
        let shown = Shown(self)
        let entries = world.activity.entries
        let index = entries.indices.last { index in
            guard let entry = try? Entry(parsing: entries[index]), let event = try? RelayEvent(parsing: entry.body),
                case .served = event.kind
            else { return false }
            return isFit(entries, index) && shown.witness(of: UInt64(index)) != nil
        }
        return UInt64(index!)
    }

    /// Another salt: all that the event says stays true.
    fileprivate func change(signed isSigned: Bool) {
        let log = world.activity
        let place = lastEvent()
        expectation.isExact = false
        expect(.init(.seenContradicts), at: Shown(self).witness(of: place))
        if !isSigned { expect(.rootDiffers) }
        doctors.append { shown in
            shown.rewrite(log, signed: isSigned) { entries in
                let entry = try! Entry(parsing: entries[Int(place)])
                let event = try! RelayEvent(parsing: entry.body)
                let changed = RelayEvent(
                    organisation: event.organisation, kind: event.kind,
                    salt: Array(Digest.of("changed").bytes.prefix(RelayEvent.saltByteCount)))
                entries[Int(place)] = Entry(time: entry.time, body: changed.text).bytes
            }
        }
    }
}
