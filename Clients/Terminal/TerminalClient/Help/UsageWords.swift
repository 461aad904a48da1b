import DeviceKit
import Statements

/// The parser's complaints in our voice: which argument, what about it, and what to type.
enum UsageWords {
    /// - Parameters:
    ///   - complaint: What the parser says.
    ///   - line: The command's words, as `nightbell send`.
    static func error(_ complaint: String, line: String) -> DeviceKitError {
        let help = "see \"\(line) --help\""
        func usage(_ message: String, _ next: String) -> DeviceKitError {
            DeviceKitError("usage", .usage, message, next: next)
        }
        if complaint.isEmpty { return usage("the command is incomplete", help) }
        let quoted = complaint.split(separator: "'", omittingEmptySubsequences: false).map(String.init)
        let first = quoted.count > 2 ? quoted[1] : ""
        if complaint.hasPrefix("Missing expected argument"), !first.isEmpty {
            let step = first.hasPrefix("--urgency") ? "choose one of \(urgencies); \(help)" : help
            return usage("\"\(line)\" needs \(shown(first))", step)
        }
        if complaint.hasPrefix("Missing value for"), !first.isEmpty {
            return usage("\(shown(first)) stands without its value", "give it one; \(help)")
        }
        if complaint.hasPrefix("Unexpected argument"), !first.isEmpty {
            return usage(
                "\"\(first)\" is one word too many for \"\(line)\"",
                line.hasSuffix(" audit messages")
                    ? "name whom they went to with --to MEMBER, or who sent them with --from-member MEMBER; \(help)"
                    : "put a name of several words between quotation marks; \(help)")
        }
        if complaint.hasPrefix("Unknown option"), !first.isEmpty {
            return usage("\"\(line)\" has no option \(first)", help)
        }
        if complaint.hasPrefix("The value"), quoted.count > 4 {
            let values = values(complaint, quoted)
            return usage(
                "\(shown(quoted[3])) cannot be \"\(first)\"",
                values.isEmpty ? help : "choose one of \(values.joined(separator: ", ")); \(help)")
        }
        return usage(complaint.prefix(1).lowercased() + complaint.dropFirst(), help)
    }

    /// What could have stood there, as far as the complaint lists it: between quotation marks, or many on lines of their own.
    private static func values(_ complaint: String, _ quoted: [String]) -> [String] {
        let inside = stride(from: 5, to: quoted.count, by: 2).map { quoted[$0] }
        guard inside.isEmpty else { return inside }
        return complaint.split(separator: "\n").filter { $0.hasPrefix("  - ") }.map { String($0.dropFirst(4)) }
    }

    static let urgencies = Urgency.allCases.map(\.rawValue).joined(separator: ", ")

    /// `--to <member>` as it stands in the manual: `--to MEMBER`.
    private static func shown(_ argument: String) -> String {
        argument.split(separator: " ").map { word in
            word.hasPrefix("<") ? word.filter { $0 != "<" && $0 != ">" }.uppercased() : String(word)
        }.joined(separator: " ")
    }
}
