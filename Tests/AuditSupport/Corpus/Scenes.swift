import Auditing
import FuzzSupport
import Secrets
import SignerSupport
import Statements

/// What happens at the practice.
extension Telling {
    func play(_ scene: Story.Scene) {
        switch scene {
        case .answered: answered()
        case .unanswered: nobodyAnswers()
        case .handedOn: handedOn()
        case .fallback: lastPrekeys()
        case .partly: partly()
        case .declined: declined()
        case .reopened: opensLate()
        case .saved: saved()
        case .device: deviceOfADay()
        case .suspension: suspension()
        case .subscription: newAddress()
        }
    }

    private func someSeconds() { pass(Int64(2 + random.below(30))) }

    private var someUrgency: Urgency { [.emergent, .urgent, .sameDay, .routine][random.below(4)] }

    func subscribe(_ device: String, _ transport: PageTransport) {
        world.log(.subscription(.named(device), transport, .added))
        someSeconds()
        world.log(.subscription(.named(device), transport, .proven))
        subscribed[device] = transport
    }

    private func answered() {
        let sent = send(urgency: someUrgency, served: ["bo"])
        someSeconds()
        receipt(.delivered, of: sent, by: "bo")
        someSeconds()
        deliver(sent, to: "tablet")
        receipt(.read, of: sent, by: "bo")
        someSeconds()
        receipt(.acknowledged, of: sent, by: "bo", reason: .willCallBy)
        let answer = send(from: "bo", to: "ivy", served: ["ivy"], reference: .inReplyTo(sent.message))
        someSeconds()
        receipt(.delivered, of: answer, by: "ivy")
        someSeconds()
        receipt(.closed, of: sent, by: "bo")
    }

    private func nobodyAnswers() {
        let sent = send(to: "eve", lifeSeconds: 900, urgency: .urgent)
        deliver(sent, to: "eve")
        pass(1_000)
    }

    private func handedOn() {
        let sent = send(urgency: .urgent, served: ["bo"])
        someSeconds()
        receipt(.delivered, of: sent, by: "bo")
        someSeconds()
        let second = send(from: "bo", to: "eve", served: ["eve"], carrying: sent)
        receipt(.handedOff, of: sent, by: "bo")
        someSeconds()
        receipt(.delivered, of: second, by: "eve")
        receipt(.acknowledged, of: second, by: "eve")
        someSeconds()
        deliver(sent, to: "tablet")
        receipt(.closed, of: second, by: "eve")
    }

    private func lastPrekeys() {
        let name = name()
        world.claimFallbacks(name, of: "bo")
        someSeconds()
        let sent = send(name, urgency: someUrgency, served: ["bo", "tablet"], fallback: true)
        someSeconds()
        receipt(.delivered, of: sent, by: "tablet")
        receipt(.acknowledged, of: sent, by: "tablet", reason: .needInfo)
        someSeconds()
        receipt(.delivered, of: sent, by: "bo")
    }

    private func partly() {
        let sent = send(urgency: .sameDay, without: "tablet")
        deliver(sent, to: "bo")
        someSeconds()
        receipt(.acknowledged, of: sent, by: "bo")
    }

    private func declined() {
        let sent = send(to: "eve", lifeSeconds: 1_200, served: ["eve"])
        someSeconds()
        receipt(.delivered, of: sent, by: "eve")
        someSeconds()
        receipt(.declined, of: sent, by: "eve", reason: .unavailable)
        pass(1_300)
    }

    private func opensLate() {
        let sent = send(to: "kim", served: ["kim"])
        someSeconds()
        let index = receipt(.undecryptable, of: sent, by: "kim", reason: .content)
        expectNote(.undecryptable, at: index)
        someSeconds()
        receipt(.delivered, of: sent, by: "kim")
        receipt(.acknowledged, of: sent, by: "kim")
    }

    private func saved() {
        let sent = send(from: "eve", to: "kim", urgency: .routine, served: ["kim"])
        someSeconds()
        for action in [ReceiptAction.delivered, .read, .disclosed, .filed, .closed] {
            receipt(action, of: sent, by: "kim")
        }
    }

    /// A device that is lost the same day, while a message waits for it.
    private func deviceOfADay() {
        let device = "phone of \(name())"
        world.enrol(device, of: "kim")
        someSeconds()
        let sent = send(to: "kim", served: ["kim"])
        someSeconds()
        world.revoke(device)
        someSeconds()
        receipt(.delivered, of: sent, by: "kim")
        receipt(.acknowledged, of: sent, by: "kim")
        let unused = "invitation for \(name())"
        world.commit(world.invitation(unused, of: "kim"), by: [.device("ana"), .device("kim")])
        someSeconds()
        world.commit(
            RevokeStatement(
                organisation: world.organisation, seen: world.rosterSeen, at: now, target: .invitation(.named(unused)),
                reason: .words("not needed")), by: [.device("max")])
    }

    private func suspension() {
        let sent = send(to: "kim", lifeSeconds: 7_200)
        someSeconds()
        world.commit(world.member("kim", roles: [.provider], status: .suspended), by: [.device("ana")])
        pass(600)
        world.commit(world.member("kim", roles: [.provider, .intake]), by: [.device("max")])
        someSeconds()
        deliver(sent, to: "kim")
        receipt(.acknowledged, of: sent, by: "kim")
        world.commit(world.member("kim", roles: [.provider]), by: [.device("max")])
    }

    private func newAddress() {
        world.log(.subscription(.named("eve"), .apns, .removed))
        subscribed["eve"] = nil
        someSeconds()
        subscribe("eve", .apns)
        let sent = send(to: "eve", urgency: .emergent)
        pass(150)
        deliver(sent, to: "eve")
        receipt(.acknowledged, of: sent, by: "eve")
    }
}
