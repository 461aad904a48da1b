import Testing

extension ProgramTests {
    /// A text in a command's line can be read by whoever may list processes.
    @Suite struct TextArgumentTests {
        @Test func aTextInTheCommandsLineIsSentAndWarnedAbout() async throws {
            let practice = try await Practice.make()
            let to = ["send", "--to", Practice.claraName, "--urgency", "routine", "--text"]
            let open = try await practice.desk.run(to + ["seen by all"])
            #expect(open.status == 0 && open.err.contains("--text -"), "\(open)")
            let quiet = try await practice.desk.run(to + ["-"], input: "seen by nobody else")
            #expect(quiet.status == 0 && !quiet.err.contains("--text -"), "\(quiet)")
            try await practice.remove()
        }
    }
}
