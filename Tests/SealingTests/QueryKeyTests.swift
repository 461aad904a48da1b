import FuzzSupport
import Sealing
import Secrets
import Statements
import Testing

/// The keyed hash of an auditor's question.
@Suite struct QueryKeyTests {
    private static let organisation = OrganisationID(bytes: Array(0..<20))

    private static func key(_ byte: UInt8) -> EncapsulationPrivateKey {
        EncapsulationPrivateKey(
            secret: SecretBytes(copying: [UInt8](repeating: byte, count: EncapsulationPrivateKey.byteCount)))!
    }

    @Test func whoeverHoldsTheAuditKeyRecognisesTheQuestionAndNobodyElse() {
        func hash(
            _ byte: UInt8 = 1, _ query: String = "a-1", _ kind: AccessKind = .patient,
            _ organisation: OrganisationID = Self.organisation
        ) -> Digest {
            QueryKey(auditKey: Self.key(byte)).hash(of: Array(query.utf8), kind: kind, organisation: organisation)
        }
        #expect(hash() == hash())
        #expect(hash() != hash(2))
        #expect(hash() != hash(1, "a-2"))
        #expect(hash() != hash(1, "a-1", .member))
        #expect(hash() != hash(1, "a-1", .patient, OrganisationID(bytes: Array(1..<21))))
    }

    /// What an auditor's store finds a patient by cannot be compared with what the log says.
    @Test func theIndexHasAKeyOfItsOwn() {
        let key = QueryKey(auditKey: Self.key(1))
        let query = Array("a-1".utf8)
        #expect(key.lookup(of: query) == key.lookup(of: query))
        let text = Array("nightbell.query/v1\n\(Self.organisation)\npatient\n".utf8) + query
        #expect(key.hash(of: query, kind: .patient, organisation: Self.organisation) != key.lookup(of: text))
    }

    @Test func theVectorsAreReproduced() throws {
        let file = try Vectors.load("protocol.json")
        let audit = file["audit"]
        let scalar = try #require(Base64.decode(audit["x25519-private"].utf8))
        let secret = scalar + (try #require(Base64.decode(audit["mlkem768-seed"].utf8)))
        let queryKey = QueryKey(auditKey: EncapsulationPrivateKey(secret: SecretBytes(copying: secret))!)
        let queries = file["queries"].array
        #expect(queries.count == 3)
        for query in queries {
            let kind = try #require(AccessKind(rawValue: query["kind"].string))
            let organisation = try #require(OrganisationID(query["org"].string))
            let hash = queryKey.hash(of: query["query"].utf8, kind: kind, organisation: organisation)
            #expect(hash.hex == query["hash"].string)
        }
    }
}
