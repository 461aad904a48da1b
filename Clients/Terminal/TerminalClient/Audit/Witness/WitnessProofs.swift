import Auditing
import DeviceKit
import Statements

/// What a witness convicted logs with, for whoever runs it.
struct WitnessProofs {
    private let folder: String
    private let names: [String]

    /// - Parameter state: The witness's folder.
    init(in state: String) {
        folder = state + "/evidence"
        names = WitnessFolder.evidence(state)
    }

    /// The files' names.
    var document: JSONValue { .array(names.map { .string($0) }) }

    /// Nothing where nobody was convicted.
    var lines: [String] {
        guard let first = names.first else { return [] }
        let place = SafeText.line(folder)
        return [
            "!! \(names.count.counted("proof")) that a log signed two histories, in \(place): nightbell audit compare \(place)/\(SafeText.line(first))"
        ]
    }
}
