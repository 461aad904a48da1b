import DeviceKit
import Foundation
import Testing

extension ProgramTests {
    /// Completion in the real shells, and the manual under the real `man`.
    @Suite struct ShellTests {
        /// Runs a shell on a script, with the program's folder in front of its path and the completions in `FOLDER`.
        private func run(_ shell: String, _ script: String) async throws -> Outcome {
            let folder = try Programs.temporaryFolder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            for name in ["bash", "zsh", "fish"] {
                let made = try await Programs.run(Programs.nightbell, ["completions", name])
                try #require(made.status == 0)
                let file = name == "zsh" ? "_nightbell" : "nightbell.\(name)"
                try made.out.write(toFile: "\(folder)/\(file)", atomically: true, encoding: .utf8)
            }
            try "[]".write(toFile: folder + "/call record.json", atomically: true, encoding: .utf8)
            let programs = URL(fileURLWithPath: Programs.nightbell).deletingLastPathComponent().path
            let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
            return try await Programs.run(
                "/usr/bin/env", [shell] + (shell == "zsh" ? ["-f"] : []) + ["-c", script],
                environment: ["PATH": "\(programs):\(path)", "FOLDER": folder, "HOME": folder, "TERM": "dumb"])
        }

        @Test func bashCompletes() async throws {
            let outcome = try await run(
                "bash",
                """
                source "$FOLDER/nightbell.bash"
                try() { COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _nightbell nightbell; (IFS=,; echo "$*: ${COMPREPLY[*]}"); }
                try nightbell inb
                try nightbell --profile p admin rev
                try nightbell send --urgency e
                try nightbell send --urgency = rou
                cd "$FOLDER"; try nightbell send --record call
                try nightbell nonsense x
                complete -p nightbell
                """)
            #expect(
                outcome.out == """
                    nightbell,inb: inbox
                    nightbell,--profile,p,admin,rev: revoke
                    nightbell,send,--urgency,e: emergent
                    nightbell,send,--urgency,=,rou: routine
                    nightbell,send,--record,call: call record.json
                    nightbell,nonsense,x:\u{20}
                    complete -F _nightbell nightbell

                    """, "\(outcome.err)")
        }

        @Test func fishCompletes() async throws {
            let outcome = try await run(
                "fish",
                """
                source $FOLDER/nightbell.fish
                for line in 'nightbell inb' 'nightbell --profile p admin rev' 'nightbell send --urgency e' \
                    'nightbell send --urgency=rou' 'nightbell nonsense x'
                    echo "$line: "(complete -C "$line")
                end
                """)
            #expect(
                outcome.out == """
                    nightbell inb: inbox\tFetch what waits, and list every message that this device holds.
                    nightbell --profile p admin rev: revoke\tRevoke a device, or an invitation that is not used yet.
                    nightbell send --urgency e: emergent
                    nightbell send --urgency=rou: --urgency=routine


                    """, "\(outcome.err)")
        }

        /// At the prompt of an interactive zsh, keys and all.
        @Test func zshCompletes() async throws {
            let outcome = try await run(
                "zsh",
                #"""
                zmodload zsh/zpty
                zpty shell zsh -f -i
                zpty -w shell "fpath=($FOLDER \$fpath); autoload -Uz compinit; compinit -u -D; PS1=GO''AHEAD"
                # The prompt is there when its editor reads the keys.
                zpty -r -m shell seen '*GOAHEAD*'
                for typed in 'nightbell sta' 'nightbell --profile p admin revo' 'nightbell send --urgency em' \
                    'nightbell send --urgency=rou'; do
                    zpty -w -n shell "$typed"$'\t'"DONE"$'\x15'
                    zpty -r -m shell seen '*DONE*'
                    print -r -- "${(V)seen}"
                done
                zpty -d shell
                """#)
            for line in ["status", "--profile p admin revoke", "send --urgency emergent", "send --urgency=routine"] {
                #expect(outcome.out.contains("nightbell \(line)"), "\(outcome.out) \(outcome.err)")
            }
        }

        @Test func everyPageOfTheManualIsSetWithoutAWarning() async throws {
            let folder = try Programs.temporaryFolder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let made = try await Programs.run(Programs.nightbell, ["--json", "manual", folder + "/man1"])
            let pages = try #require(try made.json()["pages"]?.array)
            #expect(pages.count > 20)
            for page in pages {
                let file = "\(folder)/man1/\(page.string ?? "")"
                let set = try await Programs.run(
                    "/usr/bin/env", ["man", "--warnings", "-E", "UTF-8", "-l", file],
                    environment: ["MANWIDTH": "80", "MANPAGER": "cat", "LC_ALL": "C.UTF-8", "HOME": folder])
                #expect(set.status == 0 && set.err.isEmpty, "\(file): \(set.err)")
                #expect(set.out.contains("SYNOPSIS"))
            }
        }
    }
}
