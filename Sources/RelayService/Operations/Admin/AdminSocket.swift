public import Logging
import NIOCore
import NIOPosix
public import ServiceLifecycle
import Synchronization
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Answers the operator's commands while the relay runs: `check` and `founding-code` ask here, so that no second process
/// ever opens the database.
///
/// A Unix socket, 0600 in the data directory of mode 0700, and answers only the relay's own user and root, whom the
/// kernel names. A connection carries one request line of at most 4 KiB within five seconds, and one answer line. At most
/// eight at a time. The socket's file is removed at the end; what a crash leaves is replaced at the next start, which is
/// safe because the data directory is locked.
public struct AdminSocket: Service, CustomStringConvertible {
    /// 4,096 bytes.
    static let maximumRequestByteCount = 4096
    /// 65,536 bytes.
    static let maximumResponseByteCount = 65_536
    /// 8.
    static let maximumConnections = 8

    typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private let path: FilePath
    private let logger: Logger
    private let readTimeout: TimeAmount
    private let owner: UInt32
    private let onRunning: @Sendable () async -> Void
    private let handler: @Sendable (AdminRequest) async -> AdminResponse

    /// - Parameters:
    ///   - path: ``DataDirectory/adminSocket``.
    ///   - handler: Does what is asked. May take as long as it needs; the asking command waits.
    public init(
        path: FilePath, logger: Logger, handler: @escaping @Sendable (AdminRequest) async -> AdminResponse
    ) {
        self.init(
            path: path, logger: logger, readTimeout: .seconds(5), owner: geteuid(), onRunning: {}, handler: handler)
    }

    init(
        path: FilePath, logger: Logger, readTimeout: TimeAmount, owner: UInt32,
        onRunning: @escaping @Sendable () async -> Void,
        handler: @escaping @Sendable (AdminRequest) async -> AdminResponse
    ) {
        self.path = path
        self.logger = logger
        self.readTimeout = readTimeout
        self.owner = owner
        self.onRunning = onRunning
        self.handler = handler
    }

    public var description: String { "admin socket" }

    public func run() async throws {
        let server = try await bind()
        defer { try? DurableFile.remove(path) }
        guard unsafe chmod(path.string, 0o600) == 0 else {
            throw DurableFile.unusable("protect", path, Errno(rawValue: errno))
        }
        await onRunning()
        let open = ConnectionCount()
        try await server.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections.cancelOnGracefulShutdown() {
                    guard open.enter(limit: Self.maximumConnections) else {
                        connection.close(promise: nil)
                        continue
                    }
                    group.addTask {
                        defer { open.leave() }
                        await serve(connection)
                    }
                }
            }
        }
    }

    /// Accepted channels come bare, and are not read yet: a `NIOAsyncChannel` that is accepted while the relay stops, and
    /// so never served, would end the process.
    private func bind() async throws -> NIOAsyncChannel<any Channel, Never> {
        do {
            return try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .childChannelOption(.autoRead, value: false)
                .bind(unixDomainSocketPath: path.string, cleanupExistingSocketFile: true) { channel in
                    channel.eventLoop.makeSucceededFuture(channel)
                }
        } catch SocketAddressError.unixDomainSocketPathTooLong {
            throw Self.pathTooLong(path)
        } catch {
            throw DurableFile.unusable(
                "listen on", path, (error as? IOError).map { Errno(rawValue: $0.errnoCode) } ?? error)
        }
    }

    private func serve(_ channel: any Channel) async {
        do {
            guard Self.permits(try await Self.peerUser(of: channel), owner: owner) else {
                logger.warning("admin socket refused another user")
                return try await channel.close()
            }
            let connection = try await channel.eventLoop.submit {
                try Connection(wrappingChannelSynchronously: channel)
            }
            .get()
            try await connection.executeThenClose { inbound, outbound in
                let deadline = channel.eventLoop.scheduleTask(in: readTimeout) { channel.close(promise: nil) }
                defer { deadline.cancel() }
                try await channel.setOption(.autoRead, value: true).get()
                guard let line = try await Self.line(from: inbound, limit: Self.maximumRequestByteCount) else { return }
                deadline.cancel()
                let response = await respond(to: line)
                try await outbound.write(ByteBuffer(bytes: response.line()))
            }
        } catch {
            // The other side went away, or did not speak in time.
            logger.debug("admin socket connection failed", error: error)
        }
    }

    private func respond(to line: [UInt8]) async -> AdminResponse {
        guard let request = AdminRequest(parsing: line) else {
            return .refused(
                OperationsError(
                    .adminRefused, "the relay does not know this request",
                    next: "use a nightbell-relay of the version that serves"))
        }
        logger.notice("admin request", metadata: ["nb.admin.request": .string(request.rawValue)])
        return await handler(request)
    }

    /// Whether a user may ask: the relay's own, and root.
    static func permits(_ user: UInt32?, owner: UInt32) -> Bool { user == owner || user == 0 }

    /// The user at the other end of a Unix socket, as the kernel knows it; `nil` when it does not say.
    static func peerUser(of channel: any Channel) async throws -> UInt32? {
        #if os(Linux)
            // struct ucred, which glibc shows only to GNU sources.
            struct Credentials: Sendable {
                var process: Int32 = 0
                var user: UInt32 = .max
                var group: UInt32 = .max
            }
            guard let provider = channel as? any SocketOptionProvider else { return nil }
            let peer: Credentials = try await provider.unsafeGetSocketOption(
                level: .socket, name: .init(rawValue: SO_PEERCRED)
            ).get()
            return peer.user
        #else
            // Where the kernel does not name the peer this way, the directory's mode is the fence.
            return geteuid()
        #endif
    }

    /// The bytes before the first line feed; `nil` when the other side ends or exceeds the limit before it.
    static func line(from inbound: NIOAsyncChannelInboundStream<ByteBuffer>, limit: Int) async throws -> [UInt8]? {
        var bytes: [UInt8] = []
        for try await part in inbound {
            bytes += Array(part.readableBytesView)
            if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) { return end <= limit ? Array(bytes[..<end]) : nil }
            guard bytes.count <= limit else { return nil }
        }
        return nil
    }

    static func pathTooLong(_ path: FilePath) -> OperationsError {
        OperationsError(
            .fileUnusable,
            "the path of the admin socket \"\(path)\" is longer than the 107 bytes that a socket may have",
            next: "move the data directory to a shorter path")
    }
}

/// How many connections are open.
private final class ConnectionCount: Sendable {
    private let count = Mutex(0)

    func enter(limit: Int) -> Bool {
        count.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
    }

    func leave() { count.withLock { $0 -= 1 } }
}
