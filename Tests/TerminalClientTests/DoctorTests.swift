@testable import DeviceKit
import Foundation
import Statements
import Testing

@testable import TerminalClient

/// What `doctor` says of each state of the world: the world is given, nothing is broken for it.
@Suite struct DoctorTests {
    private static let now = Timestamp(milliseconds: 1_795_849_302_809)
    private static let day: Int64 = 86_400_000
    private let error = DeviceKitError("a_code", .unreachable, "the relay cannot be reached", next: "look")

    private static func ago(_ days: Int64) -> Timestamp { now.adding(milliseconds: -days * day) }

    private func statuses(_ check: any DoctorCheck) -> [CheckResult.Status] { check.judge().map(\.status) }

    private func file(_ mode: UInt32, isOurs: Bool = true, isFolder: Bool = false) -> ProfileInspection.File {
        ProfileInspection.File(path: "/p/\(mode)", mode: mode, isOurs: isOurs, isFolder: isFolder)
    }

    @Test func everythingWrongHasSomethingToDo() {
        let checks: [any DoctorCheck] = [
            ProfileCheck(directory: "/p", identity: nil, fault: nil),
            ProfileCheck(directory: "/p", identity: nil, fault: error),
            PermissionsCheck(files: [file(0o755, isFolder: true), file(0o600, isOurs: false)]),
            UnlockCheck(failure: DeviceKitError("locked", .locked, "locked", next: "unlock")),
            StoreCheck(finding: .damaged(faults: ["row 1 missing"])), StoreCheck(finding: .missing),
            StoreCheck(finding: .busy), StepsCheck(lines: 3, receipts: 1, faults: ["line 2 does not follow"]),
            OutboxCheck(receipts: 1, sends: 1, refused: 1),
            PrekeysCheck(left: 0, held: 0, fallback: Self.ago(40), now: Self.now),
            FindingsCheck(count: 1, newest: nil, contradiction: nil), ClockCheck(difference: 400_000),
            ClockCheck(difference: nil), HeadCheck(answer: .lied(error), last: nil, now: Self.now),
            HeadCheck(answer: .notAsked, last: nil, now: Self.now), LogsCheck(logs: nil, isContradicted: true),
            DiskCheck(free: 1), DiskCheck(free: nil),
            AgentCheck(finding: .silent, socketMode: nil, isOpenedByFile: false),
            ReceivingCheck(receiver: .none), ReceivingCheck(receiver: .stopped),
            NotificationsCheck(bus: nil, hasTerminal: false),
            MemoryCheck(lockLimit: 1, mayDumpCore: true), SwapCheck(places: nil),
        ]
        for check in checks {
            let results = check.judge()
            #expect(!results.isEmpty)
            for result in results where result.status != .ok {
                #expect(!result.next.isEmpty && !result.next.hasSuffix("."), "\(result)")
                #expect(!result.message.hasSuffix("."), "\(result)")
            }
            #expect(results.contains { $0.status != .ok }, "\(results)")
        }
    }

    @Test func permissionsComeWithTheCommandThatRepairsThem() {
        let results = PermissionsCheck(files: [file(0o755, isFolder: true), file(0o640), file(0o600)]).judge()
        #expect(results.map(\.next) == ["run: chmod 700 '/p/493'", "run: chmod 600 '/p/416'"])
        #expect(statuses(PermissionsCheck(files: [file(0o700, isFolder: true), file(0o600)])) == [.ok])
        #expect(PermissionsCheck(files: (0..<20).map { _ in file(0o644) }).judge().count == 6)
    }

    @Test func aLockedProfileIsAWarningAndALieInItAProblem() {
        #expect(statuses(UnlockCheck(failure: DeviceKitError("a", .locked, "b", next: "c"))) == [.warning])
        let lied = UnlockCheck(failure: DeviceKitError("a", .verification, "b", next: "c")).judge()
        #expect(lied.map(\.isLie) == [true])
        #expect(statuses(UnlockCheck(failure: nil)) == [.ok])
    }

    @Test(
        arguments: [
            (64, 0, CheckResult.Status.ok), (8, 1, .ok), (7, 1, .warning), (0, 1, .warning), (64, 8, .warning),
            (64, 37, .problem), (nil, 1, .ok),
        ] as [(Int?, Int64, CheckResult.Status)])
    func prekeysRunOutAndGrowOld(_ left: Int?, _ days: Int64, _ status: CheckResult.Status) {
        let check = PrekeysCheck(left: left, held: 60, fallback: Self.ago(days), now: Self.now)
        #expect(statuses(check) == [status])
        #expect(check.judge().allSatisfy { $0.status == .ok || $0.next.contains("nightbell inbox") })
    }

