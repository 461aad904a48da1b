import Foundation
import Testing

extension ProgramTests {
    /// Nothing that was accepted is lost, nothing appears twice, and every proof holds, wherever a program is ended.
    ///
    /// With every test run a few points of each row are taken; `Config/kills` takes all of them.
    @Suite(.serialized) struct KillMatrixTests {
        private static func show(_ rows: [KillRow]) {
            print(([KillRow.header] + rows.map(\.description)).joined(separator: "\n"))
            for row in rows {
                #expect(row.faults == [], "\(row.name)")
                #expect(row.kills > 0, "no kill hit \(row.name)")
            }
        }

        @Test func clientsEndedAtAnyStep() async throws {
            let stage = try await KillStage.make()
            var rows: [KillRow] = []
            for act in ClientAct.all { rows.append(try await stage.row(act, few: 2)) }
            rows.append(try await stage.watchRow(few: 2))
            Self.show(rows)
            #expect(try await stage.faults() == [])
            try await stage.practice.remove()
        }

        @Test(arguments: [RelayStory.messages, RelayStory.founding])
        func relayEndedAtAnyStep(_ story: RelayStory) async throws {
            Self.show([try await story.row(few: 3)])
        }

        @Test func initialisationEndedAtAnyStep() async throws {
            let folder = try Programs.temporaryFolder()
            func initialise(_ number: Int, _ point: KillPoint?) async throws -> Outcome {
                try await Programs.run(
                    Programs.relay,
                    ["init", "--data", "\(folder)/relay-\(number)", "--name", "localhost:8443", "--dev-tls"],
                    environment: try point?.environment() ?? [:])
            }
            let trace = folder + "/trace"
            let unharmed = try await initialise(0, KillPoint(classes: KillMatrix.classes, trace: trace))
            try #require(unharmed.status == 0)
            let steps = try KillTrace(trace).steps.count
            var row = KillRow(name: "relay: init", steps: steps)
            for (index, point) in KillMatrix.points(of: steps, few: 3).enumerated() {
                var result = KillResult()
                var outcome = try await initialise(index + 1, point)
                if outcome.wasKilled {
                    result.place = "init"
                    outcome = try await initialise(index + 1, nil)
                }
                // Ended after its last step, it had made everything: then there is nothing to make again.
                let isThere = outcome.status == ExitCode.wouldOverwrite
                if outcome.status != 0, !isThere { result.faults.append("status \(outcome.status): \(outcome.err)") }
                let port = try RelayUnderTest.freePort()
                let relay = RelayUnderTest(data: "\(folder)/relay-\(index + 1)", port: port)
                do {
                    try await relay.start()
                    try await relay.stop()
                } catch {
                    result.faults.append("\(error)")
                }
                row.add(point, result)
            }
            Self.show([row])
            try FileManager.default.removeItem(atPath: folder)
        }
    }
}
