import ArgumentParser
import DeviceKit
import DeviceStorage
import Foundation
import Statements

/// What a long history costs `nightbell inbox`, as a person waits for it: the whole process, with a relay that answers.
struct InboxListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inbox",
        abstract:
            "The time of \"nightbell inbox\" with one stored message and with many, beside a plain read of the store.")

    @Option(help: "Stored messages.")
    var messages = 10_000

    @Option(help: "How often each command is run.")
    var rounds = 15

    func run() async throws {
        let relay = try await RelayProcess()
        defer { relay.stop() }
        let people = BenchPeople(relay)
        try people.found()
        try people.sendOne()
        let doctor = people.profile("doctor")
        let few = try time { try people.run("doctor", ["--json", "inbox"]) }
        try fill(doctor, key: people.key("doctor"))
        let many = try time { try people.run("doctor", ["--json", "inbox"]) }
        let table = try time { try people.run("doctor", ["inbox"]) }
        let status = try time { try people.run("doctor", ["--json", "status"]) }
        let nothing = try time { try people.run("doctor", ["help", "exit-codes"]) }
        let path = doctor + "/store.sqlite"
        let plain = try time { _ = try Data(contentsOf: URL(fileURLWithPath: path)).reduce(0, &+) }
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        print(
            """
            nightbell inbox, whole process, median of \(rounds)
              a process that only starts     \(milliseconds(nothing)) ms
              1 stored message               \(milliseconds(few)) ms
              \(messages) stored messages \(milliseconds(many)) ms, \(rounded(many / few, 2)) times; aim under 150 ms
                as a table                   \(milliseconds(table)) ms
              status, with as many           \(milliseconds(status)) ms
              reading the store's \(size >> 20) MiB  \(milliseconds(plain)) ms: the list takes \(rounded((many - few) / plain, 2)) times that
            """)
    }

    /// The median, in seconds.
    private func time(_ body: () throws -> Void) throws -> Double {
        let samples = Samples()
        for _ in 0..<max(1, rounds) {
            let start = ContinuousClock.now
            try body()
            samples.add(ContinuousClock.now - start)
        }
        return samples.median
    }

    /// Repeats the one message, with its receipts and its lines of the step log, as often as was asked for.
    private func fill(_ directory: String, key: String) throws {
        let profile = try Profile.open(directory, unlock: .keyFile(key))
        try profile.store.step { store in
            guard let model = try store.messages().first, let receipt = try store.receipts(on: model.id).first,
                let proof = receipt.proof
            else { throw BenchFailure.receiptRefused }
            let lines = try store.steps().compactMap { StepLine(parsing: $0.line) }.filter { $0.message != nil }
            var number = receipt.number
            for index in 1..<UInt64(max(1, messages)) {
                let message = MessageID.make(at: Timestamp(milliseconds: model.received + Int64(index)))
                _ = try store.add(
                    MessageRow(
                        id: message.description, number: model.number + index,
                        received: model.received + Int64(index), state: model.state, urgency: model.urgency,
                        summary: model.summary, envelope: model.envelope, content: model.content, details: model.details
                    ))
                for action in ["delivered", "read", "closed"] {
                    number += 1
                    try store.add(
                        ReceiptRow(
                            number: number, message: message.description, action: action, hash: receipt.hash,
                            steps: receipt.steps, note: receipt.note, index: number, proof: proof))
                }
                let notes = lines.map {
                    StepNote(
                        step: $0.step, message: message, microseconds: $0.microseconds, established: $0.established)
                }
                try StepLog.append(notes, at: Timestamp.now(), to: store)
            }
        }
    }
}
