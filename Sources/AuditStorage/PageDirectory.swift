import Auditing
import Secrets

/// Where a page stands.
struct PageID: Hashable {
    enum Space: Int, CaseIterable {
        /// One a value.
        case values
        /// One a chunk.
        case chunks
        /// By the first bits of their prefixes.
        case statements
        /// Eight messages each.
        case messages
        /// Numbers of messages, by the first bits of a hash of their ids.
        case ids
        /// 64 looks each.
        case looks
        /// One a device.
        case waiting
        /// One a part of a queue, in the order in which they were added.
        case queues
    }

    let space: Space
    let number: Int

    init(_ space: Space, _ number: Int) {
        self.space = space
        self.number = number
    }

    var row: Int64 { Int64(space.rawValue + 1) << 48 | Int64(number) }
}

/// The version of every page: what is said to stand in a place stands there, or the file was changed; of what is not said to
/// stand anywhere, it is known that there is none.
///
/// Eight bytes a page: half a megabyte for two million entries. It is sealed as a whole into the file's root with every commit.
struct PageDirectory {
    /// What is kept of a device.
    private struct Device {
        let name: [UInt8]
        /// The number of the newest part of its queue, and one: 0 when there is none.
        var partEnd = 0
    }

    /// 16: of the salt under which ids are hashed.
    private static let saltByteCount = 16

    /// Nobody who makes ids knows it: none can make many that meet in one page.
    let salt: [UInt8]
    private var versions: [[UInt64]]
    private var devices: [Device] = []
    private var slots: [[UInt8]: Int] = [:]

    init() {
        salt = randomBytes(Self.saltByteCount)
        versions = PageID.Space.allCases.map { _ in [] }
    }

    /// A page's version; 0 when there is no such page.
    subscript(_ page: PageID) -> UInt64 {
        get { page.number < versions[page.space.rawValue].count ? versions[page.space.rawValue][page.number] : 0 }
        set {
            let missing = page.number + 1 - versions[page.space.rawValue].count
            if missing > 0 { versions[page.space.rawValue] += Array(repeating: 0, count: missing) }
            versions[page.space.rawValue][page.number] = newValue
        }
    }

    /// Behind the last page of a space.
    func end(of space: PageID.Space) -> Int { versions[space.rawValue].count }

    // MARK: Devices

    func slot(of device: [UInt8]) -> Int? { slots[device] }

    mutating func makeSlot(of device: [UInt8]) -> Int {
        if let slot = slots[device] { return slot }
        slots[device] = devices.count
        devices.append(Device(name: device))
        return devices.count - 1
    }

    /// The number of the newest part of a device's queue, and one; 0 when there is none.
    subscript(partEndOf slot: Int) -> Int {
        get { devices[slot].partEnd }
        set { devices[slot].partEnd = newValue }
    }

    // MARK: Root

    var root: [UInt8] {
        var writer = FixedBytesWriter(salt, adding: 8 * versions.reduce(0) { $0 + $1.count + 1 } + 64 * devices.count)
        for space in versions {
            writer.put(space.count)
            for version in space { writer.put(version) }
        }
        writer.put(devices.count)
        for device in devices {
            writer.put(device.name)
            writer.put(device.partEnd)
        }
        return writer.bytes
    }

    init(root: [UInt8]) throws(AuditError) {
        var reader = FixedBytesReader(root)
        salt = try reader.take(Self.saltByteCount)
        versions = []
        for _ in PageID.Space.allCases {
            let count = try reader.count()
            guard count <= reader.rest / 8 else { throw AuditError.changedPage }
            var space: [UInt64] = []
            space.reserveCapacity(count)
            for _ in 0..<count { space.append(try reader.number()) }
            versions.append(space)
        }
        for _ in 0..<(try reader.count()) {
            let name = try reader.run()
            slots[name] = devices.count
            devices.append(Device(name: name, partEnd: try reader.count()))
        }
        guard reader.isAtEnd else { throw AuditError.changedPage }
    }
}
