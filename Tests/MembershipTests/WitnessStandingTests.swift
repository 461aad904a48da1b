import Membership
import Secrets
import Statements
import Testing
import TransparencyLog

/// When it is said that too few witnesses vouch: after a day, and never sooner.
@Suite struct WitnessStandingTests {
    private static let keys = ["one", "two", "three"].map { name in
        WitnessKey(
            name: "\(name).example",
            key: SigningKey(seed: SecretBytes(copying: Digest.sha256(Array(name.utf8)).bytes)).verifyingKey)
    }
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)
    private static let hour: Int64 = 3_600_000

    /// - Parameter hours: How long ago each witness vouched for the activity log, and a minute ago for the other.
    private static func standing(_ hours: [Double?], demanded: UInt64, since: Double = 100) -> WitnessStanding {
        var words: [WitnessStanding.Word] = []
        for (key, hours) in zip(keys, hours) {
            guard let hours else { continue }
            for (log, age) in [(LogKind.activity, Int64(hours * Double(hour))), (.roster, 60_000)] {
                words.append(
                    WitnessStanding.Word(
                        witness: key, log: log, checkpoint: Checkpoint(origin: "o", size: 7, root: .sha256([7])),
                        at: now.adding(milliseconds: -age)))
            }
        }
        return WitnessStanding(
            policy: WitnessPolicy(keys, demanded: demanded)!,
            since: now.adding(milliseconds: -Int64(since * Double(hour))), words: words)
    }

    @Test(
        arguments: [
            ([0, 0, 0], 3, []), ([23.9, 23.9, nil], 2, []), ([23.9, 24, nil], 2, [LogKind.activity]),
            ([nil, nil, nil], 1, [.roster, .activity]), ([nil, nil, nil], 0, []), ([1, 30, 30], 1, []),
            // A clock that is ahead by a little is one; a time in the future does not count for ever.
            ([-0.9, nil, nil], 1, []), ([-2, nil, nil], 1, [.activity]),
        ] as [([Double?], UInt64, [LogKind])])
    func isSaidAfterADay(_ hours: [Double?], _ demanded: UInt64, _ missing: [LogKind]) {
        #expect(Self.standing(hours, demanded: demanded).missing(at: Self.now) == missing)
    }

    @Test func ofTwoLogsTheOneThatFewerVouchForIsTold() {
        let notice = Self.standing([30, nil, nil], demanded: 2).notice(at: Self.now) ?? ""
        #expect(
            notice.contains("only 0 of the 2 demanded witnesses have cosigned the roster and activity log"), "\(notice)"
        )
        #expect(Self.standing([1, 1, nil], demanded: 2).notice(at: Self.now) == nil)
    }

    /// Witnesses that were named an hour ago had no day yet.
    @Test func theyHaveADayToBegin() {
        #expect(Self.standing([nil], demanded: 1, since: 23.9).missing(at: Self.now).isEmpty)
        #expect(Self.standing([nil], demanded: 1, since: 24).missing(at: Self.now) == [.roster, .activity])
    }

    /// A log grows several times in the second that a cosignature tells: what is known already must not stand in for what is new.
    @Test func ofOneSecondTheLargerTreeIsTheNewest() {
        let log = LogSigner(origin: "o", key: SigningKey())
        let witness = CosignatureSigner(name: "w.example", key: SigningKey())
        let policy = WitnessPolicy([witness.witnessKey], demanded: 1)!
        func cosigned(_ size: UInt64, at seconds: UInt64) -> SignedCheckpoint {
            let checkpoint = log.sign(size: size, root: .sha256([UInt8(size)]))
            return checkpoint.carrying([witness.sign(checkpoint.note.text, at: seconds)])
        }
        let (before, after) = (cosigned(15, at: 1_800_000_000), cosigned(18, at: 1_800_000_000))
        for given in [[before, after], [after, before]] {
            let newest = WitnessStanding.newest(in: given, of: .activity, policy)
            #expect(newest.map(\.word.checkpoint.size) == [18])
        }
        // Of another second the later word stands, be it of a smaller tree: the witness's time is what counts.
        let later = cosigned(16, at: 1_800_000_001)
        #expect(WitnessStanding.newest(in: [after, later], of: .activity, policy).map(\.word.checkpoint.size) == [16])
    }
}
