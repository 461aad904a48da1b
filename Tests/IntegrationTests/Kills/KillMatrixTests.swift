import Foundation
import Testing

extension OwnPracticeTests {
    /// Nothing that was accepted is lost, nothing appears twice, and every proof holds, wherever a program is ended.
    ///
    /// With every test run a few points of each row are taken; `Config/kills` takes all of them.
    @Suite(.serialized) struct KillMatrixTests {
        private static let watch = KillMatrixRows.watch
        private static let initialisation = KillMatrixRows.initialisation

        /// A matrix without a row would hold, and show nothing.
        @Test func thereAreRows() {
            #expect((KillMatrixRows.all + [HurryTests.name]).contains(where: KillMatrix.isWanted))
        }

        /// What a test run takes of the matrix: over its rows each kind of moment, early and late.
        @Test func theFewPointsLieApart() {
            let lines = (1...40).map { "\($0) \($0.isMultiple(of: 4) ? "send" : "sync") call 9 file" }
            let trace = KillTrace(text: lines.joined(separator: "\n"))
            let points = KillMatrixRows.all.indices.map { KillMoment.point(turn: $0, in: trace) }
            for when in KillPoint.When.allCases {
                for isWord in [false, true] {
                    let numbers = points.filter { $0.when == when && $0.number.isMultiple(of: 4) == isWord }.map(
                        \.number)
                    #expect((numbers.min() ?? 40) <= 10 && (numbers.max() ?? 0) > 30, "\(when) \(isWord): \(numbers)")
                }
            }
        }

        @Test(arguments: ClientAct.all.filter { KillMatrix.isWanted("client: " + $0.name) })
        func clientsEndedAtAnyStep(_ act: ClientAct) async throws {
            try await KillStage.lend { stage in
                await stage.row(act, few: 1).expectNoFault()
                let faults = try await stage.faults()
                #expect(faults == [])
            }
        }

        @Test(.enabled(if: KillMatrix.isWanted(watch)))
        func watchersEndedAtAnyStep() async throws {
            try await KillStage.lend { stage in
                await stage.watchRow(few: 2).expectNoFault()
                let faults = try await stage.faults()
                #expect(faults == [])
            }
        }

        @Test(arguments: KillMatrixRows.stories.filter { KillMatrix.isWanted($0.name) })
        func relayEndedAtAnyStep(_ story: RelayStory) async throws {
            try await story.row(few: 1).expectNoFault()
        }

        @Test(.enabled(if: KillMatrix.isWanted(KillMatrixRows.live.name))) func relayEndedWithOpenStreams() async throws
        {
            try await KillMatrixRows.live.row(few: 1).expectNoFault()
        }

        @Test(.enabled(if: KillMatrix.isWanted(KillMatrixRows.pages.name))) func relayEndedWhilePagesGoOut()
            async throws
        {
            try await KillMatrixRows.pages.row(few: 3).expectNoFault()
        }

        @Test(.enabled(if: KillMatrix.isWanted(initialisation))) func initialisationEndedAtAnyStep() async throws {
            let folder = try Programs.temporaryFolder()
            func initialise(_ number: Int, _ point: KillPoint?) async throws -> Outcome {
                try await Programs.run(
                    Programs.relay,
                    ["init", "--data", "\(folder)/relay-\(number)", "--name", "localhost:8443", "--dev-tls"],
                    environment: try point?.environment() ?? [:])
            }
            var number = 0
            let row = await KillRow.run(Self.initialisation, few: 2) {
                let trace = folder + "/trace"
                let unharmed = try await initialise(0, KillPoint(classes: KillMatrix.classes, trace: trace))
                guard unharmed.status == 0 else { throw PreparationFailed("init", unharmed) }
                return try KillTrace(trace)
            } _: { point in
                number += 1
                var result = KillResult()
                var outcome = try await initialise(number, point)
                if outcome.wasKilled {
                    result.place = "init"
                    outcome = try await initialise(number, nil)
                }
                // Ended after its last step, it had made everything: then there is nothing to make again.
                let isThere = outcome.status == ExitCode.wouldOverwrite
                if outcome.status != 0, !isThere { result.faults.append("status \(outcome.status): \(outcome.err)") }
                // What a founding needs, and a client's trust in it, is all there.
                let relay = RelayUnderTest(data: "\(folder)/relay-\(number)", port: try RelayUnderTest.freePort())
                try await relay.start()
                _ = try await Person(name: "founder-\(number)", folder: folder).json(
                    "--ca", relay.authority, "admin", "found", "--relay", relay.address, "--organisation", "Example",
                    "--member", "Founder")
                try await relay.stop()
                try FileManager.default.removeItem(atPath: relay.data)
                return result
            }
            row.expectNoFault()
            try FileManager.default.removeItem(atPath: folder)
        }
    }
}

/// Everything that is ended, in its order.
enum KillMatrixRows {
    static let stories = [
        RelayStory.messages, RelayStory.founding, RelayStory.crowd, RelayStory.expiry, RelayStory.files,
    ]
    static let live = LiveStory()
    static let pages = PageStory()
    static let watch = "client: " + KillStage.watchName
    static let initialisation = "relay: init"

    static let all =
        ClientAct.all.map { "client: " + $0.name } + stories.map(\.name) + [
            live.name, watch, initialisation, pages.name,
        ]

    /// Which row it is.
    static func turn(of name: String) -> Int { all.firstIndex(of: name) ?? 0 }
}

// So that a test is called by what is done in it, not by everything that its argument holds.
extension ClientAct: CustomTestStringConvertible {
    var testDescription: String { name }
}

extension RelayStory: CustomTestStringConvertible {
    var testDescription: String { name }
}
