import ArgumentParser
import DeviceKit
import RelayAPI
import Statements

/// `nightbell push test ID`.
struct PushTestCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Have a test page sent, and see whether it comes back.",
        discussion: """
            "nightbell watch --web-push" says a test page back as soon as it is handed over; a phone's program does the same. With \
            --wait the command looks every second whether that has happened, and ends with 1 when it has not.

            With --json: subscription, transport, state, outcome, and with --wait proven: whether it came back.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: ArgumentHelp("The subscription's id, or its beginning.", valueName: "subscription"))
    var subscription: String

    @Option(help: ArgumentHelp("How long to wait until it comes back.", valueName: "seconds"))
    var wait: UInt32?

    func perform(_ context: CommandContext) async throws {
        try await context.withSession { session in
            let standing = try await session.pushStanding()
            let id = try standing.subscription(subscription)
            let before = standing.proof(of: id)
            let tried = try await session.test(id)
            var isProven: Bool?
            if let wait, tried.outcome == .accepted {
                isProven = try await Self.proves(id, after: before, seconds: wait, session)
            }
            var document = PushWords.document(tried)
            if wait != nil, case .object(var object) = document {
                object.set("proven", to: .bool(isProven ?? false))
                document = .object(object)
            }
            let words =
                switch isProven {
                case true?: "a test page came back: pages reach this device"
                case false?: "the push service took the test page, and it has NOT come back in \(wait ?? 0) s"
                case nil: PushWords.outcome(tried.outcome)
                }
            context.console.result(document, human: "\(id): \(words)")
            if isProven != true {
                let name = standing.subscriptions.first { $0.id == id.description }?.transport
                let transport = name.flatMap { PushTransportName(rawValue: $0) } ?? .webPush
                context.console.say(
                    PushWords.next(
                        tried.outcome, transport, id: id.description, isProven: tried.subscription.proven != nil))
            }
            guard tried.outcome == .accepted, isProven ?? true else { throw FinishedWith(status: .failed) }
        }
    }

    /// Looks every second whether a challenge has come back since the test began.
    private static func proves(
        _ id: SubscriptionID, after before: String?, seconds: UInt32, _ session: DeviceSession
    ) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(Int64(seconds))
        while true {
            if let proof = try await session.pushStanding().proof(of: id), proof != before { return true }
            guard .now < deadline else { return false }
            try await Task.sleep(for: min(.seconds(1), deadline - .now))
        }
    }
}

extension PushStanding {
    /// When a challenge last came back over a subscription, as the relay writes it.
    fileprivate func proof(of id: SubscriptionID) -> String? {
        subscriptions.first { $0.id == id.description }?.proven
    }
}
