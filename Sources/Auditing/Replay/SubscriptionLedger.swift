import Statements

/// Over what pages can reach a device, as the events tell it. A device may have several subscriptions over one transport.
struct SubscriptionLedger {
    private struct Route: Hashable {
        let device: DeviceID
        let transport: PageTransport
    }

    private struct Standing {
        var live: UInt64 = 0
        var isProven = false
        /// When one of them ended.
        var ended: Timestamp?
    }

    private var standings: [Route: Standing] = [:]

    init() {}

    /// - Returns: Whether this can be: nothing is proven, removed or dropped that was not added.
    mutating func note(
        _ change: SubscriptionChange, _ transport: PageTransport, of device: DeviceID, at time: Timestamp
    ) -> Bool {
        let route = Route(device: device, transport: transport)
        var standing = standings[route] ?? Standing()
        defer { standings[route] = standing }
        switch change {
        case .added: standing.live += 1
        case .proven:
            guard standing.live > 0 else { return false }
            standing.isProven = true
        case .removed, .dropped:
            guard standing.live > 0 else { return false }
            standing.live -= 1
            standing.ended = time
        }
        return true
    }

    /// Whether a page that was noted at `time` can have gone this way.
    /// - Parameter milliseconds: How long an attempt and its event may take.
    func reaches(
        _ device: DeviceID, over transport: PageTransport, at time: Timestamp, within milliseconds: Int64
    ) -> Bool {
        guard let standing = standings[Route(device: device, transport: transport)], standing.isProven else {
            return false
        }
        return standing.live > 0 || standing.ended.map { time.milliseconds(since: $0) <= milliseconds } ?? false
    }

    /// Whether pages can reach a device at all.
    func reaches(_ device: DeviceID) -> Bool {
        PageTransport.allCases.contains { transport in
            standings[Route(device: device, transport: transport)].map { $0.isProven && $0.live > 0 } ?? false
        }
    }

    // MARK: Storing

    func write(to writer: inout RecordWriter) {
        writer.put(standings) { writer, standing in
            writer.put(standing.key.device)
            writer.put(standing.key.transport.rawValue)
            writer.put(standing.value.live)
            writer.put(standing.value.isProven)
            writer.put(standing.value.ended) { $0.put($1) }
        }
    }

    init(from reader: inout RecordReader) throws(AuditError) {
        let standings = try reader.list { (reader) throws(AuditError) in
            (
                Route(device: try reader.identifier(), transport: try reader.word()),
                Standing(
                    live: try reader.integer(), isProven: try reader.flag(),
                    ended: try reader.optional { (reader) throws(AuditError) in try reader.time() })
            )
        }
        self.standings = Dictionary(standings, uniquingKeysWith: { first, _ in first })
    }
}
