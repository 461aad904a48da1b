import FuzzSupport
import Sealing
import Secrets
import SignerSupport
import Statements

/// Honest days at a practice: Ana and Max administer, Ivy takes calls, Bo (a phone and a tablet), Eve and Kim answer, Udo
/// audits. The same seed tells the same story; sealed bytes alone are made anew.
package struct Story: Sendable {
    /// How long a story is.
    package enum Size: String, CaseIterable, Codable, Sendable {
        /// About 120 entries of the activity log, 440 and 4,300.
        case small, medium, large

        var scenes: Int {
            switch self {
            case .small: Self.each.count
            case .medium: 50
            case .large: 520
            }
        }

        /// In the small story, each scene comes once.
        fileprivate static let each = Scene.allCases
    }

    enum Scene: CaseIterable {
        case answered, unanswered, handedOn, fallback, partly, declined, reopened, saved, device, suspension,
            subscription
    }

    static let recovery = RecoveryPublicKey(
        signing: Signer.recovery("practice").key.verifyingKey,
        encapsulation: EncapsulationPrivateKey.named("recovery").publicKey)

    package let size: Size
    package let seed: UInt64

    package init(_ size: Size, seed: UInt64 = 1) {
        self.size = size
        self.seed = seed
    }

    /// - Parameter founding: What is done before the roster is put in force at all.
    func opening(_ sealed: SealedStock, founding: ((World) -> Void)? = nil) -> Telling {
        let world: World
        if let founding {
            world = World(isFounded: false, sealed: sealed)
            founding(world)
            world.populate()
        } else {
            world = .practice(sealed: sealed)
        }
        let telling = Telling(world: world, random: SplitMix64(seed: seed, name: size.rawValue))
        telling.world.join("eve", roles: [.provider])
        telling.world.join("kim", roles: [.provider])
        // In force 72 hours later: messages are sealed to it from then on.
        world.commit(world.admins(recovery: Self.recovery), by: World.quorum)
        telling.pass(60)
        for (device, transport) in [("tablet", PageTransport.webPush), ("eve", .apns)] {
            telling.subscribe(device, transport)
        }
        telling.look("ivy", "bo")
        return telling
    }

    /// Plays a number of scenes.
    func play(_ scenes: Range<Int>, _ telling: Telling) {
        for number in scenes {
            let scene =
                number < Size.each.count
                ? Size.each[number] : Size.each[telling.random.below(Size.each.count)]
            telling.play(scene)
            telling.look(["bo", "tablet", "eve", "kim"][telling.random.below(4)], "ivy")
            telling.pass(Int64(30 + telling.random.below(900)))
        }
    }

    /// What every story ends with, so that what is overdue shows.
    func close(_ telling: Telling) {
        telling.pass(7_200)
        let last = telling.send("the last", to: "kim", served: ["kim"])
        telling.pass(5)
        telling.receipt(.delivered, of: last, by: "kim")
        telling.receipt(.acknowledged, of: last, by: "kim")
        telling.pass(60)
        telling.receipt(.closed, of: last, by: "kim")
        telling.look("ivy", "bo", "tablet", "eve", "kim")
    }
}
