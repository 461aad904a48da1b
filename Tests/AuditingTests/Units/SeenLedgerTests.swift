import Secrets
import Statements
import Testing
import TransparencyLog

@testable import Auditing

@Suite struct SeenLedgerTests {
    private static let origin = "relay.test:8443/org/activity"

    private static func root(_ number: UInt8) -> Digest { Digest.sha256([number]) }

    /// What is asked for by turns: true and false words of one size, and of sizes that share a place in memory.
    @Test func everyWordIsJudgedByItself() {
        let signer = LogSigner(origin: Self.origin, key: SigningKey())
        let ledger = SeenLedger(signer.logKey)
        let first = signer.sign(size: 7, root: Self.root(1)).seen
        let other = signer.sign(size: 7, root: Self.root(2)).seen
        let far = signer.sign(size: 7 + 4_096, root: Self.root(3)).seen
        let forged = Seen(size: 7, root: Self.root(4), signature: first.signature)
        let foreign = LogSigner(origin: Self.origin, key: SigningKey()).sign(size: 7, root: Self.root(1)).seen
        for _ in 0..<3 {
            for seen in [first, other, far] { #expect(ledger.isSigned(seen).0) }
            for seen in [forged, foreign] { #expect(!ledger.isSigned(seen).0) }
        }
    }

    @Test func whatIsKnownIsNotVerifiedAgain() {
        let signer = LogSigner(origin: Self.origin, key: SigningKey())
        let ledger = SeenLedger(signer.logKey)
        let seen = (1...100).map { signer.sign(size: $0, root: Self.root(UInt8($0))).seen }
        #expect(seen.allSatisfy { ledger.isSigned($0) == (true, isNew: true) })
        #expect(seen.allSatisfy { ledger.isSigned($0) == (true, isNew: false) })
        let forged = Seen(size: 101, root: Self.root(1), signature: seen[0].signature)
        #expect(ledger.isSigned(forged) == (false, isNew: true))
        #expect(ledger.isSigned(forged) == (false, isNew: false))
    }
}
