import Secrets
import SignerSupport
import Statements
import Testing
import TransparencyLog

@testable import Auditing

/// What several people were shown, held against each other and against what can be seen.
@Suite struct ComparisonTests {
    private static let roster = ForkingLog("relay.example/org/roster", count: 4, fork: 4)
    private static let activity = ForkingLog("relay.example/org/activity", count: 40, fork: 20)
    private static let keys: [LogKind: LogKey] = [.roster: roster.signer.logKey, .activity: activity.signer.logKey]
    private static let organisation = OrganisationID(bytes: Digest.of("organisation").bytes.prefix(20))

    /// One of the two histories, as far as somebody sees it.
    private struct Seen: LogHistory {
        let size: Int
        var history = 0

        func root(of log: LogKind, size: UInt64) -> Digest? {
            size <= UInt64(self.size) ? (log == .roster ? roster : activity).root(Int(size), history) : nil
        }

        func checkpoint(of log: LogKind) -> [UInt8]? { activity.checkpoint(size, history).note.bytes }
    }

    private static func claims(_ files: [UInt8]...) throws -> [[TreeClaim]] {
        try files.map { try #require(TreeClaims(parsing: $0, keys: keys)).claims }
    }

    private static func note(_ size: Int, _ history: Int = 0) -> [UInt8] {
        activity.checkpoint(size, history).note.bytes
    }

    private static func head(_ size: Int, _ history: Int = 0) -> [UInt8] {
        let head = Head(
            organisation: organisation, time: Timestamp(milliseconds: 1),
            roster: .init(size: 3, root: roster.root(3, 0)),
            activity: .init(size: UInt64(size), root: activity.root(size, history)), device: nil)
        return activity.signer.sign(head).bytes
    }

    private static func short(_ size: Int, _ history: Int = 0) -> [UInt8] {
        Array("compare    activity \(activity.checkpoint(size, history).shortForm)\n".utf8)
    }

    @Test func whatIsTheSameIsSaidToBe() async throws {
        for files in [
            try Self.claims(Self.note(25), Self.note(25)), try Self.claims(Self.note(25), Self.short(25)),
        ] {
            for history in [nil, Seen(size: 25)] {
                let comparison = try await Comparison(files, history: history)
                #expect(comparison.word == .same && comparison.results.count == 1)
            }
        }
    }

    /// What two people read to each other may be told to both by whoever lies, and nobody signed it: it is the same as what a
    /// verified history has, or proves nothing.
    @Test func whatNobodySignedProvesNothingToItsLike() async throws {
        let files = try Self.claims(Self.short(25), Self.short(25))
        let alone = try await Comparison(files, history: nil)
        #expect(alone.word == .unproven && alone.results[0].unproven.count == 2)
        #expect(!alone.results[0].isHeldAgainstHistory)
        #expect(try await Comparison(files, history: Seen(size: 25)).word == .same)
    }

    /// A history that was asked and does not reach so far has not proven it, however many say the same: of a fork they would, too.
    @Test func whatTheHistoryDoesNotReachIsNotProven() async throws {
        for files in [
            try Self.claims(Self.note(25, 1), Self.head(25, 1)), try Self.claims(Self.note(25, 1), Self.short(25, 1)),
            try Self.claims(Self.short(25, 1), Self.short(25, 1)), try Self.claims(Self.note(25, 1)),
        ] {
            let result = try #require(try await Comparison(files, history: Seen(size: 24)).results.last)
            #expect(result.word == .unproven && result.isHeldAgainstHistory)
            #expect(result.unproven == result.claims && !result.claims.isEmpty)
        }
    }

    /// One person who says the same twice is one person: nobody else was asked.
    @Test func whatOnePersonRepeatsIsSaidOnce() async throws {
        for file in [
            Self.short(25) + Self.short(25),
            Self.note(25) + [UInt8(ascii: "\n")] + Self.note(25) + [UInt8(ascii: "\n")],
        ] {
            let claims = try Self.claims(file)
            #expect(claims[0].count == 1)
            #expect(try await Comparison(claims, history: nil).word == .unproven)
        }
    }

    /// Nobody types so much: each line would be one more question to the relay.
    @Test func aFileOfCountlessShortFormsSaysNothing() {
        let line = Self.short(25)
        let most = TreeClaims.maximumTypedByteCount / line.count
        #expect(TreeClaims(parsing: [[UInt8]](repeating: line, count: most).flatMap { $0 }, keys: Self.keys) != nil)
        #expect(TreeClaims(parsing: [[UInt8]](repeating: line, count: most + 1).flatMap { $0 }, keys: Self.keys) == nil)
    }

    @Test func whatContinuesIsProvenByWhatIsSeen() async throws {
        let files = try Self.claims(Self.note(7), Self.short(25), Self.head(30))
        let alone = try await Comparison(files, history: nil)
        // Nobody lied as far as anybody can tell, and nothing is proven. Of the roster log there is one word alone.
        #expect(alone.results.map(\.word) == [.unproven, .unproven])
        let seen = try await Comparison(files, history: Seen(size: 40))
        #expect(seen.results.map(\.word) == [.same, .extends] && seen.results[1].unproven.isEmpty)
        let behind = try await Comparison(files, history: Seen(size: 28))
        #expect(behind.word == .unproven && behind.results[1].unproven.map(\.size) == [30])
    }

    @Test func twoSignedTreesOfOneSizeConvict() async throws {
        for (one, other) in [
            (Self.note(25), Self.note(25, 1)), (Self.head(25), Self.note(25, 1)), (Self.head(25), Self.head(25, 1)),
        ] {
            let comparison = try await Comparison(try Self.claims(one, other), history: nil)
            let contradiction = try #require(comparison.results.last?.contradictions.first)
            #expect(comparison.word == .contradict && contradiction.convicts)
            #expect(contradiction.evidence == [one, other])
        }
    }

    /// What was read aloud before them takes nothing from two notes.
    @Test func whatIsSignedConvictsBesideWhatIsNot() async throws {
        let files = try Self.claims(Self.short(25), Self.note(25), Self.note(25, 1))
        let comparison = try await Comparison(files, history: nil)
        let convicting = comparison.results.first?.contradictions.filter(\.convicts) ?? []
        #expect(convicting.map(\.evidence) == [[Self.note(25), Self.note(25, 1)]])
    }

    /// Trees of different sizes: only what can be seen shows that they are of two histories, and its own checkpoint convicts.
    @Test func twoHistoriesAreCaughtAtDifferentSizes() async throws {
        let files = try Self.claims(Self.note(25), Self.note(30, 1))
        #expect(try await Comparison(files, history: nil).word == .unproven)
        let comparison = try await Comparison(files, history: Seen(size: 40))
        let contradiction = try #require(comparison.results.first?.contradictions.first)
        #expect(comparison.word == .contradict && contradiction.convicts && contradiction.first.size == 30)
        #expect(contradiction.evidence == [Self.note(30, 1), Self.note(40)])
        // Before the fork both were true.
        #expect(
            try await Comparison(try Self.claims(Self.note(20), Self.note(30, 1)), history: Seen(size: 40, history: 1))
                .word == .extends)
    }

