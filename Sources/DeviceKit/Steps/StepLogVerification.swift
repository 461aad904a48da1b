public import DeviceStorage
import Foundation
import Secrets
public import Statements

/// What `steps --verify` found.
public struct StepLogVerification: Sendable {
    /// How many lines hang together from the first.
    public let lines: UInt64
    /// How many receipts name a head that existed, in order.
    public let receipts: UInt64
    /// What is wrong, in words; empty when everything holds.
    public let faults: [String]

    public var holds: Bool { faults.isEmpty }

    /// Checks the chain line by line, then that each of the device's receipts names a head that the log had, none
    /// earlier than the receipt before.
    public init(of store: some StoreReading, copy: [UInt8] = []) throws {
        self.init(lines: try store.steps().map(\.line), receipts: try store.receipts().map(\.note), copy: copy)
    }

    /// The same for lines and receipt notes from anywhere.
    /// - Parameter copy: The plain copy, `steps.ndjson`: every line of it must be the same line of the log.
    public init(lines: [[UInt8]], receipts: [[UInt8]], copy: [UInt8] = []) {
        var faults = Self.faults(ofCopy: copy, lines: lines)
        var places: [Digest: UInt64] = [:]
        var previous = Digest.zero
        var checked: UInt64 = 0
        for bytes in lines {
            let number = checked + 1
            guard let line = StepLine(parsing: bytes) else {
                faults.append("line \(number) is not a line of a step log")
                break
            }
            guard line.number == number, line.previous == previous else {
                faults.append("line \(number) does not follow the line before it")
                break
            }
            previous = Digest.sha256(bytes)
            places[previous] = number
            checked = number
        }
        var last: UInt64 = 0
        var lastReceipt: UInt64 = 0
        for note in receipts {
            guard let signed = try? SignedNote(parsing: note), let receipt = try? Receipt(parsing: signed.text) else {
                faults.append("receipt \(lastReceipt + 1) cannot be read")
                break
            }
            guard let place = places[receipt.steps] else {
                faults.append("receipt \(receipt.number) names a step log that this is not")
                continue
            }
            if place < last { faults.append("receipt \(receipt.number) names an earlier line than the one before it") }
            last = place
            lastReceipt = receipt.number
        }
        self.lines = checked
        self.receipts = lastReceipt
        self.faults = faults
    }

    /// The first line of the copy that is not the log's. A line without its end is one that is being written.
    private static func faults(ofCopy copy: [UInt8], lines: [[UInt8]]) -> [String] {
        let copied = copy.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
        let wrong = copied.enumerated().first { number, line in
            number >= lines.count || !line.elementsEqual(lines[number])
        }
        guard let wrong else { return [] }
        return [
            "line \(wrong.offset + 1) of steps.ndjson is not what this device has recorded; remove the file, and the next "
                + "command writes it anew"
        ]
    }
}

extension Profile {
    /// The step log's lines, in order.
    public func steps() throws -> [StepLine] {
        try store.look { try $0.steps() }.compactMap { StepLine(parsing: $0.line) }
    }

    /// The step log's last lines, at most `limit`, in order.
    public func lastSteps(limit: Int) throws -> [StepLine] {
        try store.look { try $0.lastSteps(limit: limit) }.compactMap { StepLine(parsing: $0.line) }
    }

    /// The step log's lines about a message, in order.
    public func steps(about message: MessageID) throws -> [StepLine] {
        try store.look { try $0.steps(naming: message.description) }.compactMap { StepLine(parsing: $0.line) }
            .filter { $0.message == message }
    }

    /// Checks the chain, this device's receipts against it, and that the copy which people read says the same.
    public func verifySteps() throws -> StepLogVerification {
        // The copy first: what another command adds meanwhile is in the store when the copy has it.
        let copy = FileManager.default.contents(atPath: directory + "/steps.ndjson").map { [UInt8]($0) } ?? []
        return try store.look { try StepLogVerification(of: $0, copy: copy) }
    }
}
