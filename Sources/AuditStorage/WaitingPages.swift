import GRDB

/// Which messages wait for a device: one page a device, ascending.
struct WaitingPages {
    fileprivate struct Held {
        var numbers: [Int]
        var isChanged = false

        /// Where a number stands, or would.
        func place(of number: Int) -> Int {
            // Most often it is one of the newest.
            guard let last = numbers.last, last >= number else { return numbers.count }
            var (low, high) = (0, numbers.count - 1)
            while low < high {
                let middle = (low + high) / 2
                if numbers[middle] < number { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }

    /// How many devices' are held.
    fileprivate static let limit = 1_024

    fileprivate var held: [Int: Held] = [:]
}

extension Pages {
    /// Those of a device, which may be none.
    private func numbers(of slot: Int, _ database: Database) throws -> [Int] {
        if let held = waiting.held[slot] { return held.numbers }
        guard let bytes = try read(PageID(.waiting, slot), database) else { return [] }
        var reader = FixedBytesReader(bytes)
        var numbers: [Int] = []
        numbers.reserveCapacity(reader.rest / 8)
        while !reader.isAtEnd { numbers.append(try reader.count()) }
        return numbers
    }

    mutating func set(_ message: Int, isWaiting: Bool, for device: [UInt8], _ database: Database) throws {
        let slot = makeSlot(of: device)
        if waiting.held[slot] == nil {
            if waiting.held.count == WaitingPages.limit { try writeWaiting(database) }
            waiting.held[slot] = WaitingPages.Held(numbers: try numbers(of: slot, database))
        }
        let place = waiting.held[slot]!.place(of: message)
        let isThere = place < waiting.held[slot]!.numbers.count && waiting.held[slot]!.numbers[place] == message
        guard isThere != isWaiting else { return }
        if isWaiting {
            waiting.held[slot]!.numbers.insert(message, at: place)
        } else {
            waiting.held[slot]!.numbers.remove(at: place)
        }
        waiting.held[slot]!.isChanged = true
    }

    func messages(waitingFor device: [UInt8], _ database: Database) throws -> [Int] {
        guard let slot = directory.slot(of: device) else { return [] }
        return try numbers(of: slot, database)
    }

    mutating func writeWaiting(_ database: Database) throws {
        for (slot, held) in waiting.held where held.isChanged {
            var writer = FixedBytesWriter(adding: 8 * held.numbers.count)
            for number in held.numbers { writer.put(number) }
            try write(writer.bytes, PageID(.waiting, slot), database)
        }
        waiting.held = [:]
    }
}
