import PushDelivery
import SystemPackage
import TransparencyLog

/// The witnesses that the configuration names, and the connections to them.
struct WitnessSetup: Sendable {
    let witnesses: [ConfiguredWitness]
    private let services: [PushService]

    /// - Throws: ``OperationsError/Code/configurationMalformed`` or ``OperationsError/Code/fileUnusable``.
    static func load(_ configuration: RelayConfiguration) throws(OperationsError) -> WitnessSetup {
        guard let path = configuration.witnesses.file else { return WitnessSetup(witnesses: [], services: []) }
        let key = RelayKeys.witnessFile.path
        guard let bytes = try DurableFile.read(path, limit: WitnessFile.maximumByteCount) else {
            throw unusable(path, key, "there is no such file")
        }
        let witnesses: [ConfiguredWitness]
        do { witnesses = try WitnessFile(parsing: bytes).witnesses } catch {
            throw unusable(path, key, "line \(error.line): \(error.why)")
        }
        let authorities = try AuthorityFile.load(configuration.witnesses.authority) {
            unusable($0, RelayKeys.witnessAuthority.path, $1)
        }
        return WitnessSetup(
            witnesses: witnesses,
            services: witnesses.map {
                PushService(origin: $0.origin, further: authorities, attemptSeconds: WitnessAsker.attemptSeconds)
            })
    }

    /// How each is asked.
    var posts: [WitnessAsker.Post] {
        zip(witnesses, services).map { witness, service in
            { body in await service.post(body, type: "text/plain", to: witness.prefix + AddCheckpoint.path) }
        }
    }

    /// Ends every connection.
    func close() { for service in services { service.close() } }

    private static func unusable(_ path: FilePath, _ key: String, _ why: String) -> OperationsError {
        OperationsError(
            .configurationMalformed, "\"\(path)\", which \"\(key)\" names, cannot be used: \(why)",
            next: "put it right, or take \(key) out of relay.yaml")
    }
}
