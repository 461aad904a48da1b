import Secrets
import Testing

@Suite struct SecretStreamTests {
    private let keyBytes = randomBytes(32)
    private var key: SecretBytes { SecretBytes(copying: keyBytes) }

    /// Three chunks, the first bound to something.
    private func sealed() -> (header: [UInt8], chunks: [[UInt8]]) {
        var sealer = SecretStreamSealer(key: key)
        let header = sealer.header
        let chunks = [
            sealer.seal([1, 2, 3], binding: [9], isLast: false), sealer.seal([], isLast: false),
            sealer.seal([4], isLast: true),
        ]
        return (header, chunks)
    }

    @Test func whatWasSealedOpensInItsOrder() throws {
        let (header, chunks) = sealed()
        #expect(header.count == SecretStream.headerByteCount)
        #expect(chunks.map(\.count) == [3, 0, 1].map { $0 + SecretStream.chunkOverhead })
        var opener = try SecretStreamOpener(header: header, key: key)
        #expect(try opener.open(chunks[0], binding: [9], isLast: false) == [1, 2, 3])
        #expect(try opener.open(chunks[1], isLast: false) == [])
        #expect(try opener.open(chunks[2], isLast: true) == [4])
    }

    @Test func aStreamIsNeverTheSameTwice() {
        #expect(sealed().header != sealed().header)
    }

    @Test func chunksThatAreMovedLeftOutOrEndedDoNotOpen() throws {
        let (header, chunks) = sealed()
        func opens(_ steps: [(chunk: Int, isLast: Bool)]) -> Bool {
            guard var opener = try? SecretStreamOpener(header: header, key: key) else { return false }
            for (place, step) in steps.enumerated() {
                guard
                    (try? opener.open(chunks[step.chunk], binding: place == 0 ? [9] : [], isLast: step.isLast)) != nil
                else { return false }
            }
            return true
        }
        #expect(opens([(0, false), (1, false), (2, true)]))
        #expect(!opens([(1, false)]))
        #expect(!opens([(0, false), (2, true)]))
        #expect(!opens([(0, false), (0, false)]))
        // The end comes too early, or not at all.
        #expect(!opens([(0, false), (1, true)]))
        #expect(!opens([(0, false), (1, false), (2, false)]))
    }

    @Test func anotherKeyHeaderBindingOrByteDoesNotOpen() throws {
        let (header, chunks) = sealed()
        func opens(_ header: [UInt8], _ chunk: [UInt8], key: [UInt8], binding: [UInt8]) -> Bool {
            guard var opener = try? SecretStreamOpener(header: header, key: SecretBytes(copying: key)) else {
                return false
            }
            return (try? opener.open(chunk, binding: binding, isLast: false)) != nil
        }
        #expect(opens(header, chunks[0], key: keyBytes, binding: [9]))
        #expect(!opens(header, chunks[0], key: randomBytes(32), binding: [9]))
        #expect(!opens(header, chunks[0], key: keyBytes, binding: [8]))
        #expect(!opens(header, chunks[0], key: keyBytes, binding: []))
        #expect(!opens(Array(header.dropLast()), chunks[0], key: keyBytes, binding: [9]))
        #expect(!opens(header, Array(chunks[0].prefix(SecretStream.chunkOverhead - 1)), key: keyBytes, binding: [9]))
        for place in header.indices {
            var changed = header
            changed[place] ^= 1
            #expect(!opens(changed, chunks[0], key: keyBytes, binding: [9]))
        }
        for place in chunks[0].indices {
            var changed = chunks[0]
            changed[place] ^= 0x80
            #expect(!opens(header, changed, key: keyBytes, binding: [9]))
        }
    }
}
