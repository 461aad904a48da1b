import FuzzSupport
import Membership
import Sealing
import SignerSupport
import Statements

/// What happens at a practice, by the dice; and, unless it is honest, the relay and its devices lie now and then.
struct LyingStory {
    private let world: World
    private let isHonest: Bool
    private var open: [Sent] = []
    private var count = 0

    init(_ world: World, isHonest: Bool) {
        self.world = world
        self.isHonest = isHonest
    }

    func tell(steps: Int, _ random: inout SplitMix64) {
        var story = self
        for _ in 0..<steps { story.step(&random) }
    }

    private mutating func step(_ random: inout SplitMix64) {
        world.wait(seconds: Int64.random(in: 1...400, using: &random))
        settle()
        if !isHonest, Int.random(in: 0..<3, using: &random) == 0 { return lie(&random) }
        switch Int.random(in: 0..<11, using: &random) {
        case 0..<4: send(&random)
        case 4..<9: take(&random)
        case 9: world.log(.subscription(.named("bo"), .webPush, .added))
        default: world.look()
        }
    }

    /// What an honest relay says of those that nobody answered.
    private mutating func settle() {
        guard isHonest else { return }
        for sent in open where sent.expires <= world.now && !answered.contains(sent.message) { world.unanswered(sent) }
        open.removeAll { $0.expires <= world.now }
    }

    private var answered: Set<MessageID> = []

    private mutating func send(_ random: inout SplitMix64) {
        count += 1
        let isReply = Int.random(in: 0..<4, using: &random) == 0
        let life = Int64.random(in: 600...40_000, using: &random)
        if !isReply {
            open.append(world.send("message \(count)", lifeSeconds: life, served: ["bo", "tablet"]))
        } else if let first = open.first(where: { $0.member == .named("bo") }) {
            open.append(
                world.send(
                    "message \(count)", from: "bo", to: "ivy", lifeSeconds: life, served: ["ivy"],
                    reference: .inReplyTo(first.message)))
        }
    }

    private mutating func take(_ random: inout SplitMix64) {
        guard let sent = open.randomElement(using: &random) else { return }
        let device =
            sent.member == .named("ivy") ? "ivy" : ["bo", "tablet"].randomElement(using: &random)!
        let action = [ReceiptAction.delivered, .read, .acknowledged, .closed].randomElement(using: &random)!
        world.receipt(action, of: sent, by: device)
        if action == .acknowledged || action == .closed || (action != .read && sent.member == .named("ivy")) {
            answered.insert(sent.message)
        }
    }

    private mutating func lie(_ random: inout SplitMix64) {
        let entries = world.activity.entries
        let sent = open.randomElement(using: &random)
        switch (Int.random(in: 0..<9, using: &random), sent) {
        case (0, _): world.activity.append(entries.randomElement(using: &random)!)
        case (1, _): world.activity.append(Array("noise \(entries.count)".utf8))
        case (2, let sent?): world.serve(sent, to: "udo")
        case (3, let sent?): world.receipt(.read, of: sent, by: "bo", signer: .device("ivy"))
        case (4, let sent?): world.receipt(.read, of: sent, by: "bo") { $0.number += 3 }
        case (5, let sent?): world.unanswered(sent)
        case (6, _):
            count += 1
            open.append(world.send("message \(count)", lifeSeconds: 300, without: "tablet"))
        case (7, let sent?): world.log(.undeliverable(.named("bo"), sent.message, .revoked))
        case (8, let sent?):
            world.log(.fallback(.named("bo"), .named("never \(entries.count)"), world.auditKey.publicKey.id))
            world.log(.pushed(.named("udo"), sent.message, .webPush, attempt: 1, .accepted))
        default:
            world.log(.served(.named("bo"), .named("never \(entries.count)"), .envelope))
        }
    }
}
