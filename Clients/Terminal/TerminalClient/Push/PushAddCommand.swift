import ArgumentParser
import DeviceKit
import RelayAPI

/// `nightbell push add`.
struct PushAddCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Register a push service's address, and have a test page sent there.",
        discussion: """
            With --web-push the address is the endpoint URL that a UnifiedPush distributor or a browser gave for the relay's VAPID \
            key (see "nightbell push list"). The keys that open what comes are made here and stay in this profile: let \
            "nightbell watch --web-push" run where the distributor hands pages over. With --apns or --fcm it is the token of a \
            phone, whose own program opens the pages; such a program registers itself, and this is for bridges.

            Whoever has such an address can send there: it is read from a file or from standard input, and never shown again.

            With --json: subscription, transport, state, outcome (accepted, gone, refused, unreachable or unauthorized: what became \
            of the test page). Ends with 1 when the push service will not take pages there.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Flag(help: "What the address is of.")
    var transport: PushTransportFlag?

    @Option(
        help: ArgumentHelp("The endpoint of Web Push; - for standard input.", valueName: "file"), completion: .file())
    var endpointFile: String?

    @Option(
        help: ArgumentHelp("The token of APNs (in hex) or FCM; - for standard input.", valueName: "file"),
        completion: .file())
    var tokenFile: String?

    func perform(_ context: CommandContext) async throws {
        let address = try address(context.console)
        try await context.withSession { session in
            let tried = try await session.subscribe(address)
            let id = tried.subscription.id
            context.console.result(
                PushWords.document(tried),
                human: "registered \(SafeText.line(id)): \(PushWords.outcome(tried.outcome))")
            context.console.say(
                PushWords.next(tried.outcome, address.transport, id: SafeText.line(id)))
            // It stays registered, and is tried again.
            guard [.accepted, .unreachable, .leftAlone].contains(tried.outcome) else {
                throw FinishedWith(status: .failed)
            }
        }
    }

    private func address(_ console: Console) throws -> SubscriptionAddress {
        guard let transport else {
            throw DeviceKitError(
                "no_transport", .usage, "what the address is of was not said",
                next: "give one of --web-push, --apns and --fcm")
        }
        let (file, other, option) =
            transport == .webPush
            ? (endpointFile, tokenFile, "--endpoint-file") : (tokenFile, endpointFile, "--token-file")
        guard let file, other == nil else {
            throw DeviceKitError(
                "no_push_address", .usage,
                "--\(transport.rawValue) takes its address from \(option), and from that alone",
                next: "give \(option) FILE, or \(option) - for standard input")
        }
        if file == "-", Input.isTerminal { console.say("Paste the address; Ctrl-D on an empty line ends it.") }
        let bytes = try Input.read(file, what: "the address", limit: Input.maximumByteCount)
        return try SubscriptionAddress(transport.name, reading: bytes)
    }
}

/// `--web-push`, `--apns` or `--fcm`.
enum PushTransportFlag: String, EnumerableFlag {
    case webPush = "web-push"
    case apns
    case fcm

    var name: PushTransportName {
        switch self {
        case .webPush: .webPush
        case .apns: .apns
        case .fcm: .fcm
        }
    }

    static func help(for value: PushTransportFlag) -> ArgumentHelp? {
        switch value {
        case .webPush: "A Web Push endpoint (UnifiedPush, browsers)."
        case .apns: "A device token of Apple's push service."
        case .fcm: "A registration token of Google's push service."
        }
    }
}
