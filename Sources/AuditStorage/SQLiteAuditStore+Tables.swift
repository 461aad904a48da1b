public import Auditing

extension SQLiteAuditStore {
    /// Chunks have as many pages as there are: more than any log's are none of a log.
    private static let chunkLimit: UInt64 = 1 << 40
    /// How many looks a page holds.
    private static let pageLooks = 64

    // MARK: Values

    public func value(_ name: AuditStoreValue) throws(AuditError) -> [UInt8]? {
        try read { pages, database in try pages.read(Self.page(of: name), database) }
    }

    public func set(_ value: [UInt8]?, as name: AuditStoreValue) throws(AuditError) {
        try write { pages, database in
            if let value {
                try pages.write(value, Self.page(of: name), database)
            } else {
                try pages.remove(Self.page(of: name), database)
            }
        }
    }

    private static func page(of name: AuditStoreValue) -> PageID {
        let number =
            switch name {
            case .kept: 0
            case .findings: 1
            case .replay: 2
            }
        return PageID(.values, number)
    }

    // MARK: Entries

    public func entries(of chunk: UInt64) throws(AuditError) -> [UInt8]? {
        guard chunk < Self.chunkLimit else { return nil }
        return try read { pages, database in try pages.read(PageID(.chunks, Int(chunk)), database) }
    }

    public func set(_ entries: [UInt8], of chunk: UInt64) throws(AuditError) {
        guard chunk < Self.chunkLimit else { throw AuditError(.storeUnusable, "chunk \(chunk)") }
        try write { pages, database in try pages.write(entries, PageID(.chunks, Int(chunk)), database) }
    }

    // MARK: Statements

    public func add(_ statements: [StoredStatement]) throws(AuditError) {
        try write { pages, database in
            for statement in statements { pages.statements.add(statement.prefix, statement.entry) }
            if pages.statements.isFull { try pages.writeStatements(database) }
        }
    }

    public func statements(with prefixes: [Int64]) throws(AuditError) -> [StoredStatement] {
        guard !prefixes.isEmpty else { return [] }
        return try read { pages, database in
            try pages.statements.find(prefixes, in: pages, database)
                .map { StoredStatement(prefix: $0.prefix, entry: $0.number) }
        }
    }

    // MARK: Messages

    public func set(_ message: StoredMessage) throws(AuditError) {
        try write { pages, database in try pages.set(message, database) }
    }

    public func messages(with ids: [[UInt8]]) throws(AuditError) -> [StoredMessage] {
        guard !ids.isEmpty else { return [] }
        return try read { pages, database in try pages.messages(with: Set(ids), database) }
    }

    public func messages(from number: Int, limit: Int) throws(AuditError) -> [StoredMessage] {
        try read { pages, database in try pages.messages(from: number, limit: limit, database) }
    }

    // MARK: Looks

    public func add(_ accesses: [StoredAccess]) throws(AuditError) {
        try write { pages, database in
            var rest = accesses[...]
            while let first = rest.first {
                let page = PageID(.looks, first.number / Self.pageLooks)
                let place = first.number % Self.pageLooks
                let before = try pages.read(page, database) ?? []
                // They come in the order of the log: one that is missing before this one was taken away.
                guard try Self.looks(before).count == place else { throw AuditError.changedPage }
                let added = rest.prefix(Self.pageLooks - place)
                var writer = FixedBytesWriter(before, adding: added.reduce(0) { $0 + $1.record.count + 8 })
                for access in added { writer.put(access.record) }
                try pages.write(writer.bytes, page, database)
                rest = rest.dropFirst(added.count)
            }
        }
    }

    public func accesses(from number: Int, limit: Int) throws(AuditError) -> [StoredAccess] {
        try read { pages, database in
            var found: [StoredAccess] = []
            while found.count < limit {
                let next = number + found.count
                guard let bytes = try pages.read(PageID(.looks, next / Self.pageLooks), database) else { break }
                let records = try Self.looks(bytes).dropFirst(next % Self.pageLooks).prefix(limit - found.count)
                guard !records.isEmpty else { break }
                for record in records { found.append(StoredAccess(number: number + found.count, record: record)) }
            }
            return found
        }
    }

    private static func looks(_ bytes: [UInt8]) throws(AuditError) -> [[UInt8]] {
        var reader = FixedBytesReader(bytes)
        var looks: [[UInt8]] = []
        while !reader.isAtEnd { looks.append(try reader.run()) }
        return looks
    }

    // MARK: Waiting

    public func set(_ message: Int, isWaiting: Bool, for device: [UInt8]) throws(AuditError) {
        try write { pages, database in try pages.set(message, isWaiting: isWaiting, for: device, database) }
    }

    public func messages(waitingFor device: [UInt8]) throws(AuditError) -> [Int] {
        try read { pages, database in try pages.messages(waitingFor: device, database) }
    }

    // MARK: Queues

    public func add(_ part: StoredQueuePart, to device: [UInt8]) throws(AuditError) {
        try write { pages, database in
            let slot = pages.makeSlot(of: device)
            try pages.add(part, to: slot, database)
        }
    }

    public func queue(of device: [UInt8]) throws(AuditError) -> [StoredQueuePart] {
        try read { pages, database in
            guard let slot = pages.directory.slot(of: device) else { return [] }
            var parts: [StoredQueuePart] = []
            var end = pages.directory[partEndOf: slot]
            while end > 0 {
                guard let bytes = try pages.read(PageID(.queues, end - 1), database) else {
                    throw AuditError.changedPage
                }
                var reader = FixedBytesReader(bytes)
                end = try reader.count()
                parts.append(StoredQueuePart(first: try reader.number(), record: try reader.run()))
            }
            return parts.reversed()
        }
    }
}
