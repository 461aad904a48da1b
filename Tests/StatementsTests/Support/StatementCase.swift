import FuzzSupport
import Statements
import Testing

/// One statement type, for tests that hold for all of them.
struct StatementCase: Sendable, CustomTestStringConvertible {
    let name: String
    /// A random text of the type.
    let sample: @Sendable (inout RandomStatements) -> [UInt8]
    /// What the writer makes of a parsed text.
    let rewrite: @Sendable ([UInt8]) throws(StatementError) -> [UInt8]
    /// What the parser found.
    let fields: @Sendable ([UInt8]) throws(StatementError) -> JSONValue
    /// A random value, written and read: both sides' fields.
    let roundTrip: @Sendable (inout RandomStatements) throws -> (text: [UInt8], written: JSONValue, read: JSONValue)

    var testDescription: String { name }

    init<Statement: StatementText & VectorFields>(
        _ name: String, _ make: @escaping @Sendable (inout RandomStatements) -> Statement
    ) {
        self.name = name
        sample = { make(&$0).text }
        rewrite = { bytes throws(StatementError) in try Statement(parsing: bytes).text }
        fields = { bytes throws(StatementError) in try Statement(parsing: bytes).fields }
        roundTrip = { random in
            let statement = make(&random)
            let text = statement.text
            let parsed = try Statement(parsing: text)
            #expect(parsed.text == text)
            return (text, statement.fields, parsed.fields)
        }
    }

    static let all: [StatementCase] = [
        StatementCase("genesis") { $0.genesis() }, StatementCase("member") { $0.member() },
        StatementCase("invitation") { $0.invitation() }, StatementCase("enrol") { $0.enrol() },
        StatementCase("revoke") { $0.revoke() }, StatementCase("admins") { $0.admins() },
        StatementCase("manifest") { $0.manifest() }, StatementCase("receipt") { $0.receipt() },
        StatementCase("access") { $0.access() }, StatementCase("event") { $0.event() },
        StatementCase("head") { $0.head() },
        StatementCase("prekey") { $0.prekey() }, StatementCase("audit-key") { $0.auditKeyOffer() },
        StatementCase("evidence") { $0.evidence() },
    ]

    static func named(_ name: String) -> StatementCase { all.first { $0.name == name }! }
}
