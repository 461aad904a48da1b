import AuditStorage
import Auditing
import Foundation
import Secrets
import Synchronization
import Testing

/// Remembers what a profile does, and all that it was ever told.
final class Marks: AuditStoreMemory {
    private let told = Mutex<[[[UInt8]]]>([])

    /// Everything that was to be remembered, the newest last.
    var history: [[[UInt8]]] {
        get { told.withLock { $0 } }
        set { told.withLock { $0 = newValue } }
    }

    func marks() -> [[UInt8]] { history.last ?? [] }
    func remember(_ marks: [[UInt8]]) { told.withLock { $0.append(marks) } }
}

/// A folder that goes with the test.
final class Folder {
    let path = NSTemporaryDirectory() + "nightbell-audit-store-\(UUID().uuidString)"
    let key: [UInt8] = randomBytes(32)
    let marks = Marks()
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func store() throws -> SQLiteAuditStore {
        try SQLiteAuditStore(folder: path, key: SecretBytes(copying: key), memory: marks)
    }

    var file: String { path + "/audit.sqlite" }
}

/// What every store of an audit does.
@Suite struct AuditStoreTests {
    enum Kind: CaseIterable { case memory, sqlite }

    /// - Parameter body: Gets the same store opened anew each time that it asks.
    private func with(_ kind: Kind, _ body: (() throws -> any AuditStore) throws -> Void) throws {
        switch kind {
        case .memory:
            let store = MemoryAuditStore(isKept: true)
            try body {
                store.crash()
                return store
            }
        case .sqlite:
            let folder = Folder()
            try body { try folder.store() }
        }
    }

    @Test(arguments: Kind.allCases)
    func whatWasCommittedIsThereAndNothingElse(_ kind: Kind) throws {
        try with(kind) { open in
            var store: (any AuditStore)? = try open()
            #expect(try store?.value(.replay) == nil)
            try store?.set([1, 2], as: .replay)
            try store?.set([9], of: 3)
            try store?.commit()
            try store?.set([3], as: .replay)
            try store?.set(nil, as: .findings)
            try store?.set([7], of: 4)
            #expect(try store?.value(.replay) == [3])
            #expect(try store?.entries(of: 4) == [7])
            // As if the process had been killed here.
            store = nil
            store = try open()
            #expect(try store?.value(.replay) == [1, 2])
            #expect(try store?.entries(of: 3) == [9])
            #expect(try store?.entries(of: 4) == nil)
            #expect(store?.isKept == true)
        }
    }

    @Test(arguments: Kind.allCases)
    func statementsAreFoundByTheirPrefixes(_ kind: Kind) throws {
        try with(kind) { open in
            let store = try open()
            let statements = (0..<300).map { StoredStatement(prefix: Int64($0 * 7), entry: UInt64($0)) }
            try store.add(statements + [StoredStatement(prefix: 7 * 299, entry: 1_000)])
            #expect(try store.statements(with: []) == [])
            #expect(try store.statements(with: [1, 2, 3]) == [])
            #expect(try store.statements(with: [14]) == [statements[2]])
            let all = try store.statements(with: (0..<256).map { Int64($0 * 7) })
            #expect(Set(all) == Set(statements[..<256]))
            // Two of one prefix are both kept.
            #expect(try store.statements(with: [7 * 299]).map(\.entry).sorted() == [299, 1_000])
        }
    }

    @Test(arguments: Kind.allCases)
    func messagesAreReplacedAndFoundByIdAndNumber(_ kind: Kind) throws {
        try with(kind) { open in
            let store = try open()
            let messages = (0..<5).map { number in
                StoredMessage(
                    number: number, id: Array(repeating: UInt8(number), count: 16), record: [UInt8(number), 1])
            }
            for message in messages { try store.set(message) }
            let changed = StoredMessage(number: 3, id: messages[3].id, record: [3, 2])
            try store.set(changed)
            #expect(try store.messages(with: [messages[3].id, Array(repeating: 9, count: 16)]) == [changed])
            #expect(try store.messages(from: 2, limit: 2) == [messages[2], changed])
            #expect(try store.messages(from: 4, limit: 9) == [messages[4]])
            #expect(try store.messages(from: 5, limit: 9) == [])
        }
    }

    @Test(arguments: Kind.allCases)
    func looksAreAddedAndReadInStretches(_ kind: Kind) throws {
        try with(kind) { open in
            var store: (any AuditStore)? = try open()
            let looks = (0..<600).map { StoredAccess(number: $0, record: [UInt8($0 % 251), 7]) }
            try store?.add(Array(looks[..<300]))
            try store?.commit()
            try store?.add(Array(looks[300...]))
            #expect(try store?.accesses(from: 0, limit: 1_000) == looks)
            #expect(try store?.accesses(from: 298, limit: 4) == Array(looks[298..<302]))
            #expect(try store?.accesses(from: 600, limit: 4) == [])
            // As if the process had been killed here.
            store = nil
            store = try open()
            #expect(try store?.accesses(from: 0, limit: 1_000) == Array(looks[..<300]))
            try store?.reset()
            #expect(try store?.accesses(from: 0, limit: 1_000) == [])
        }
    }

    @Test(arguments: Kind.allCases)
    func whatWaitsAndWhatIsQueuedIsKeptByDevice(_ kind: Kind) throws {
        try with(kind) { open in
            let store = try open()
            for number in [5, 2, 9] { try store.set(number, isWaiting: true, for: [1]) }
            try store.set(5, isWaiting: true, for: [2])
            try store.set(2, isWaiting: false, for: [1])
            #expect(try store.messages(waitingFor: [1]) == [5, 9])
            #expect(try store.messages(waitingFor: [2]) == [5])
            #expect(try store.messages(waitingFor: [3]) == [])
            let parts = [StoredQueuePart(first: 0, record: [1]), StoredQueuePart(first: 4, record: [2])]
            for part in parts { try store.add(part, to: [1]) }
            #expect(try store.queue(of: [1]) == parts)
            #expect(try store.queue(of: [2]) == [])
        }
    }

    @Test(arguments: Kind.allCases)
    func aResetIsACommitLikeAnyOther(_ kind: Kind) throws {
        try with(kind) { open in
            var store: (any AuditStore)? = try open()
            try store?.set([1], as: .kept)
            try store?.set(StoredMessage(number: 0, id: [1], record: [1]))
            try store?.commit()
            try store?.reset()
            #expect(try store?.value(.kept) == nil)
            store = nil
            store = try open()
            #expect(try store?.value(.kept) == [1])
            try store?.reset()
            try store?.commit()
            store = nil
            store = try open()
            #expect(try store?.value(.kept) == nil)
            #expect(try store?.messages(from: 0, limit: 1) == [])
        }
    }
}
