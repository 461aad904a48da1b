public import DeviceStorage
public import Secrets
public import Statements

/// The hash-chained log of what this device did, in the same transaction as what it records.
public enum StepLog {
    /// The hash of the last line; zeros while there is none.
    public static func head(in store: some StoreReading) throws -> Digest {
        try store.lastStep().flatMap { Digest($0.hash) } ?? .zero
    }

    /// Appends a line for each note.
    /// - Returns: The new head, and the lines.
    @discardableResult
    public static func append(
        _ notes: [StepNote], at time: Timestamp, to store: StoreStep
    ) throws -> (head: Digest, lines: [StepLine]) {
        let last = try store.lastStep()
        var number = last?.number ?? 0
        var head = last.flatMap { Digest($0.hash) } ?? .zero
        var lines: [StepLine] = []
        for note in notes {
            number += 1
            let line = StepLine(
                number: number, previous: head, at: time, step: note.step, message: note.message,
                microseconds: note.microseconds, established: note.established)
            let bytes = line.bytes
            head = Digest.sha256(bytes)
            try store.add(StepRow(number: number, line: bytes, hash: head.bytes))
            lines.append(line)
        }
        return (head, lines)
    }
}
