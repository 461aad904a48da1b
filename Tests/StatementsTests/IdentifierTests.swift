import FuzzSupport
import Secrets
import Statements
import Testing

@Suite struct IdentifierTests {
    @Test func writtenFormsComeBack() {
        var random = RandomStatements("identifiers")
        func check<Kind>(_ id: Identifier<Kind>) {
            #expect(Identifier<Kind>(id.description) == id)
            #expect(Identifier<Kind>(bytes: id.bytes) == id)
            #expect(id.bytes.count == Kind.byteCount)
            #expect(id.description == Kind.prefix.description + id.characters)
            #expect(id.characters == Base32.encode(id.bytes))
            var written: [UInt8] = [9]
            id.write(to: &written)
            #expect(written == [9] + Array(id.description.utf8))
        }
        for _ in 0..<100 {
            check(random.identifier() as OrganisationID)
            check(random.identifier() as DeviceID)
            check(random.identifier() as InvitationID)
            check(random.identifier() as PrekeyID)
            check(random.identifier() as MemberID)
            check(random.identifier() as MessageID)
        }
    }

    /// The order of the ASCII texts, compared without making them.
    @Test func theyAreOrderedAsTheirTextsAre() {
        var random = RandomStatements("order")
        func check<Kind>(_ type: Identifier<Kind>.Type) {
            for _ in 0..<400 {
                let left: Identifier<Kind> = random.identifier()
                var bytes = left.bytes
                // Often equal up to some byte, so that every character decides some time.
                for index in random.generator.below(bytes.count)..<bytes.count where random.generator.once(in: 2) {
                    bytes[index] = UInt8(truncatingIfNeeded: random.generator.next())
                }
                let right = Identifier<Kind>(bytes: bytes)
                let precedes = left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
                #expect((left < right) == precedes, "\(left) \(right)")
                #expect((right < left) == (!precedes && left != right))
            }
            let id: Identifier<Kind> = random.identifier()
            #expect(!(id < id))
        }
        check(DeviceID.self)
        check(MemberID.self)
        check(MessageID.self)
        let first = MemberID("mem-2aaaaaaaaaaaaaaa")!
        let second = MemberID("mem-aaaaaaaaaaaaaaaa")!
        #expect(first < second)
    }

    @Test(arguments: [
        "", "mem", "mem-", "mem-aaaaaaaaaaaaaaa", "mem-aaaaaaaaaaaaaaaaa", "MEM-aaaaaaaaaaaaaaaa",
        "mem-AAAAAAAAAAAAAAAA",
        "mem-aaaaaaaaaaaaaaa1", "mem_aaaaaaaaaaaaaaaa", " mem-aaaaaaaaaaaaaaaa", "dev-aaaaaaaaaaaaaaaa",
        "mem-aaaaaaaaaaaaaaa\u{E9}",
    ]) func refusesEveryOtherForm(_ text: String) { #expect(MemberID(text) == nil) }

    @Test func unusedBitsAreZero() {
        // 16 bytes leave two unused bits in 26 characters, 10 and 20 bytes none.
        #expect(MessageID("msg-aaaaaaaaaaaaaaaaaaaaaaaaaa") != nil)
        for last in ["b", "c", "d", "f"] { #expect(MessageID("msg-aaaaaaaaaaaaaaaaaaaaaaaaa\(last)") == nil) }
        #expect(MessageID("msg-aaaaaaaaaaaaaaaaaaaaaaaaae") != nil)
        #expect(MemberID("mem-aaaaaaaaaaaaaaab") != nil)
    }

    /// Identifiers have a base32 of their own, without detours: it takes and gives what everybody else's does.
    @Test func whatIsReadIsWhatBase32Reads() {
        var random = RandomStatements("base32")
        func check<Kind>(_ type: Identifier<Kind>.Type) {
            for _ in 0..<300 {
                let id: Identifier<Kind> = random.identifier()
                var text = Array(id.description.utf8)
                // One character is another, often a foreign one, and often the last.
                let place = random.generator.once(in: 2) ? text.count - 1 : random.generator.below(text.count)
                text[place] = UInt8(random.generator.below(128))
                let prefix = Array(Kind.prefix.description.utf8)
                let expected = Base32.decode(text.dropFirst(prefix.count)).flatMap { bytes in
                    text.starts(with: prefix) && bytes.count == Kind.byteCount ? Identifier<Kind>(bytes: bytes) : nil
                }
                #expect(Identifier<Kind>(text) == expected, "\(text)")
                #expect(Identifier<Kind>(text[...]) == expected)
                #expect(Identifier<Kind>(AnyCollection(text)) == expected)
                #expect(Identifier<Kind>(String(decoding: text, as: UTF8.self)) == expected)
            }
        }
        check(OrganisationID.self)
        check(MemberID.self)
        check(MessageID.self)
    }

    @Test func keysAndTextsAreNamedByTheirHashes() {
        let key = SigningKey(seed: SecretBytes(copying: Array(0..<32))).verifyingKey
        #expect(DeviceID(key: key).bytes == Array(Digest.sha256(key.bytes).bytes.prefix(20)))
        #expect(InvitationID(key: key).bytes == DeviceID(key: key).bytes)
        #expect(PrekeyID(prekeyText: [1]).bytes == Array(Digest.sha256([1]).bytes.prefix(20)))
        #expect(PrekeyID(x25519: [1], mlkem768: [2]) == PrekeyID(prekeyText: [1, 2]))
        #expect(OrganisationID(genesisText: [1]).bytes == Array(Digest.sha256([1]).bytes.prefix(20)))
    }

    @Test func messageIdsAreUUIDv7() {
        let time = Timestamp(milliseconds: 0x0123_4567_89AB % 253_402_300_799_999)
        let ids = (0..<50).map { _ in MessageID.make(at: time) }
        #expect(Set(ids).count == 50)
        for id in ids {
            let bytes = id.bytes
            let milliseconds = bytes.prefix(6).reduce(Int64(0)) { $0 << 8 | Int64($1) }
            #expect(milliseconds == time.milliseconds)
            #expect(bytes[6] >> 4 == 7)
            #expect(bytes[8] >> 6 == 0b10)
        }
        #expect(MemberID.random() != MemberID.random())
    }
}
