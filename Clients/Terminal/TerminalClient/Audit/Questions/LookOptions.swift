import ArgumentParser
import DeviceKit
import Statements

/// Why somebody looks: logged before anything is shown.
struct LookOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "Why you look, for the log: treatment, payment, operations, patient_request, legal, investigation or "
                + "routine_review. Asked for on a terminal.", valueName: "code"),
        completion: .list(AccessReason.allCases.map(\.rawValue)))
    var reason: String?

    /// The reason that was given, or is asked for now.
    /// - Throws: ``DeviceKitError`` of category `usage`: without a reason nothing is shown.
    func reason(_ console: Console) throws -> AccessReason {
        if let reason { return try Self.parsed(reason) }
        guard !console.isJSON, Input.isTerminal else {
            throw DeviceKitError(
                "no_reason", .usage, "a look is logged with its reason, and none is given",
                next: "give --reason with one of \(Self.list)")
        }
        let numbered = AccessReason.allCases.enumerated().map { "  \($0 + 1)  \(Self.words($1))" }
        console.say("Why do you look? It is logged, with your name and the time, before anything is shown.")
        console.say(numbered.joined(separator: "\n"))
        return try Self.asked({ TerminalPrompt.line("Number or word: ") }, console.say)
    }

    /// Asks until a reason is named: a slip of the finger is no answer, and ends nothing.
    /// - Parameters:
    ///   - line: What is typed next; `nil` when nobody types any more.
    ///   - say: Takes what is wrong with it.
    static func asked(_ line: () -> String?, _ say: (String) -> Void) throws(DeviceKitError) -> AccessReason {
        while let typed = line(), !typed.isEmpty {
            if let number = Int(typed), AccessReason.allCases.indices.contains(number - 1) {
                return AccessReason.allCases[number - 1]
            }
            if let reason = AccessReason(rawValue: typed.lowercased().replacing(" ", with: "_")) { return reason }
            say(
                "\"\(SafeText.line(typed))\" is none of them: type a number from 1 to \(AccessReason.allCases.count), or the word."
            )
        }
        throw DeviceKitError(
            "no_reason", .usage, "no reason was given: nothing is shown", next: "repeat the command")
    }

    /// Says that nobody will know of what is asked of an export.
    static func warnOfExport(_ console: Console) {
        console.warn(
            "no look is logged: an export tells it to whoever holds it, and nobody is told that they asked")
    }

    /// Refuses a reason for a question that is asked of an export: it would be logged nowhere.
    /// - Throws: ``DeviceKitError`` of category `usage`.
    func checkOfExport() throws(DeviceKitError) {
        guard reason != nil else { return }
        throw DeviceKitError(
            "no_look", .usage, "--reason is for a look that is logged, and of an export none is",
            next: "leave --reason out, or ask the relay, without --export")
    }

    /// Refuses what can be no look: capsules of an export, which holds none, and a reason where nothing is opened.
    /// - Parameters:
    ///   - flag: What asks for capsules, such as `--patients`.
    ///   - isAsked: Whether it was given.
    ///   - hasCapsules: Whether the relay is asked.
    /// - Throws: ``DeviceKitError`` of category `usage`.
    func check(_ flag: String, isAsked: Bool, hasCapsules: Bool) throws(DeviceKitError) {
        if isAsked, !hasCapsules {
            throw DeviceKitError(
                "no_look", .usage, "an export holds no capsules: it cannot tell whom messages are about",
                next: "ask the relay, without --export")
        }
        guard !isAsked, reason != nil else { return }
        throw DeviceKitError(
            "no_look", .usage, "--reason is for a look into capsules, and nothing asks for one",
            next: "add \(flag), or leave --reason out")
    }

    private static func parsed(_ text: String) throws(DeviceKitError) -> AccessReason {
        guard let reason = AccessReason(rawValue: text) else {
            throw DeviceKitError(
                "bad_reason", .usage, "there is no reason \"\(text)\" for a look", next: "give one of \(list)")
        }
        return reason
    }

    private static let list = AccessReason.allCases.map(\.rawValue).joined(separator: ", ")

    /// `patient request`.
    static func words(_ reason: AccessReason) -> String { reason.rawValue.replacing("_", with: " ") }
}
