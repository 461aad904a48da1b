import Auditing
import SignerSupport
import Statements
import Testing

/// Which messages one goes back to.
@Suite struct ReferenceChainsTests {
    @Test func whatAnswersAndWhatCarriesOnGoesBackToTheFirst() async throws {
        let world = World.practice()
        let first = world.send("first", served: ["bo"])
        let handed = world.send("handed", from: "bo", to: "bo", carrying: first)
        let reply = world.send("reply", to: "bo", reference: .inReplyTo(handed.message))
        let other = world.send("other")
        var audit = Audit()
        audit.organisation = world.organisation
        let chains = try ReferenceChains(try await audit.run(world.source))
        #expect(chains.behind(reply.message) == [handed.message, first.message])
        #expect(chains.behind(handed.message) == [first.message])
        #expect(chains.behind(first.message).isEmpty && chains.behind(other.message).isEmpty)
    }

    /// A log that lies may hold a circle.
    @Test func aCircleIsGoneRoundOnce() {
        let ids = (1...3).map { MessageID(bytes: [UInt8](repeating: $0, count: 16)) }
        let chains = ReferenceChains([ids[0]: ids[1], ids[1]: ids[2], ids[2]: ids[0]])
        #expect(chains.behind(ids[0]) == [ids[1], ids[2]])
        #expect(ReferenceChains([ids[0]: ids[0]]).behind(ids[0]).isEmpty)
    }
}
