import PushDelivery
import Statements

/// A witness that the operator named: whose cosignatures the relay asks for, and where.
struct ConfiguredWitness: Hashable, Sendable {
    let key: WitnessKey
    /// `https://host[:port]`.
    let origin: String
    /// The submission prefix: a path without a slash at its end, or nothing.
    let prefix: String
}

/// The file that names witnesses: lines of a C2SP tlog-policy (c2sp.org/tlog-policy).
///
/// Only `witness NAME VKEY URL` says something to a relay; `#` begins a comment. How many cosignatures are demanded stands in
/// the roster, so `log`, `group` and `quorum` lines, which a file for other tools may have, are passed over.
struct WitnessFile {
    /// 16.
    static let maximumCount = 16
    /// 64 KiB.
    static let maximumByteCount = 65_536

    /// Which line is none.
    struct Malformed: Error {
        let line: Int
        let why: String
    }

    let witnesses: [ConfiguredWitness]

    init(parsing bytes: [UInt8]) throws(Malformed) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Malformed(line: 1, why: "it is not UTF-8")
        }
        var witnesses: [ConfiguredWitness] = []
        // By scalars: CR LF is one character, and a mark at the beginning of a name joins the blank in front of it to one.
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() {
            func malformed(_ why: String) -> Malformed { Malformed(line: number + 1, why: why) }
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" }).map { String($0) }
            guard let first = words.first, !first.utf8.starts(with: "#".utf8) else { continue }
            switch first {
            case "log", "group", "quorum": continue
            case "witness":
                guard words.count == 4 else { throw malformed("a witness has a name, a vkey and a URL") }
                guard let key = WitnessKey(vkey: words[2]) else {
                    throw malformed("the vkey is none of a witness (type 0x04)")
                }
                guard let witness = Self.witness(key, words[3]) else {
                    throw malformed("the URL is not https://HOST[:PORT][/PATH]")
                }
                guard !witnesses.contains(where: { $0.key.key == key.key }) else {
                    throw malformed("a key is named twice")
                }
                guard witnesses.count < Self.maximumCount else { throw malformed("more than 16 witnesses") }
                witnesses.append(witness)
            default: throw malformed("it begins with no word of a policy")
            }
        }
        self.witnesses = witnesses
    }

    private static func witness(_ key: WitnessKey, _ url: String) -> ConfiguredWitness? {
        let text = url.hasSuffix("/") ? String(url.dropLast()) : url
        guard !text.contains("?"), let endpoint = try? PushEndpoint(parsing: text + "/") else { return nil }
        return ConfiguredWitness(key: key, origin: endpoint.origin, prefix: String(endpoint.path.dropLast()))
    }
}
