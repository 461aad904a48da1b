import Foundation
import FuzzSupport
import Secrets
import Testing

@Suite struct SecretBytesTests {
    @Test func holdsACopyAndGivesItBack() {
        let secret = SecretBytes(copying: [1, 2, 3])
        #expect(secret.count == 3)
        #expect(secret.exposed() == [1, 2, 3])
    }

    @Test func emptiesTheArrayItTookOver() {
        var bytes: [UInt8] = [1, 2, 3]
        let secret = SecretBytes(moving: &bytes)
        #expect(bytes.isEmpty)
        #expect(secret.exposed() == [1, 2, 3])
    }

    @Test func wipingEmptiesAnArray() {
        var bytes: [UInt8] = [1, 2, 3]
        wipe(&bytes)
        #expect(bytes.isEmpty)
        wipe(&bytes)
        #expect(bytes.isEmpty)
    }

    @Test func cutsAndJoins() {
        let secret = SecretBytes(copying: Array(0..<10))
        #expect(secret.slice(0..<10).exposed() == Array(0..<10))
        #expect(secret.slice(3..<5).exposed() == [3, 4])
        #expect(secret.slice(10..<10).exposed() == [])
        #expect(secret.slice(0..<2).appending(secret.slice(8..<10)).exposed() == [0, 1, 8, 9])
        #expect(secret.duplicate().exposed() == Array(0..<10))
    }

    @Test func worksWithNoBytesAtAll() {
        let empty = SecretBytes(copying: [])
        #expect(empty.count == 0)
        #expect(empty.exposed() == [])
        #expect(empty.isEqual(to: SecretBytes(random: 0)) == true)
        #expect(empty.appending(SecretBytes(copying: [1])).exposed() == [1])
    }

    @Test func comparesContentAndLength() {
        let secret = SecretBytes(copying: [1, 2, 3])
        #expect(secret.isEqual(to: SecretBytes(copying: [1, 2, 3])) == true)
        #expect(secret.isEqual(to: SecretBytes(copying: [1, 2, 4])) == false)
        #expect(secret.isEqual(to: SecretBytes(copying: [1, 2])) == false)
        #expect(secret.isEqual(to: SecretBytes(copying: [1, 2, 3, 0])) == false)
    }

    @Test func randomBytesDiffer() {
        #expect(SecretBytes(random: 32).isEqual(to: SecretBytes(random: 32)) == false)
        #expect(randomBytes(32) != randomBytes(32))
        #expect(randomBytes(0) == [])
        #expect(randomBytes(33).count == 33)
    }

    @Test func comparesArraysInConstantTimeWithTheRightResult() {
        #expect(constantTimeEqual([], []))
        #expect(constantTimeEqual([1, 2], [1, 2]))
        #expect(!constantTimeEqual([1, 2], [1, 3]))
        #expect(!constantTimeEqual([1, 2], [1, 2, 3]))
        var generator = SplitMix64(name: "constantTimeEqual")
        for _ in 0..<200 {
            let left = generator.bytes(generator.below(64))
            var right = left
            if generator.once(in: 2), !right.isEmpty { right[generator.below(right.count)] ^= 1 << 3 }
            #expect(constantTimeEqual(left, right) == (left == right))
        }
    }
}
