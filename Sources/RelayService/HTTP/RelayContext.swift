import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// What a request carries along: where it came from.
struct RelayContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The peer's address without port, for limits; never logged.
    let address: String

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        address = source.channel.remoteAddress?.ipAddress ?? "unknown"
    }
}
