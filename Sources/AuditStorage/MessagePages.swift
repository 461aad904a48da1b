import Auditing
import GRDB
import Secrets

/// Messages, eight a page in the order of the log. Those that are near one another change together: a page is written once for
/// all of them.
struct MessagePages {
    fileprivate struct Held {
        var messages: [StoredMessage]
        var isChanged: Bool
    }

    /// Eight.
    fileprivate static let length = 8
    /// How many pages are held.
    fileprivate static let limit = 128

    fileprivate var held: [Int: Held] = [:]

    fileprivate static func bytes(of messages: [StoredMessage]) -> [UInt8] {
        var writer = FixedBytesWriter(adding: messages.reduce(0) { $0 + $1.record.count + 32 })
        for message in messages {
            writer.put(message.id)
            writer.put(message.record)
        }
        return writer.bytes
    }

    fileprivate static func messages(_ bytes: [UInt8], of page: Int) throws(AuditError) -> [StoredMessage] {
        var reader = FixedBytesReader(bytes)
        var messages: [StoredMessage] = []
        while !reader.isAtEnd {
            let number = page * length + messages.count
            messages.append(StoredMessage(number: number, id: try reader.run(), record: try reader.run()))
        }
        return messages
    }
}

extension Pages {
    /// Those of a page: none when there is no such page.
    private func stored(on page: Int, _ database: Database) throws -> [StoredMessage] {
        if let held = messages.held[page] { return held.messages }
        guard let bytes = try read(PageID(.messages, page), database) else { return [] }
        return try MessagePages.messages(bytes, of: page)
    }

    mutating func set(_ message: StoredMessage, _ database: Database) throws {
        let page = message.number / MessagePages.length
        let place = message.number % MessagePages.length
        if messages.held[page] == nil {
            if messages.held.count == MessagePages.limit { try writeMessages(database) }
            messages.held[page] = MessagePages.Held(
                messages: try stored(on: page, database), isChanged: false)
        }
        let count = messages.held[page]!.messages.count
        if place < count {
            messages.held[page]!.messages[place] = message
        } else {
            // They come in the order of the log: one that is missing before this one was taken away.
            guard place == count else { throw AuditError.changedPage }
            messages.held[page]!.messages.append(message)
            ids.add(prefix(of: message.id), UInt64(message.number))
            if ids.isFull { try writeIDs(database) }
        }
        messages.held[page]!.isChanged = true
    }

    func messages(with asked: Set<[UInt8]>, _ database: Database) throws -> [StoredMessage] {
        let pairs = try ids.find(asked.map { prefix(of: $0) }, in: self, database)
        var found: [StoredMessage] = []
        for number in Set(pairs.map { Int($0.number) }) {
            let page = try stored(on: number / MessagePages.length, database)
            guard number % MessagePages.length < page.count else { throw AuditError.changedPage }
            // The prefix is an index; the whole id decides.
            let message = page[number % MessagePages.length]
            if asked.contains(message.id) { found.append(message) }
        }
        return found
    }

    func messages(from number: Int, limit: Int, _ database: Database) throws -> [StoredMessage] {
        var found: [StoredMessage] = []
        var page = number / MessagePages.length
        while found.count < limit {
            let next = try stored(on: page, database).filter { $0.number >= number }
            guard !next.isEmpty else { break }
            found += next.prefix(limit - found.count)
            page += 1
        }
        return found
    }

    mutating func writeMessages(_ database: Database) throws {
        for (page, held) in messages.held.sorted(by: { $0.key < $1.key }) where held.isChanged {
            try write(MessagePages.bytes(of: held.messages), PageID(.messages, page), database)
        }
        messages.held = [:]
    }

    private func prefix(of id: [UInt8]) -> Int64 { Digest.sha256(directory.salt + id).prefix }
}
