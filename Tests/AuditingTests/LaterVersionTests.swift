import Membership
import Sealing
import Secrets
import SignerSupport
import Statements
import Testing
import TransparencyLog

@testable import Auditing

/// Logs in which a later version wrote something, or a relay that wants to be taken for one.
@Suite struct LaterVersionTests {
    @Test func aTypeOfALaterVersionIsNeverSkipped() async throws {
        let world = World.practice()
        let body = Array("nightbell.disposal/v1\norg \(world.organisation)\n".utf8)
        let index = world.activity.append(Entry(time: world.now, body: body))
        let verdict = try await world.audit()
        verdict.expect(.updateNeeded, .unjudged, at: [index], naming: "from there on")
        #expect(verdict.isWhole && verdict.activity?.size == index + 1)

        let other = World.practice()
        let note = SignedNote(Array("nightbell.rota/v1\norg \(other.organisation)\n".utf8), by: [.device("ana")])
        let place = other.roster.append(Entry(time: other.now, body: note.bytes))
        other.putInForce()
        other.serve(other.send("first"), to: "udo")
        let judged = try await other.audit()
        judged.expect(.updateNeeded, .unjudged, log: .roster, at: [place], naming: "from there on")
        #expect(judged.messageCount == 0 && judged.roster?.size == place + 1)
    }

    /// Else one entry of the relay's own would be silence about all its lies.
    @Test(arguments: [
        "nightbell.event/v1\norg ORG\nkind servex\nsalt AAAAAAAAAAAAAAAAAAAAAA==\n",
        "nightbell.event/v1\norg ORG\nkind none\nsalt AAAAAAAAAAAAAAAAAAAAAA==\n", "nightbell.event/v11\norg ORG\n",
    ])
    func whatALaterVersionWroteHidesNothingBeforeIt(_ text: String) async throws {
        let world = World.practice()
        let lie = world.serve(world.send("first"), to: "udo")
        let head = world.head(for: "bo")
        world.wait(seconds: 1)
        let index = world.activity.append(
            Entry(time: world.now, body: Array(text.replacing("ORG", with: "\(world.organisation)").utf8)))
        world.wait(seconds: 1)
        let later = world.serve(world.send("second"), to: "udo")
        // Heads of the whole log are held against it, and no queue is that this version cannot know.
        var longer = world.head(for: "bo")
        longer = Head(
            organisation: longer.organisation, time: longer.time, roster: longer.roster, activity: longer.activity,
            device: .init(
                device: .named("bo"), waiting: 9, lastNumber: 9, runningHash: Digest.sha256([1]), oneTimeLeft: 7))
        let verdict = try await world.audit(heads: [head, longer])
        #expect(verdict.findings.map(\.code) == [.updateNeeded, .servedToStranger])
        #expect(verdict.findings.map(\.entries) == [[index], [lie]] && later > index)
        #expect(verdict.messageCount == 1 && verdict.heads == 2)
        // What is there is still held against what was signed.
        let changed = try await world.audit { $0.entries[.activity]![Int(later)].append(0x0A) }
        #expect(changed.findings.contains { $0.code == .rootDiffers })
    }

    @Test(arguments: [
        "nightbell.event/v1\norg ORG\nkind served \nsalt AAAAAAAAAAAAAAAAAAAAAA==\n",
        "nightbell.event/v1\norg ORG\nkind subscription\r\nsalt AAAAAAAAAAAAAAAAAAAAAA==\n",
        "nightbell.event/v1\norg ORG\nkind later\nsalt AAAAAAAAAAAAAAAAAAAAAA==\nx \u{200B}\n",
        "nightbell.event/v01\norg ORG\n",
        "nightbell.disposal/v1\norg ORG", "nightbell.disposal/v1\norg\n",
    ])
    func whatNoVersionWritesIsALieLikeAnyOther(_ text: String) async throws {
        let world = World.practice()
        let index = world.activity.append(
            Entry(time: world.now, body: Array(text.replacing("ORG", with: "\(world.organisation)").utf8)))
        world.deliver(world.send("first"), to: "bo")
        try await world.audit().expect(.init(.malformed), at: [index])
    }

    /// After an update, what stood behind is judged: nothing was skipped.
    @Test func whatALaterVersionWroteIsReadAgain() async throws {
        let world = World.practice()
        let lie = world.serve(world.send("first"), to: "udo")
        world.wait(seconds: 1)
        let sent = world.send("second")
        let body = Array("nightbell.event/v2\norg \(world.organisation)\n".utf8)
        var later = world.source
        later.entries[.activity]?.append(Entry(time: world.now, body: body).bytes)
        for number in 0..<300 {
            later.entries[.activity]?.append(Entry(time: world.now, body: body + Array("x \(number)\n".utf8)).bytes)
        }
        var tree = GrowingTree()
        for entry in later.entries[.activity]! { tree.append(MerkleTree.leafHash(entry)) }
        later.checkpoints[.activity] = world.activity.sign(size: tree.size, root: tree.root).note.bytes
        let size = world.activity.size
        let run = Run(world, store: MemoryAuditStore(isKept: true))
        for continued in [0, size, size] {
            let verdict = try await run.audit(later)
            #expect(verdict.continued == continued && verdict.activity?.size == size + 301)
            #expect(verdict.findings.map(\.code) == [.updateNeeded, .servedToStranger])
            #expect(verdict.findings.map(\.entries) == [[size], [lie]])
            #expect(verdict.messageCount == 2)
        }
        // What this version knows stands in their place: as if it were the later one.
        let again = world.serve(sent, to: "udo")
        #expect(again == size)
        world.wait(seconds: 1)
        for number in 0..<300 {
            world.log(.fallback(.named("bo"), .named("never \(number)"), world.auditKey.publicKey.id))
        }
        let verdict = try await run.audit(world.source)
        #expect(verdict.continued == size && verdict.isWhole)
        #expect(verdict.findings.map(\.entries) == [[lie], [again]])
    }
}
