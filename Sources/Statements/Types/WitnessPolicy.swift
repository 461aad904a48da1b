import Secrets

/// Which witnesses an organisation trusts to watch its logs, and how many of them its clients demand.
public struct WitnessPolicy: Hashable, Sendable {
    /// 16.
    public static let maximumCount = 16
    /// No witnesses.
    public static let none = WitnessPolicy()

    /// Ordered by the bytes of their vkeys; no public key twice, for a cosignature does not name its cosigner, and no name
    /// twice with one key id, for a line of a note would not say whose it is.
    public let keys: [WitnessKey]
    /// 0 to the number of witnesses: of how many a client wants a recent cosignature before it stops telling its user.
    public let demanded: UInt64

    private init() {
        keys = []
        demanded = 0
    }

    /// - Returns: `nil` for no or more than 16 witnesses, a public key that is named twice, two of one name and key id, or more
    ///   demanded than there are.
    public init?(_ keys: [WitnessKey], demanded: UInt64) {
        guard (1...Self.maximumCount).contains(keys.count), Set(keys.map(\.key)).count == keys.count,
            Set(keys.map { Array("\($0.name)+\($0.id)".utf8) }).count == keys.count,
            demanded <= UInt64(keys.count)
        else { return nil }
        self.keys = keys.sorted { $0.vkey.utf8.lexicographicallyPrecedes($1.vkey.utf8) }
        self.demanded = demanded
    }

    /// `witness none`, or `witness VKEY` lines and one `cosignatures`.
    init(reading reader: inout TextReader) throws(StatementError) {
        var keys: [WitnessKey] = []
        repeat {
            let value = try reader.value("witness")
            if keys.isEmpty, value.elementsEqual("none".utf8) {
                self = .none
                return
            }
            guard let text = String(validating: value, as: UTF8.self), let key = WitnessKey(vkey: text) else {
                throw reader.error("witness", Self.isOfLaterType(value) ? .unsupported : .malformed)
            }
            keys.append(key)
        } while reader.isNext("witness") && keys.count <= Self.maximumCount
        let demanded = try reader.integer("cosignatures")
        guard let policy = WitnessPolicy(keys, demanded: demanded) else { throw reader.error("cosignatures") }
        self = policy
    }

    /// Whether it has the form of a vkey whose type is another than ours: a later version's.
    private static func isOfLaterType(_ value: ArraySlice<UInt8>) -> Bool {
        let parts = value.split(separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let name = String(validating: parts[0], as: UTF8.self), SignedNote.isKeyName(name),
            parts[1].count == 8, parts[1].allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
            let type = Base64.decode(parts[2])?.first
        else { return false }
        return type != WitnessKey.type
    }

    func write(to writer: inout TextWriter) {
        guard !keys.isEmpty else { return writer.line("witness", "none") }
        for key in keys { writer.line("witness", key.vkey) }
        writer.line("cosignatures", demanded)
    }
}