    @Test func withoutPublishedKeysNothingCanBeSealed() {
        #expect(statuses(PrekeysCheck(left: 0, held: 0, fallback: nil, now: Self.now)) == [.problem])
        #expect(statuses(PrekeysCheck(left: nil, held: 3, fallback: Self.ago(1), now: Self.now)) == [.warning])
    }

    @Test(
        arguments: [
            (0, CheckResult.Status.ok), (29_000, .ok), (-31_000, .warning), (300_000, .warning), (300_001, .problem),
            (-900_000, .problem), (nil, .warning),
        ] as [(Int64?, CheckResult.Status)])
    func clocks(_ difference: Int64?, _ status: CheckResult.Status) {
        #expect(statuses(ClockCheck(difference: difference)) == [status])
    }

    @Test func whichClockIsAheadIsSaid() {
        #expect(ClockCheck(difference: 900_000).judge()[0].message.contains("15 min behind"))
        #expect(ClockCheck(difference: -900_000).judge()[0].message.contains("15 min ahead of"))
    }

    private func tls(_ outcome: RelayHandshake.Outcome, from: Int64 = -10, until: Int64 = 90) -> CheckResult {
        let certificate = RelayHandshake.Certificate(
            validFrom: Self.now.adding(milliseconds: from * Self.day),
            validUntil: Self.now.adding(milliseconds: until * Self.day))
        return TLSCheck(
            address: "r:1", handshake: RelayHandshake(outcome: outcome, certificate: certificate),
            hasOwnAuthority: true,
            now: Self.now
        ).judge()[0]
    }

