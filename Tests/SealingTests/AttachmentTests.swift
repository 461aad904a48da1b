import Sealing
import Secrets
import Statements
import Testing

@Suite struct AttachmentTests {
    private let keyBytes = randomBytes(32)
    private var key: MessageKey { MessageKey(SecretBytes(copying: keyBytes)) }
    private let binding = Digest.sha256(Array("a message".utf8))

    private func seal(_ file: [UInt8], index: Int = 0) -> [UInt8] {
        var sealer = AttachmentSealer(key: key, index: index, binding: binding)
        var sealed = sealer.header
        var place = 0
        while file.count - place >= Attachment.chunkByteCount {
            sealed += sealer.seal(Array(file[place..<(place + Attachment.chunkByteCount)]))
            place += Attachment.chunkByteCount
        }
        return sealed + sealer.finish(Array(file[place...]))
    }

    static func open(
        _ sealed: [UInt8], index: Int = 0, key: borrowing MessageKey, binding: Digest
    ) throws(SealingError) -> [UInt8] {
        guard let count = Attachment.chunkCount(sealedByteCount: UInt64(sealed.count)) else {
            throw SealingError(.attachment)
        }
        var opener = try AttachmentOpener(
            header: Array(sealed[..<Attachment.headerByteCount]), key: key, index: index, binding: binding)
        var file: [UInt8] = []
        for chunk in 0..<count {
            let start = Attachment.headerByteCount + chunk * Attachment.sealedChunkByteCount
            file += try opener.open(
                Array(sealed[start..<(start + Attachment.sealedChunkByteCount)]), isLast: chunk == count - 1)
        }
        return file
    }

    @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 131_071, 131_072, 200_000])
    func everyLengthComesBack(_ count: Int) throws {
        let file = randomBytes(count)
        let sealed = seal(file)
        #expect(sealed.count == Attachment.sealedByteCount(of: count))
        #expect(sealed.count == 24 + (count / 65_536 + 1) * 65_553)
        let opened = try Self.open(sealed, key: key, binding: binding)
        #expect(opened == file)
    }

    @Test func onlySizesOfWholeChunksAreSizes() {
        #expect(Attachment.chunkCount(sealedByteCount: 0) == nil)
        #expect(Attachment.chunkCount(sealedByteCount: 24) == nil)
        #expect(Attachment.chunkCount(sealedByteCount: 24 + 65_553) == 1)
        #expect(Attachment.chunkCount(sealedByteCount: 24 + 65_552) == nil)
        #expect(Attachment.chunkCount(sealedByteCount: 24 + 401 * 65_553) == 401)
        #expect(Attachment.chunkCount(sealedByteCount: 24 + 402 * 65_553) == nil)
        #expect(Attachment.chunkCount(sealedByteCount: .max) == nil)
        #expect(Attachment.sealedByteCount(of: Attachment.maximumByteCount) == 24 + 401 * 65_553)
    }

    @Test func anotherPlaceKeyOrMessageDoesNotOpen() throws {
        let sealed = seal([1, 2, 3], index: 3)
        #expect(try Self.open(sealed, index: 3, key: key, binding: binding) == [1, 2, 3])
        #expect(throws: SealingError(.attachment)) { try Self.open(sealed, index: 2, key: key, binding: binding) }
        #expect(throws: SealingError(.attachment)) {
            try Self.open(sealed, index: 3, key: MessageKey(), binding: binding)
        }
        #expect(throws: SealingError(.attachment)) { try Self.open(sealed, index: 3, key: key, binding: .zero) }
    }

    @Test func whatIsCutOffLengthenedOrMovedDoesNotOpen() throws {
        let chunk = Attachment.sealedChunkByteCount
        let sealed = seal(randomBytes(2 * Attachment.chunkByteCount + 5))
        let header = Array(sealed[..<24])
        let chunks = (0..<3).map { Array(sealed[(24 + $0 * chunk)..<(24 + ($0 + 1) * chunk)]) }
        for wrong in [[0], [0, 1], [1, 0, 2], [0, 2, 1], [0, 0, 1, 2], [0, 1, 2, 2], [0, 2], [2]] {
            #expect(throws: SealingError(.attachment)) {
                try Self.open(header + wrong.flatMap { chunks[$0] }, key: key, binding: binding)
            }
        }
        #expect(throws: SealingError(.attachment)) {
            try Self.open(Array(sealed.dropLast()), key: key, binding: binding)
        }
    }

    @Test func aLastChunkWithoutPaddingDoesNotOpen() throws {
        var stream = SecretStreamSealer(key: key.subkey(16))
        let full = stream.seal(
            [UInt8](repeating: 0, count: Attachment.chunkByteCount), binding: binding.bytes + [0], isLast: true)
        #expect(throws: SealingError(.attachment)) { try Self.open(stream.header + full, key: key, binding: binding) }
        var padded = SecretStreamSealer(key: key.subkey(16))
        let rest = padded.seal(
            [0x80] + [UInt8](repeating: 0, count: Attachment.chunkByteCount - 1), binding: binding.bytes + [0],
            isLast: true)
        let opened = try Self.open(padded.header + rest, key: key, binding: binding)
        #expect(opened == [])
    }

    @Test func theReasonIsAReceipts() {
        #expect(SealingError(.attachment).receiptReason == .attachment)
    }
}
