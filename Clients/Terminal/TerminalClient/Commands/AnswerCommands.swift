import ArgumentParser
import DeviceKit
import Statements

/// `nightbell ack MSG`.
struct AckCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "ack", abstract: "Acknowledge a message: it is yours now.")

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "The message's id, or its beginning.")
    var message: String

    @Option(
        help: ArgumentHelp("calling_now, will_call_by or need_info.", valueName: "reason"),
        completion: .list(Answer.reasons(for: .acknowledged)))
    var reason = ReceiptReason.callingNow.rawValue

    func perform(_ context: CommandContext) async throws {
        try await Answer.give(.acknowledged, reason: reason, to: message, context)
    }
}

/// `nightbell decline MSG`.
struct DeclineCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(commandName: "decline", abstract: "Turn a message down.")

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "The message's id, or its beginning.")
    var message: String

    @Option(
        help: ArgumentHelp("not_mine or unavailable.", valueName: "reason"),
        completion: .list(Answer.reasons(for: .declined)))
    var reason = ReceiptReason.unavailable.rawValue

    func perform(_ context: CommandContext) async throws {
        try await Answer.give(.declined, reason: reason, to: message, context)
    }
}

/// `nightbell close MSG`.
struct CloseCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Say that a message is dealt with.")

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "The message's id, or its beginning.")
    var message: String

    func perform(_ context: CommandContext) async throws {
        try await Answer.give(.closed, reason: nil, to: message, context)
    }
}

/// What the three have in common.
enum Answer {
    /// The words of the closed list for an action.
    static func reasons(for action: ReceiptAction) -> [String] {
        ReceiptReason.permitted(for: action).compactMap { $0?.rawValue }
    }

    static func give(
        _ action: ReceiptAction, reason word: String?, to message: String, _ context: CommandContext
    ) async throws {
        let reason = word.flatMap(ReceiptReason.init(rawValue:))
        guard (word == nil) == (reason == nil), ReceiptReason.permitted(for: action).contains(reason) else {
            throw DeviceKitError(
                "bad_reason", .usage, "there is no such reason",
                next: "choose one of \(reasons(for: action).joined(separator: ", "))")
        }
        try await context.withSession { session in
            let found = try await InboxCommand.message(message, session)
            guard found.quarantine == nil else {
                throw DeviceKitError(
                    "quarantined", .refused, "the message does not open; nobody can answer what nobody has read",
                    next: "call the sender by telephone")
            }
            do {
                let index = try await session.receipt(action, reason: reason, on: found.message)
                context.console.result(
                    document(found.message, action, index),
                    human: "\(action.rawValue) \(found.message)"
                        + (index.map { ", entry \($0) of the activity log, proven" } ?? "; not yet proven"))
            } catch let error as DeviceKitError where ReadCommand.waits(error) {
                throw waiting(error)
            } catch let refusal as RelayRefusal {
                let error = session.learn(from: refusal.problem)
                // A device that was revoked, and knows it by a proof, posts nothing more.
                try session.checkNotRevoked()
                throw waiting(error)
            }
        }
    }

    /// The answer is stored and only the relay has not taken it.
    private static func waiting(_ error: DeviceKitError) -> DeviceKitError {
        DeviceKitError(
            error.code, error.category, "\(error.message); your answer is stored here and NOT yet known to the sender",
            next: "repeat the command, or let \"nightbell watch\" post it; if it is urgent, telephone")
    }

    private static func document(_ message: MessageID, _ action: ReceiptAction, _ index: UInt64?) -> JSONValue {
        [
            "message": .text(message), "action": .string(action.rawValue), "index": index.map { .integer($0) } ?? .null,
        ]
    }
}
