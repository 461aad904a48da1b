import NIOCore
import NIOPosix
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The operator's side of the admin socket.
public enum AdminClient {
    /// Asks the relay that serves a data directory.
    /// - Parameters:
    ///   - path: ``DataDirectory/adminSocket``.
    ///   - timeout: How long to wait for the answer; `check` reads every entry that there is.
    /// - Returns: The answer; what the relay refuses is thrown.
    /// - Throws: ``OperationsError/Code/relayNotRunning`` when nobody listens,
    ///   ``OperationsError/Code/adminUnanswered`` when no answer came, or the relay's own refusal.
    public static func ask(
        _ request: AdminRequest, at path: FilePath, timeout: Duration
    ) async throws(OperationsError) -> AdminResponse {
        let connection = try await connect(path)
        let channel = connection.channel
        let answer: AdminResponse?
        do {
            answer = try await connection.executeThenClose { inbound, outbound in
                let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) { channel.close(promise: nil) }
                defer { deadline.cancel() }
                try await outbound.write(ByteBuffer(bytes: request.line))
                return try await AdminSocket.line(from: inbound, limit: AdminSocket.maximumResponseByteCount)
                    .flatMap(AdminResponse.init(parsing:))
            }
        } catch {
            answer = nil
        }
        switch answer {
        case .refused(let error): throw error
        case .some(let answer): return answer
        case nil:
            throw OperationsError(
                .adminUnanswered, "the relay did not answer on \"\(path)\"",
                next: "try again; the relay's log says why if it goes on")
        }
    }

    /// Connects, or says why not.
    static func connect(_ path: FilePath) async throws(OperationsError) -> AdminSocket.Connection {
        do {
            return try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(unixDomainSocketPath: path.string) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try AdminSocket.Connection(wrappingChannelSynchronously: channel)
                    }
                }
        } catch SocketAddressError.unixDomainSocketPathTooLong {
            throw AdminSocket.pathTooLong(path)
        } catch let error as IOError where error.errnoCode == ENOENT || error.errnoCode == ECONNREFUSED {
            throw OperationsError(
                .relayNotRunning, "no relay serves \"\(path.removingLastComponent())\"",
                next: "start it with: nightbell-relay serve --data \(path.removingLastComponent())")
        } catch {
            throw DurableFile.unusable(
                "connect to", path, (error as? IOError).map { Errno(rawValue: $0.errnoCode) } ?? error)
        }
    }
}
