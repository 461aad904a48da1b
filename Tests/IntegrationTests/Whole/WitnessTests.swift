import DeviceKit
import Foundation
import RelayAPI
import Statements
import Testing
import TransparencyLog

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension AuditorTests {
    /// A relay and its witnesses, as an operator, an admin and a stranger run them.
    @Suite struct WitnessTests {
        private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()

        /// A practice whose logs these witnesses know, and whose relay and admin know them.
        private static func witnessed(_ names: String...) async throws -> (Practice, [WitnessUnderTest], [ChildProcess])
        {
            let practice = try await Practice.make()
            let status = try await practice.admin.json("status")
            let logs = ["roster", "activity"].compactMap { status[$0]?["vkey"]?.string }
            var witnesses: [WitnessUnderTest] = []
            var children: [ChildProcess] = []
            for name in names {
                let witness = try await WitnessUnderTest(name, for: practice.relay, in: practice.folder, logs: logs)
                witnesses.append(witness)
                children.append(try await witness.start())
            }
            let file = practice.folder + "/witnesses.policy"
            try Data(("# ours\n" + witnesses.map(\.line).joined()).utf8).write(to: URL(fileURLWithPath: file))
            try await practice.relay.stop()
            try await practice.relay.start(settings: settings(practice, file))
            let set = try await practice.admin.json(
                ["admin", "witnesses", "set"] + witnesses.map(\.vkey) + ["--demand", "\(names.count)"])
            #expect(set["changed"]?.bool == true && set["demanded"]?.integer == Int64(names.count))
            return (practice, witnesses, children)
        }

        private static func settings(_ practice: Practice, _ file: String) -> [String] {
            ["--witness-file", file, "--witness-authority", practice.relay.authority]
        }

        /// Waits until somebody's status says so of the witnesses.
        private static func eventually(
            _ what: Comment, _ person: Person, of practice: Practice, _ condition: (JSONValue) -> Bool
        ) async throws {
            // A relay that had no answer in time, on a busy machine, asks again after a pause that doubles.
            let deadline = ContinuousClock.now + .seconds(Programs.patienceSeconds)
            var status = try await person.json("status")
            while !condition(status) {
                let log = (practice.relay.child?.now.errText ?? "").split(separator: "\n").filter {
                    $0.contains("nb.witness")
                }
                try #require(
                    ContinuousClock.now < deadline,
                    "\(what): \(String(decoding: status["witnesses"]?.bytes ?? [], as: UTF8.self))\n\(log.joined(separator: "\n"))"
                )
                try await Task.sleep(for: .milliseconds(200))
                status = try await person.json("status")
            }
        }

        private static func size(_ status: JSONValue, _ witness: WitnessUnderTest, _ log: String = "activity") -> Int64
        {
            let all = status["witnesses"]?["witnesses"]?.array ?? []
            return all.first { $0["vkey"]?.string == witness.vkey }?[log]?["size"]?.integer ?? 0
        }

        /// Whether a witness vouches for both logs as they are.
        private static func current(_ status: JSONValue, _ witness: WitnessUnderTest) -> Bool {
            ["roster", "activity"].allSatisfy { size(status, witness, $0) == status[$0]?["size"]?.integer }
        }

        @Test func witnessesVouchAndOneThatDiesHoldsUpNobody() async throws {
            let (practice, witnesses, children) = try await Self.witnessed("one", "two")
            let relay = try #require(practice.relay.child)
            let (gone, back) = ("\"nb.witness.outcome\":\"unreachable\"", "a witness cosigns again")
            func said(_ words: String) -> Int { relay.now.errText.ranges(of: words).count }
            try await Self.eventually("both vouch for the newest", practice.clara, of: practice) { status in
                witnesses.allSatisfy { Self.current(status, $0) }
            }
            let status = try await practice.clara.json("status")
            #expect(status["witnesses"]?["demanded"]?.integer == 2)
            #expect(status["witnesses"]?["missing"]?.array?.isEmpty == true)
            let screen = try await practice.clara.say("status")
            #expect(screen.out.contains("activity 2 of 2 (2 demanded)"), "\(screen.out)")

            // One dies without a word. Messages go on, and the other vouches for them.
            children[1].signal(SIGKILL)
            _ = try await children[1].outcome()
            let before = try await witnesses[1].sizes()["activity"] ?? 0
            let goneBefore = said(gone)
            let message = try await practice.text("with one witness less")
            #expect(try await practice.clara.json("read", message)["verified"]?.bool == true)
            try await Self.eventually("the other vouches", practice.clara, of: practice) {
                Self.current($0, witnesses[0])
            }
            #expect(Self.size(try await practice.clara.json("status"), witnesses[1]) <= before)

            // What a monitor sees of it is what the relay shows, cosigned.
            let origin = "\(practice.relay.address)/\(practice.organisation)/activity"
            let seen = try await RawHTTP(address: "localhost:\(witnesses[0].port)").send(
                "GET", AddCheckpoint.monitoringPath(origin: origin))
            #expect(seen.status == 200)
            let note = try SignedNote(parsing: seen.body)
            let key = try #require(WitnessKey(vkey: witnesses[0].vkey))
            #expect(key.cosignature(of: note) != nil && note.signatures.count == 2)
            let file = practice.folder + "/seen.checkpoint"
            try Data(seen.body).write(to: URL(fileURLWithPath: file))
            let compared = try await practice.clara.json("audit", "compare", file)
            #expect(compared["verdict"]?.string == "same" || compared["verdict"]?.string == "extends")

            // Back again, it goes on where it was; not before the relay has missed it, which it may be late to do.
            #expect(await relay.wait { $0.errText.ranges(of: gone).count > goneBefore }, "\(relay.now.errText)")
            let backBefore = said(back)
            let again = try await witnesses[1].start()
            try await Self.eventually("it catches up", practice.clara, of: practice) { Self.current($0, witnesses[1]) }
            #expect(await relay.wait { $0.errText.ranges(of: back).count > backBefore }, "\(relay.now.errText)")

            // Asked to end, it ends in order; so does the relay beside it.
            for child in [children[0], again] {
                child.signal(SIGTERM)
                #expect(try await child.outcome().status == 0)
            }
            #expect(try await practice.relay.stop().status == 0)
            try await practice.remove()
        }

        /// An auditor is told who vouches for how much; an export says it to whoever has neither relay nor profile.
        @Test func whatWitnessesCosignedIsAuditedAndGoesAlong() async throws {
            let (practice, witnesses, children) = try await Self.witnessed("one", "two")
            let message = try await practice.text("that is watched")
            try await Self.eventually("both vouch for the newest", practice.auditor, of: practice) { status in
                witnesses.allSatisfy { Self.current(status, $0) }
            }
            func expectVouched(_ told: JSONValue, _ who: Comment) {
                #expect(told["ok"]?.bool == true && told["findings"]?.array?.isEmpty == true, who)
                #expect(told["witnesses"]?["demanded"]?.integer == 2, who)
                for log in ["roster", "activity"] {
                    let vouched = told["witnesses"]?[log]
                    #expect(vouched?["current"]?.integer == 2, who)
                    let (size, whole) = (vouched?["size"]?.integer ?? 0, told[log]?["size"]?.integer ?? 0)
                    #expect(size >= 1 && size <= whole, who)
                    let age = vouched?["age_seconds"]?.integer ?? -1
                    #expect(age >= 0 && age <= 600, who)
                }
            }
            expectVouched(try await practice.auditor.json("audit", "verify"), "of the relay")
            let words = try await practice.auditor.say("audit", "verify").out
            #expect(words.contains("2 of 2 demanded") && words.contains("two.example/w "), "\(words)")

            let directory = practice.folder + "/watched"
            #expect(try await practice.auditor.json("audit", "export", directory)["ok"]?.bool == true)
            expectVouched(
                try await practice.person("outsider").json("audit", "verify", "--from", directory), "of an export")
            let file = practice.folder + "/watched.tar"
            try await practice.auditor.json("audit", "evidence", message, file, "--reason", "legal")
            let checked = try await practice.person("outsider").json("audit", "check", file)
            let both: Set = ["one.example/w", "two.example/w"]
            func names(_ log: JSONValue?, _ key: String) -> Set<String> {
                Set(log?.array?.compactMap { $0[key]?.string } ?? [])
            }
            #expect(checked["ok"]?.bool == true && checked["witnesses"]?["demanded"]?.integer == 2)
            for log in ["roster", "activity"] { #expect(names(checked["witnesses"]?[log], "name") == both) }
            let sentence = try await practice.person("outsider").say("audit", "check", file).out
            #expect(sentence.contains("cosigned      roster log by one.example/w at "), "\(sentence)")

            // The readers that are not ours say the same.
            let python = Self.root.appending(path: ".build/peers/bin/python3").path
            try #require(FileManager.default.fileExists(atPath: python), "Config/test installs it")
            for (reader, subject) in [("nightbell_verify.py", directory), ("nightbell_evidence.py", file)] {
                let script = Self.root.appending(path: "Clients/verify/\(reader)").path
                let read = try await Programs.run(python, ["-B", script, subject, "--json"])
                #expect(read.status == 0, "\(read)")
                let cosigned = try read.json()["cosigned"]
                for log in ["roster", "activity"] { #expect(names(cosigned?[log], "witness") == both, "\(read)") }
            }
            let go = Self.root.appending(path: ".build/second_reader/second_reader").path
            try #require(FileManager.default.fileExists(atPath: go), "Config/test builds it")
            for (kind, subject) in [("export", directory), ("evidence", file)] {
                let read = try await Programs.run(go, [kind, subject])
                #expect(read.status == 0, "\(read)")
            }
            for child in children {
                child.signal(SIGTERM)
                #expect(try await child.outcome().status == 0)
            }
            try await practice.remove()
        }

        /// A log and a client that are not ours, in another language: they verify what our witness cosigns, and are refused what
        /// they must be.
        @Test func aLogThatIsNotOursIsServed() async throws {
            let python = Self.root.appending(path: ".build/peers/bin/python3").path
            try #require(FileManager.default.fileExists(atPath: python), "Config/test installs it")
            let peer = Self.root.appending(path: "Tests/IntegrationTests/Peers/foreign_log.py").path
            let origin = "foreign.example/log"
            let vkey = try await Programs.run(python, [peer, "vkey", origin]).out.split(separator: "\n").first
            let state = try Programs.temporaryFolder() + "/witness"
            let made = try await WitnessUnderTest.run("init", "--state", state, "--name", "ours.example/w")
            try await WitnessUnderTest.run("add", "--state", state, String(try #require(vkey)))
            let port = try RelayUnderTest.freePort()
            let child = try ChildProcess(
                Programs.nightbell,
                ["--json", "audit", "witness", "serve", "--state", state, "--listen", "127.0.0.1:\(port)"])
            try await child.waitForLine(containing: "\"serving\"")
            let outcome = try await Programs.run(
                python, [peer, "feed", origin, "http://127.0.0.1:\(port)", made["vkey"]?.string ?? ""])
            #expect(outcome.status == 0, "\(outcome)")
            let told = try outcome.json()
            #expect(told["cosigned"]?.array?.count == 11)
            #expect(told["refused"]?.array?.map(\.string) == ["422", "422", "ahead"])
            #expect(told["seen"]?.integer == 300)
            // The fork of the same size convicts its log, and is kept.
            #expect(try FileManager.default.contentsOfDirectory(atPath: state + "/evidence").count == 1)
            child.signal(SIGTERM)
            #expect(try await child.outcome().status == 0)
        }

        /// Somebody runs a second copy of the relay's data, with its keys: another history under the same name. The witness
        /// that saw the first refuses the second, whichever is longer, and the two checkpoints convict.
        @Test func aForkIsRefusedAndConvicted() async throws {
            let (practice, witnesses, children) = try await Self.witnessed("one")
            try await Self.eventually("it vouches", practice.clara, of: practice) { status in
                Self.size(status, witnesses[0]) == status["activity"]?["size"]?.integer
            }
            try await practice.relay.stop()
            let fork = try practice.copy()
            let file = practice.folder + "/witnesses.policy"
            let settings = Self.settings(practice, file)

            try await practice.relay.start(settings: settings)
            try await practice.text("in the first history")
            // For both logs: what it vouches for is not to grow any more.
            try await Self.eventually("it vouches for the first", practice.desk, of: practice) {
                Self.current($0, witnesses[0])
            }
            let first = practice.folder + "/first.heads"
            try await practice.desk.json("status", "--heads", first)
            let vouched = try await witnesses[0].sizes()
            // An auditor of the first history keeps what the witness said of it.
            #expect(try await practice.auditor.json("audit", "verify")["ok"]?.bool == true)
            try await practice.relay.stop()

            // Somebody who saw the first history looks every second, and goes on when there is something to tell.
            let monitor = try practice.desk.start("audit", "monitor", "--every", "1")
            try await monitor.waitForLine(containing: "\"unreachable\"")
            try await fork.relay.start(settings: settings)
            try await fork.text("in the second history")
            try await fork.text("and longer")
            let alarm = "a witness has vouched for another history than this relay's"
            #expect(
                await fork.relay.child?.wait { $0.errText.contains(alarm) } == true,
                "\(fork.relay.child?.now.errText ?? "")")
            #expect(try await witnesses[0].sizes() == vouched)
            #expect(
                await children[0].wait { state in
                    ["\"status\":409", "\"status\":422"].contains { state.outText.contains($0) }
                }, "\(children[0].now.outText)")

            try await monitor.waitForLine(containing: "\"finding\"")
            monitor.signal(SIGTERM)
            #expect(try await monitor.outcome().status == 0)
            let once = try await practice.desk.run("audit", "monitor", "--once")
            #expect(once.status == ExitCode.verificationFailed, "\(once)")

            // And the auditor is told that the witness saw another one.
            let fooled = try await practice.auditor.run("audit", "verify")
            #expect(fooled.status == ExitCode.verificationFailed, "\(fooled)")
            let found = try fooled.json()["findings"]?.array?.compactMap { $0["code"]?.string } ?? []
            #expect(found.contains("cosigned_other_history") && found.contains("not_continued"), "\(found)")

            #expect(!once.out.contains("\"history\""), "\(once)")

            // Two people hold their heads side by side; a third needs nobody but the log's key.
            let second = fork.folder + "/second.heads"
            try await fork.desk.json("status", "--heads", second)
            let vkey = try #require(try await fork.desk.json("status")["activity"]?["vkey"]?.string)
            let rosterKey = try #require(try await fork.desk.json("status")["roster"]?["vkey"]?.string)
            for words in [[], ["--log", vkey, "--log", rosterKey]] {
                let outcome = try await fork.desk.run(["audit", "compare", first, second] + words)
                #expect(outcome.status == ExitCode.verificationFailed, "\(outcome)")
                let told = try outcome.json()
                #expect(told["verdict"]?.string == "contradict")
                let contradictions = told["logs"]?.array?.flatMap { $0["contradictions"]?.array ?? [] } ?? []
                #expect(contradictions.contains { $0["convicts"]?.bool == true && $0["evidence"]?.array?.count == 2 })
            }
            // So does an export of the second, to somebody with neither profile nor relay.
            let export = fork.folder + "/export"
            _ = try await fork.auditor.run(["audit", "export", export])
            let outside = try await fork.person("outsider").run(["audit", "compare", first, "--export", export])
            #expect(outside.status == ExitCode.verificationFailed, "\(outside)")
            let convicted = try outside.json()["logs"]?.array?.flatMap { $0["contradictions"]?.array ?? [] } ?? []
            #expect(convicted.contains { $0["convicts"]?.bool == true && $0["evidence"]?.array?.count == 2 })
            let words = try await fork.desk.say("audit", "compare", first, second)
            #expect(words.out.contains("CONTRADICT") && words.out.contains("showed two histories"), "\(words.out)")
            // What is read aloud says it, too, and convicts nobody.
            let aloud = fork.folder + "/aloud"
            let short = try await practice.desk.say("status").out.split(separator: "\n").filter {
                $0.contains("activity ")
            }
            try Data(short.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: aloud))
            let heard = try await fork.desk.run("audit", "compare", aloud)
            #expect(heard.status == ExitCode.verificationFailed, "\(heard)")

            children[0].signal(SIGTERM)
            _ = try await children[0].outcome()
            try await fork.remove()
            try await practice.remove()
        }

        /// Whatever a witness gave out, it remembers after it was killed, and what it lost it never makes up.
        @Test func aKilledWitnessForgetsNothing() async throws {
            let (practice, witnesses, children) = try await Self.witnessed("one")
            try await Self.eventually("it vouches", practice.clara, of: practice) { Self.size($0, witnesses[0]) > 0 }
            children[0].signal(SIGKILL)
            _ = try await children[0].outcome()
            let known = try await practice.clara.json("status")
            let sizes = try await witnesses[0].sizes()
            for log in ["roster", "activity"] { #expect((sizes[log] ?? 0) >= Self.size(known, witnesses[0], log)) }

            // In clear it serves nobody but this machine, and no second process beside the first.
            let folder = witnesses[0].folder
            let open = try await Programs.run(
                Programs.nightbell,
                ["--json", "audit", "witness", "serve", "--state", folder, "--listen", "0.0.0.0:\(witnesses[0].port)"])
            #expect(open.status == ExitCode.usage && open.code == "plaintext_refused")
            let again = try await witnesses[0].start()
            let twice = try await Programs.run(
                Programs.nightbell, ["--json", "audit", "witness", "serve", "--state", folder])
            #expect(twice.status == ExitCode.tryAgain && twice.code == "witness_in_use")
            again.signal(SIGTERM)
            _ = try await again.outcome()
            try FileManager.default.removeItem(atPath: folder + "/state")
            let lost = try await Programs.run(
                Programs.nightbell, ["--json", "audit", "witness", "serve", "--state", folder])
            #expect(lost.status == ExitCode.configuration && lost.code == "witness_state_lost")
            let made = try await Programs.run(
                Programs.nightbell, ["--json", "audit", "witness", "init", "--state", folder, "--name", "w"])
            #expect(made.status == ExitCode.wouldOverwrite)
            try await practice.remove()
        }
    }
}