    @Test func certificates() {
        #expect(
            tls(.trusted(version: "TLS 1.3")).message
                == "TLS 1.3 with r:1, trusted by the CA that this profile remembers, for 90 more days")
        #expect(tls(.trusted(version: "TLS 1.3"), until: 13).status == .warning)
        #expect(tls(.untrusted, until: -1).message.contains("ended on"))
        #expect(tls(.untrusted, from: 1).message.contains("begins only on"))
        #expect(tls(.untrusted).next.contains("--ca FILE"))
        #expect(tls(.unreachable("nobody takes connections there")).status == .problem)
        #expect(tls(.unusableAuthority).next.contains("--ca FILE"))
    }

    @Test func theRelaysWord() {
        func judge(_ answer: HeadCheck.Answer) -> CheckResult {
            HeadCheck(answer: answer, last: Self.now.adding(milliseconds: -7_200_000), now: Self.now).judge()[0]
        }
        #expect(judge(.believed(signed: Self.now, waiting: 2)).message.contains("2 waiting"))
        #expect(judge(.lied(error)).isLie)
        #expect(!judge(.refused(error)).isLie)
        #expect(judge(.unreachable(error)).message.contains("its last word is 2 h old"))
        #expect(judge(.notAsked).status == .warning)
    }

    @Test func keptFindingsWarnAndAProvenContradictionIsALie() {
        let newest = (found: Self.now, finding: Finding(.badHead, "a lie", evidence: "/e"))
        #expect(FindingsCheck(count: 2, newest: newest, contradiction: nil).judge()[0].next.contains("/e"))
        let proven = FindingsCheck(
            count: 2, newest: newest, contradiction: Finding(.contradiction, "two histories", evidence: "/f")
        ).judge()[0]
        #expect(proven.isLie && proven.next.contains("nightbell audit compare /f"), "\(proven.next)")
        #expect(statuses(FindingsCheck(count: 0, newest: nil, contradiction: nil)) == [.ok])
    }

    @Test func whatWaitsHereIsSaidWorstFirst() {
        let results = OutboxCheck(receipts: 2, sends: 1, refused: 3).judge()
        #expect(results.map(\.status) == [.problem, .warning, .warning])
        #expect(results[0].message == "1 message written here did not reach the relay: nobody has it")
        // Who refused it, the relay or this device, is not kept.
        #expect(results[1].message == "3 messages will never be sent: refused (see \"nightbell sent\")")
        #expect(results[1].next.contains("nightbell sent --dismiss MSG"))
    }

    @Test func swapIsOnlyWhatIsKnown() {
        func place(_ kind: SwapCheck.Place.Kind) -> SwapCheck.Place { .init(path: "/dev/x", kind: kind) }
        #expect(statuses(SwapCheck(places: [])) == [.ok])
        #expect(statuses(SwapCheck(places: [place(.encrypted), place(.inMemory)])) == [.ok])
        #expect(statuses(SwapCheck(places: [place(.encrypted), place(.plain)])) == [.warning])
    }

    @Test func howANightIsNoticed() {
        #expect(statuses(NotificationsCheck(bus: true, hasTerminal: false)) == [.ok])
        #expect(statuses(NotificationsCheck(bus: false, hasTerminal: true)) == [.ok])
        #expect(statuses(NotificationsCheck(bus: false, hasTerminal: false)) == [.warning])
    }

    @Test(
        arguments: [
            (Receiver.running(hasTerminal: true, hasCommand: false), false, CheckResult.Status.ok),
            (.running(hasTerminal: false, hasCommand: true), false, .ok),
            (.running(hasTerminal: false, hasCommand: false), true, .warning),
            (.unknown, false, .warning), (.unknown, true, .ok), (.none, false, .warning), (.stopped, false, .warning),
        ])
    func whoStaysConnectedRings(_ receiver: Receiver, _ hasTerminal: Bool, _ status: CheckResult.Status) {
        #expect(statuses(NotificationsCheck(bus: nil, hasTerminal: hasTerminal, receiver: receiver)) == [status])
        #expect(statuses(NotificationsCheck(bus: true, hasTerminal: hasTerminal, receiver: receiver)) == [.ok])
    }

    /// It runs, and nothing reaches it.
    @Test func aProgramThatIsNotConnectedIsSaidToBeSo() {
        var link = LinkState(.disconnected)
        link.cause = DeviceKitError("unreachable", .unreachable, "the relay cannot be reached", next: "wait")
        let running = Receiver.running(hasTerminal: true, hasCommand: false)
        func judge() -> CheckResult { ReceivingCheck(receiver: running, link: link).judge()[0] }
        #expect(judge().status == .warning)
        #expect(judge().message.contains("NOT CONNECTED (the relay cannot be reached)"))
        // As long as it tries again, it is not.
        link.phase = .connecting
        #expect(judge().status == .warning)
        link.opened(.drained)
        #expect(judge().status == .ok)
    }

    @Test func theReceiverIsFoundInWhatTheSystemSays() {
        let locks = """
            1: POSIX  ADVISORY  WRITE 11 fd:01:77 0 EOF
            2: FLOCK  ADVISORY  WRITE 12 fd:01:777 0 EOF
            3: FLOCK  ADVISORY  WRITE 13 fd:01:77 0 EOF
            3: -> FLOCK  ADVISORY  READ 14 fd:01:77 0 EOF
            4: FLOCK  ADVISORY  WRITE -1 fd:01:78 0 EOF
            """
        #expect(Receiver.holder(ofFile: 77, in: locks) == 13)
        #expect(Receiver.holder(ofFile: 78, in: locks) == nil)
        #expect(Receiver.holder(ofFile: 7, in: locks) == nil)
        let words = ["/bin/nightbell", "watch"]
        #expect(
            Receiver(status: "13 (a) b) S 1 13 13 34816 13 4194560", words: words)
                == .running(hasTerminal: true, hasCommand: false))
        #expect(
            Receiver(status: "13 (nightbell) S 1 13 13 0 -1 4194560", words: words + ["--command=ring"])
                == .running(hasTerminal: false, hasCommand: true))
        #expect(Receiver(status: "13 (nightbell) T 1 13 13 34816 13 4194560", words: words) == .stopped)
        #expect(Receiver(status: "", words: words) == .unknown)
    }

    @Test func theAgentsSocketIsForItsOwner() {
        func check(_ finding: AgentCheck.Finding, _ mode: UInt32?) -> AgentCheck {
            AgentCheck(finding: finding, socketMode: mode, isOpenedByFile: false)
        }
        #expect(statuses(check(.unlocked(lockAfterSeconds: 900, sleep: .heldUp), 0o600)) == [.ok])
        #expect(check(.unlocked(lockAfterSeconds: 900, sleep: .heldUp), 0o600).judge()[0].message.contains("15 min"))
        #expect(statuses(check(.unlocked(lockAfterSeconds: 900, sleep: .heldUp), 0o666)) == [.problem])
        #expect(statuses(check(.unlocked(lockAfterSeconds: 900, sleep: .heard), 0o600)) == [.warning])
        #expect(statuses(check(.unlocked(lockAfterSeconds: 900, sleep: .unheard), 0o600)) == [.warning])
        #expect(statuses(check(.locked(hears: true), 0o600)) == [.ok])
    }

    @Test(arguments: [
        ([CheckResult.Status.ok, .warning], false, TerminalClient.ExitStatus.done), ([.ok, .problem], false, .failed),
        ([.ok, .problem], true, .verificationFailed),
    ])
    func endsAsTheWorstFindingSays(_ found: [CheckResult.Status], _ isLie: Bool, _ exit: TerminalClient.ExitStatus)
        throws
    {
        let results = found.map {
            CheckResult(name: "x", status: $0, message: "m", next: $0 == .ok ? "" : "n", isLie: isLie)
        }
        let report = DoctorReport([FixedCheck(results: results)])
        #expect(report.exit == exit)
        #expect(report.document["ok"]?.bool == (exit == .done))
        #expect(report.document["checks"]?.array?.compactMap { $0["status"]?.string } == found.map(\.rawValue))
        #expect(report.human().split(separator: "\n").allSatisfy { TextWidth.of(String($0)) <= 80 })
    }

    private struct FixedCheck: DoctorCheck {
        static let name = "x"
        let results: [CheckResult]
        func judge() -> [CheckResult] { results }
    }

    /// Nothing receives for a locked profile, and its agent and the locked screen ring all the same.
    @Test func aLockedProfileIsNotCalledSilentWhenItRings() {
        func judge(_ hears: Bool, _ waiting: Receiver) -> CheckResult {
            ReceivingCheck(receiver: .none, locked: ReceivingCheck.Locked(isHeard: hears, waiting: waiting)).judge()[0]
        }
        let open = Receiver.running(hasTerminal: true, hasCommand: false)
        #expect(judge(true, open).status == .ok && judge(true, open).message.contains("locked watch or screen rings"))
        #expect(judge(false, open).status == .warning && judge(false, open).next.contains("nightbell unlock"))
        #expect(judge(true, .none).message.hasPrefix("no program stays connected"))
        #expect(judge(true, .stopped).next.contains("fg"))
    }

    @Test func logsOfARelayThatIsConvictedAreNotCalledOneHistory() {
        let logs = [LogsCheck.Log(name: "activity", before: 7, now: 9)]
        #expect(LogsCheck(logs: logs, isContradicted: false).judge()[0].message.contains("one history"))
        let proof = Finding(.contradiction, "two histories", evidence: "/e")
        let convicted = LogsCheck(logs: logs, isContradicted: false, conviction: proof).judge()[0]
        #expect(convicted.status == .warning && !convicted.message.contains("one history"), "\(convicted)")
        #expect(convicted.next == proof.next && proof.next.contains("nightbell audit compare /e"))
    }

    @Test func whatALockedProfileKeepsFromBeingComparedIsNotTheRelaysFault() {
        let locked = LogsCheck(logs: nil, isContradicted: false, isAsked: false).judge()[0]
        #expect(locked.next.hasPrefix("unlock the profile") && !locked.message.contains("relay"))
        #expect(LogsCheck(logs: nil, isContradicted: false).judge()[0].next.contains("when the relay can be reached"))
    }

    @Test(
        arguments: [
            ("watch", true, true), ("--profile /p/a watch", false, true), ("ui --profile=/p/a", false, true),
            ("--profile a/ watch", false, true), ("--profile ./p/a watch", false, true), ("watch", false, false),
            ("--profile /p/b watch", true, false), ("--profile b watch", true, false), ("inbox", true, false),
            ("--as-worker --profile /p/a watch", true, false),
        ])
    func whoWaitsLockedIsKnownByItsCommand(_ words: String, _ isStandard: Bool, _ stays: Bool) {
        let command = ["/usr/bin/nightbell"] + words.split(separator: " ").map(String.init)
        #expect(Receiver.stays(command, for: "/p/a", isStandard: isStandard) == stays)
        #expect(!Receiver.stays(["vim"] + command.dropFirst(), for: "/p/a", isStandard: isStandard))
    }

    /// A path of an evidence is wider than what is left of a line, and is taken over whole.
    @Test func longFindingsAreBrokenBetweenWordsAlone() {
        let path = "/var/lib/practice/profiles/of-somebody/evidence/roster-forked-2026-11"
        let results = [
            CheckResult(
                name: "x", status: .warning, message: "2 findings are kept, the last one in \(path) for good",
                next: "keep \"\(path)\"")
        ]
        let lines = DoctorReport([FixedCheck(results: results)]).human().split(separator: "\n").map(String.init)
        #expect(lines.allSatisfy { TextWidth.of($0) <= DoctorReport.columns }, "\(lines)")
        #expect(lines.count { $0.contains(path) } == 2)
    }

    @Test func thisMachineAnswers() {
        let machine = Machine(environment: [:])
        #expect(machine.disk(of: "/nonexistent/below").free != nil)
        for check in [machine.memory, machine.swap, machine.notifications(.none)] as [any DoctorCheck] {
            #expect(!check.judge().isEmpty)
        }
        #expect(Machine.mode("/nonexistent") == nil)
        #expect(!Machine.isHeld("/nonexistent"))
        #expect(machine.receiver(of: "/nonexistent") == .none)
    }
}
