import DeviceKit
import Testing

extension ProgramTests {
    /// What cannot be written was not shown, and nobody is told that it was.
    @Suite struct LostOutputTests {
        private static let message = "MESSAGE"
        static let commands: [(person: String, words: [String])] = [
            ("clara", ["inbox"]), ("clara", ["steps"]), ("clara", ["steps", "--verify"]), ("clara", ["status"]),
            ("clara", ["doctor"]), ("desk", ["sent"]), ("desk", ["sent", message]), ("admin", ["admin", "members"]),
            ("admin", ["admin", "devices"]), ("auditor", ["audit", "verify"]), ("auditor", ["audit", "messages"]),
            ("auditor", ["audit", "message", message]), ("clara", ["inbox", "--help"]),
            ("clara", ["completions", "bash"]), ("clara", ["ack", message, "--reason", "calling_now"]),
        ]

        /// Runs a command of somebody's with its output where a shell's redirection says.
        private func run(
            _ person: Person, _ words: [String], into output: String, isJSON: Bool
        ) async throws -> Outcome {
            try await Programs.run(
                "/bin/sh",
                [
                    "-c", "exec \"$0\" \"$@\" \(output)", Programs.nightbell, "--profile", person.profile, "--key-file",
                    person.keyFile,
                ] + (isJSON ? ["--json"] : []) + words)
        }

        @Test(arguments: commands)
        func noCommandEndsAsIfItHadShownWhatItCouldNot(_ person: String, _ words: [String]) async throws {
            let practice = try await SharedPractice.shared.practice()
            let message = try await practice.text("somewhere to look at")
            _ = try await practice.clara.json("inbox")
            let words = words.map { $0 == Self.message ? message : $0 }
            for isJSON in [true, false] {
                let full = try await run(practice.person(person), words, into: ">/dev/full", isJSON: isJSON)
                #expect(full.status == ExitCode.failed, "\(words) \(full.err)")
                #expect(full.err.contains("cannot be written to standard output: the disk is full"), "\(full.err)")
            }
        }

        @Test func nobodyIsToldThatAMessageWasReadThatWasNotShown() async throws {
            let practice = try await SharedPractice.shared.practice()
            for (output, isJSON) in [(">/dev/full", false), (">/dev/full", true), (">&-", false)] {
                let message = try await practice.text("unseen")
                let full = try await run(practice.clara, ["read", message], into: output, isJSON: isJSON)
                #expect(full.status == ExitCode.failed, "\(output) \(full.err)")
                #expect(full.err.contains("no read receipt: the message could not be shown"), "\(full.err)")
                #expect(try await practice.desk.json("sent", message)["state"]?.string == "delivered")
                #expect(try await practice.clara.json("read", message)["content"]?["text"]?.string == "unseen")
                #expect(try await practice.desk.json("sent", message)["state"]?.string == "read")
            }
        }

        @Test func aReaderThatHasEnoughIsNoError() async throws {
            let practice = try await SharedPractice.shared.practice()
            let message = try await practice.text("for nobody's eyes")
            let person = practice.clara
            // A pipe that nobody reads any more, before anything is written.
            let pipe = practice.folder + "/unread"
            let piped = { (words: [String]) in
                try await Programs.run(
                    "/bin/sh",
                    [
                        "-c",
                        "rm -f \"$UNREAD\"; mkfifo \"$UNREAD\"; exec 9<>\"$UNREAD\" 8>\"$UNREAD\" 9<&-; "
                            + "exec \"$0\" \"$@\" >&8 8>&-", Programs.nightbell, "--profile", person.profile,
                        "--key-file",
                        person.keyFile,
                    ] + words, environment: ["UNREAD": pipe])
            }
            let list = try await piped(["inbox"])
            #expect(list.status == ExitCode.done && !list.err.contains("error"), "\(list.err)")
            let read = try await piped(["read", message])
            #expect(read.status == ExitCode.failed)
            #expect(read.err == "nightbell: warning: no read receipt: the message could not be shown\n")
            #expect(try await practice.desk.json("sent", message)["state"]?.string == "delivered")
        }
    }
}