    /// What nobody signed convicts nobody: it may have been misheard.
    @Test func whatWasReadAloudConvictsNobody() async throws {
        for (one, other) in [(Self.short(25), Self.note(25, 1)), (Self.short(25), Self.short(25, 1))] {
            let comparison = try await Comparison(try Self.claims(one, other), history: nil)
            #expect(comparison.word == .contradict)
            #expect(comparison.results[0].contradictions.allSatisfy { !$0.convicts })
        }
        let seen = try await Comparison(try Self.claims(Self.short(25, 1)), history: Seen(size: 40))
        #expect(seen.results[0].contradictions.first?.convicts == false)
    }

    /// Whatever people write around it, and whatever a mail makes of its lines: what is signed is taken as it was signed.
    @Test func aNoteAmongWordsConvictsAllTheSame() async throws {
        let contradicting = Self.note(25, 1)
        func mailed(_ note: [UInt8]) -> [UInt8] {
            Array(String(decoding: note, as: UTF8.self).replacing("\n", with: "\r\n").utf8)
        }
        func spaced(_ note: [UInt8]) -> [UInt8] {
            Array(String(decoding: note, as: UTF8.self).replacing("\n\n", with: "\n\n\n").utf8)
        }
        for note in [contradicting, Self.head(25, 1)] {
            for file in [
                note + Self.short(7), Self.short(7) + note, Array("From Anna:\n".utf8) + note,
                note + [0x0A] + Self.short(7) + [0x0A] + note, mailed(note), mailed(Array("Hello,\n\n".utf8) + note),
                spaced(note), note + Array("\nRegards,\nAnna".utf8),
            ] {
                let claims = try #require(TreeClaims(parsing: file, keys: Self.keys))
                #expect(claims.foreign == 0)
                let signed = claims.claims.filter { $0.log == .activity && $0.isSigned }
                #expect(signed.map(\.note) == [note], "\(String(decoding: file, as: UTF8.self))")
                let comparison = try await Comparison([claims.claims], history: Seen(size: 40))
                #expect(comparison.results.last?.contradictions.contains { $0.convicts } == true)
            }
        }
        let doubtful = try #require(TreeClaims(parsing: Array(contradicting.dropLast(3)) + [0x0A], keys: Self.keys))
        #expect(doubtful.claims.isEmpty && doubtful.foreign == 1)
    }

