public import Logging
public import Statements
public import SystemPackage

/// Everything that an operator can set about a relay, checked as a whole before anything starts.
///
/// Each value comes from the first that sets it: a flag (`--limits-connections 500`), the environment
/// (`NIGHTBELL_RELAY_LIMITS_CONNECTIONS=500`), the data directory's `relay.yaml`, or the standard value. A malformed
/// value and an unknown name are refused wherever they stand. What each key means is said at its property, and in
/// the same words in the commented file that ``fileText(name:openFounding:)`` gives.
public struct RelayConfiguration: Sendable, Equatable {
    /// The directory that this configuration is for.
    public let data: DataDirectory
    /// `name`. Must be set; fixed for ever once an organisation is founded.
    public let name: RelayName
    /// `listen`. Where clients connect. Standard: 127.0.0.1 and the port of `name`.
    public let listen: ListenAddress
    /// `operations.listen`. Where `/health`, `/ready` and `/metrics` are served, in clear; `nil` for `off`, the standard.
    public let operations: ListenAddress?
    /// `tls.certificate`. PEM, the server's certificate first. Standard: `tls/server.pem` in the data directory.
    public let certificate: FilePath
    /// `tls.key`. PEM, 0600. Standard: `tls/server.key` in the data directory.
    public let certificateKey: FilePath
    /// `founding.open`. Whether callers on this machine may found organisations without a code. Standard: no.
    public let openFounding: Bool
    /// `head-lock`. The small file of heads, best on another disk. Standard: `head.lock` in the data directory.
    public let headLock: FilePath
    /// `push.…`.
    public let push: Push
    /// `witness.…`.
    public let witnesses: Witnesses
    /// `limits.…`.
    public let limits: Limits
    /// `drain-seconds`. How long requests and streams get to end after SIGTERM, 1–600. Standard: 20.
    public let drainSeconds: Int
    /// `log-level`. Standard: `info`.
    public let logLevel: Logger.Level

    /// What a stranger can make the relay hold or do at the most.
    public struct Limits: Sendable, Equatable {
        /// `limits.connections`. Open TCP connections, 1–1,000,000. Standard: 10,000.
        public let connections: Int
        /// `limits.streams`. Open live streams, 1–1,000,000, not more than connections. Standard: 8,000.
        public let streams: Int
        /// `limits.requests-per-second`. From one address, sustained, 1–1,000,000. Standard: 500.
        public let requestsPerSecond: Int
        /// `limits.request-burst`. From one address, at once, 1–1,000,000. Standard: 2,000.
        public let requestBurst: Int
        /// `limits.body-bytes`. Of any request body but an envelope, 65,536–16,777,216. Standard: 262,144.
        public let bodyBytes: Int
        /// `limits.envelope-bytes`. Of an envelope, 131,072–16,777,216. Standard: 458,752.
        public let envelopeBytes: Int
    }

    /// Whether the caller at this numeric address (no port, no brackets) may found an organisation without a code.
    ///
    /// Open founding never reaches beyond this machine. Behind a proxy on this machine every caller looks local: the
    /// commented file says so.
    public func mayFoundWithoutCode(from address: String) -> Bool {
        openFounding && ListenAddress.isLoopback(address)
    }

    /// Reads and checks the whole configuration of a data directory.
    /// - Parameters:
    ///   - flags: As ``flags`` lists them, `--key value` or `--key=value`; without what is no configuration (`--data`).
    ///   - environment: The process's.
    /// - Throws: ``OperationsError/Code/configurationMalformed`` or ``OperationsError/Code/configurationUnknown``, naming
    ///   the key, what is wrong, and the flag, variable or line that it came from.
    public static func load(
        _ data: DataDirectory, flags: [String] = [], environment: [String: String]
    ) throws(OperationsError) -> RelayConfiguration {
        let file = data.configuration
        let bytes = try DurableFile.read(file, limit: ConfigurationFile.maximumByteCount)
        let sources = try ConfigurationSources(
            flags: flags, environment: environment, file: bytes.map { (file, $0) }, known: RelayKeys.paths)
        return try RelayConfiguration(data, sources)
    }

    /// Every flag that sets something, as `--key`, in the order of the commented file.
    public static var flags: [String] { RelayKeys.paths.map(ConfigurationNames.flag) }

    /// The data directory that flag or environment (`NIGHTBELL_RELAY_DATA`) names, the flag first.
    public static func dataPath(
        flag: String?, environment: [String: String]
    ) throws(OperationsError) -> FilePath {
        guard let path = flag ?? environment[ConfigurationNames.dataVariable], !path.isEmpty else {
            throw OperationsError(
                .configurationMalformed, "no data directory is named", next: "name it with --data DIR")
        }
        return FilePath(path)
    }

    private init(_ data: DataDirectory, _ sources: ConfigurationSources) throws(OperationsError) {
        self.data = data
        guard let name = try sources.set(RelayKeys.name) else {
            throw OperationsError(
                .configurationMalformed, "\"name\" is not set", next: "set it in \(data.configuration) to HOST:PORT")
        }
        self.name = name
        listen = try sources.set(RelayKeys.listen) ?? ListenAddress(loopbackPort: name.port)
        operations = try sources.value(RelayKeys.operationsListen).chosen
        certificate = data.path.pushing(try sources.value(RelayKeys.certificate))
        certificateKey = data.path.pushing(try sources.value(RelayKeys.certificateKey))
        openFounding = try sources.value(RelayKeys.openFounding)
        headLock = data.path.pushing(try sources.value(RelayKeys.headLock))
        push = try Push(data, sources)
        witnesses = try Witnesses(data, sources)
        limits = Limits(
            connections: try sources.value(RelayKeys.connections), streams: try sources.value(RelayKeys.streams),
            requestsPerSecond: try sources.value(RelayKeys.requestsPerSecond),
            requestBurst: try sources.value(RelayKeys.requestBurst), bodyBytes: try sources.value(RelayKeys.bodyBytes),
            envelopeBytes: try sources.value(RelayKeys.envelopeBytes))
        drainSeconds = try sources.value(RelayKeys.drainSeconds)
        logLevel = try sources.value(RelayKeys.logLevel)
        try checkTogether()
    }

    /// What no key shows alone.
    private func checkTogether() throws(OperationsError) {
        if let operations, operations.port != 0, operations.port == listen.port {
            throw OperationsError(
                .configurationMalformed, "\"operations.listen\" has the port of \"listen\"",
                next: "give it another: what it serves must not be reachable where clients connect")
        }
        guard limits.streams <= limits.connections else {
            throw OperationsError(
                .configurationMalformed, "\"limits.streams\" is more than \"limits.connections\"",
                next: "over HTTP/1.1 each stream needs a connection: lower the one or raise the other")
        }
    }
}
