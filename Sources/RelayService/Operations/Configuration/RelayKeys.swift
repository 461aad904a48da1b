import Logging
import Statements
import SystemPackage

/// Every key of the configuration: the one place for its form, its standard value and its explanation.
enum RelayKeys {
    static let name = ConfigurationKey(
        "name", form: "HOST:PORT with a lower-case DNS name or an address", standard: nil,
        about: """
            The relay's name: where clients reach it, and for ever a part of the origin of every log that it signs.
            Never change it once an organisation is founded: an address may change, the name stays.
            """,
        parse: { RelayName($0) })

    static let listen = ConfigurationKey(
        "listen", form: "ADDRESS:PORT with a numeric address", standard: nil,
        about: """
            Where clients connect: a numeric address and a port, "[::]:8443" for all addresses of the machine. Unless it
            is set: 127.0.0.1 with the port of the name, so that no other machine reaches the relay until you say so.
            """,
        parse: { ListenAddress($0) })

    static let operationsListen = ConfigurationKey<ConfigurationChoice<ListenAddress>>.choice(
        "operations.listen", form: "ADDRESS:PORT with a numeric address", unset: "off",
        about: """
            Where /health, /ready and /metrics are served, in clear and to anyone who can connect: keep it on 127.0.0.1
            or a network of your own, for example 127.0.0.1:9443. They are never served where clients connect.
            """,
        parse: { ListenAddress($0) })

    static let certificate = path(
        "tls.certificate", standard: "tls/server.pem",
        about: """
            The certificate, then those between it and the authority, as PEM. Relative to this directory or absolute.
            Renewed certificates are read when the relay starts.
            """)

    static let certificateKey = path(
        "tls.key", standard: "tls/server.key",
        about: "The certificate's private key, as PEM, readable by its owner alone.")

    static let openFounding = ConfigurationKey<Bool>.boolean(
        "founding.open", standard: false,
        about: """
            Whether callers on this machine may found organisations without a code from `nightbell-relay founding-code`.
            For development. Never with a proxy on this machine: all its callers would look local.
            """)

    static let headLock = path(
        "head-lock", standard: "head.lock",
        about: """
            A small file of the heads that were signed last. A database that is older than it (a restored copy, a lost
            disk) does not start. It guards best from another disk than the database's; move the file, then set this.
            """)

    static let connections = ConfigurationKey<Int>.integer(
        "limits.connections", 1...1_000_000, standard: 10_000,
        about: "Open connections. The process needs as many file descriptors and some more (LimitNOFILE).")

    static let streams = ConfigurationKey<Int>.integer(
        "limits.streams", 1...1_000_000, standard: 8_000, about: "Open live streams, one or more a device.")

    static let requestsPerSecond = ConfigurationKey<Int>.integer(
        "limits.requests-per-second", 1...1_000_000, standard: 500,
        about: "Requests a second from one address, sustained. A practice behind one address shares them.")

    static let requestBurst = ConfigurationKey<Int>.integer(
        "limits.request-burst", 1...1_000_000, standard: 2_000, about: "Requests from one address at once.")

    static let bodyBytes = ConfigurationKey<Int>.integer(
        "limits.body-bytes", 65_536...16_777_216, standard: 262_144, about: "Bytes of a request that is no envelope.")

    static let envelopeBytes = ConfigurationKey<Int>.integer(
        "limits.envelope-bytes", 131_072...16_777_216, standard: 458_752,
        about:
            "Bytes of an envelope. The largest that the protocol admits (256 devices) has fewer than the standard value."
    )

    static let drainSeconds = ConfigurationKey<Int>.integer(
        "drain-seconds", 1...600, standard: 20, about: "Seconds that requests and streams get to end after SIGTERM.")

    static let logLevel = ConfigurationKey<Logger.Level>(
        "log-level", form: "trace, debug, info, notice, warning, error or critical", standard: "info",
        about: """
            How much is logged, on standard error, one JSON object a line. Identifiers appear only below info, and only
            as short hashes with a key that dies with the process.
            """,
        parse: { Logger.Level(rawValue: $0) })

    /// Every key, in the order of the commented file: those without a section first.
    static let all: [ConfigurationEntry] = [
        name.entry, listen.entry, headLock.entry, drainSeconds.entry, logLevel.entry, operationsListen.entry,
        certificate.entry, certificateKey.entry, openFounding.entry, pushContact.entry, pushPorts.entry,
        pushHosts.entry, pushAuthority.entry, apnsKey.entry, apnsKeyID.entry, apnsTeam.entry, apnsTopic.entry,
        apnsService.entry, fcmCredentials.entry, fcmService.entry, witnessFile.entry, witnessAuthority.entry,
        connections.entry, streams.entry,
        requestsPerSecond.entry, requestBurst.entry, bodyBytes.entry, envelopeBytes.entry,
    ]

    /// The path of every key.
    static let paths: [String] = all.map(\.path)

    private static func path(_ path: String, standard: String, about: String) -> ConfigurationKey<FilePath> {
        ConfigurationKey(path, form: pathForm, standard: standard, about: about, parse: { filePath($0) })
    }

    static let pathForm = "a path of 1 to 4096 bytes without control characters"

    static func filePath(_ text: String) -> FilePath? {
        guard (1...4096).contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            return nil
        }
        return FilePath(text)
    }
}