    /// A note behind more words than are looked at must not be passed over.
    @Test func aNoteBehindTooManyWordsIsNotPassedOver() {
        let words = [UInt8](repeating: UInt8(ascii: "a"), count: TreeClaims.maximumTypedByteCount)
        for end in [[0x0A], [0x0A, 0x0A]] as [[UInt8]] {
            #expect(TreeClaims(parsing: words + end + Self.note(7), keys: Self.keys) == nil)
            #expect(TreeClaims(parsing: Self.note(7) + [0x0A] + words + end, keys: Self.keys) == nil)
        }
        let empty = [UInt8](repeating: 0x0A, count: 1 << 20)
        #expect(TreeClaims(parsing: empty + Self.note(7), keys: Self.keys)?.claims.count == 1)
    }

    private static let digits = "00aa 11bb 22cc 33dd 44ee 55ff 6600 7711"

    @Test func filesAreReadStrictly() throws {
        func read(_ text: [UInt8]) -> TreeClaims? { TreeClaims(parsing: text, keys: Self.keys) }
        let both = Self.note(7) + [0x0A] + Self.note(9, 1) + [0x0A]
        #expect(read(both)?.claims.map(\.size) == [7, 9])
        #expect(
            read(Array("see:\r\n  Roster 3 \(Self.digits.uppercased()), activity 9 \(Self.digits) 2026".utf8))?.claims
                .count == 2)
        let joined = Self.digits.filter { $0 != " " }
        #expect(
            read(Array("activity 9 \(joined)".utf8))?.claims == read(Array("activity 9 \(Self.digits)".utf8))?.claims)
        #expect(read(Array("activity 9 \(joined)".utf8))?.claims.count == 1)
        for nothing in ["", "\n", "activity 9", "activity 09 \(Self.digits)", "activity 9 00ag 11bb 22cc 33dd"] {
            #expect(read(Array(nothing.utf8)) == nil, "\(nothing)")
        }
        // Whoever makes both trees finds two that begin alike for 64 bits.
        for few in ["00aa 11bb 22cc 33dd", String(Self.digits.dropLast(5)), String(Self.digits.dropLast())] {
            let claims = try #require(read(Array("activity 9 \(few)".utf8)))
            #expect(claims.claims.isEmpty && claims.tooShort == 1, "\(few)")
        }
        // Both logs have a tree of every size.
        for (text, unnamed) in [
            ("9 \(Self.digits)", 1), ("acitvity 9 \(Self.digits)", 1), ("activity\n9 \(Self.digits)", 1),
            ("1234 \(Self.digits)\nroster 3 \(Self.digits)", 1), ("3 \(Self.digits) 9 \(Self.digits)", 2),
        ] {
            #expect(read(Array(text.utf8))?.unnamed == unnamed, "\(text)")
        }
        let named = try #require(read(Array("roster 3 \(Self.digits) activity 1234 \(Self.digits) 2026".utf8)))
        #expect(named.claims.count == 2 && named.unnamed == 0)
        // A stranger's note, and one whose signature is not the log's, are no claims.
        var changed = Self.note(7)
        changed[Self.activity.key.name.utf8.count + 1] = UInt8(ascii: "9")
        for foreign in [changed, ForkingLog("other.example", count: 3, fork: 1).checkpoint(2).note.bytes] {
            let claims = try #require(read(foreign))
            #expect(claims.claims.isEmpty && claims.foreign == 1)
        }
    }
}
