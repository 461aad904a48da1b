import DeviceKit
import Statements

/// A file of a profile's folder `evidence`: what a device keeps of a finding.
struct KeptEvidence {
    /// The signed notes in it, as ``KeptHeads`` has them: each followed by an empty line.
    let heads: [UInt8]

    /// - Returns: `nil` for what is no such file, or holds no note.
    init?(parsing file: [UInt8]) {
        guard let document = try? JSONParser.parse(file), document["finding"]?.string != nil,
            case .object(let parts)? = document["parts"]
        else { return nil }
        let notes = parts.members.compactMap { $0.value.string.map { Array($0.utf8) } }
            .filter { (try? SignedNote(parsing: $0)) != nil }
        guard !notes.isEmpty else { return nil }
        heads = notes.flatMap { $0 + [UInt8(ascii: "\n")] }
    }
}
