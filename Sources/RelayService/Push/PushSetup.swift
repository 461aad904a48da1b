import PushDelivery
import SystemPackage

/// What this relay can push over, read and found fit for use: a broken credential stops the start, not the first page.
struct PushSetup: Sendable {
    let transports: [any PushTransport]
    /// 65 bytes; with Web Push.
    let vapidKey: [UInt8]?
    /// What may be said of an endpoint without asking for its name.
    let endpoints: HostCheck
    /// For the log at start, a constant text each: which transports are live, and for each that is not, what is missing.
    let words: [String]
    private let clients: CheckedClients
    private let services: [PushService]

    /// - Parameter attemptSeconds: How long one attempt may take.
    /// - Throws: ``OperationsError/Code/tooOpen``, ``OperationsError/Code/pushUnusable`` or
    ///   ``OperationsError/Code/fileUnusable``.
    static func load(
        _ configuration: RelayConfiguration, attemptSeconds: Int = PushLimits.attemptSeconds
    ) throws(OperationsError) -> PushSetup {
        let push = configuration.push
        let authorities = try AuthorityFile.load(push.authority) { unusable($0, $1, RelayKeys.pushAuthority.path) }
        let endpoints = HostCheck(EndpointRules(ports: push.ports, hosts: push.hosts), resolver: SystemResolver())
        let clients = CheckedClients(further: authorities, attemptSeconds: attemptSeconds)
        var transports: [any PushTransport] = []
        var services: [PushService] = []
        // Read also where it is not used yet: what is wrong with it is better said before it is needed.
        let key = try PushKeyFiles.vapidKey(at: configuration.data.vapidKey)
        var words = [webPushWord(hasKey: key != nil, hasContact: push.contact != nil)]
        var vapidKey: [UInt8]?
        if let key, let contact = push.contact {
            transports.append(
                WebPushTransport(tokens: VAPIDTokens(key, contact: contact), check: endpoints, clients: clients))
            vapidKey = key.publicKey
        }
        if let apns = push.apns {
            let service = PushService(
                origin: apns.service, further: authorities, attemptSeconds: attemptSeconds)
            transports.append(APNsTransport(try credentials(apns), service: service))
            services.append(service)
            words.append("APNs is live")
        } else {
            words.append("APNs is not live: push.apns-key is not set")
        }
        if let path = push.fcmCredentials {
            let credentials = try fcmCredentials(path)
            let service = PushService(
                origin: push.fcmService, further: authorities, attemptSeconds: attemptSeconds)
            let tokenService = PushService(
                origin: credentials.tokenOrigin, further: authorities, attemptSeconds: attemptSeconds)
            transports.append(FCMTransport(credentials, service: service, tokenService: tokenService))
            services += [service, tokenService]
            words.append("FCM is live")
        } else {
            words.append("FCM is not live: push.fcm-credentials is not set")
        }
        return PushSetup(
            transports: transports, vapidKey: vapidKey, endpoints: endpoints, words: words, clients: clients,
            services: services)
    }

    /// Ends every connection.
    func close() {
        clients.close()
        for service in services { service.close() }
    }

    private static func webPushWord(hasKey: Bool, hasContact: Bool) -> String {
        let name = "Web Push, and so UnifiedPush,"
        return switch (hasKey, hasContact) {
        case (true, true): "\(name) is live"
        case (true, false): "\(name) is not live: push.contact is not set"
        case (false, true): "\(name) is not live: its key is missing, which nightbell-relay push-keys makes"
        case (false, false):
            "\(name) is not live: its key is missing, which nightbell-relay push-keys makes, and push.contact is not set"
        }
    }

    private static func credentials(_ apns: RelayConfiguration.Push.APNs) throws(OperationsError) -> APNsCredentials {
        let pem = try PushKeyFiles.credentials(at: apns.key, namedBy: RelayKeys.apnsKey.path)
        do {
            return try APNsCredentials(keyID: apns.keyID, teamID: apns.team, topic: apns.topic, pem: pem)
        } catch {
            throw unusable(apns.key, "\(error)", RelayKeys.apnsKey.path)
        }
    }

    private static func fcmCredentials(_ path: FilePath) throws(OperationsError) -> FCMCredentials {
        let json = try PushKeyFiles.credentials(at: path, namedBy: RelayKeys.fcmCredentials.path)
        do { return try FCMCredentials(json: json) } catch {
            throw unusable(path, "\(error)", RelayKeys.fcmCredentials.path)
        }
    }

    private static func unusable(_ path: FilePath, _ why: String, _ key: String) -> OperationsError {
        OperationsError(
            .pushUnusable, "\"\(path)\", which \"\(key)\" names, cannot be used: \(why)",
            next: "put another in its place, or take \(key) out of relay.yaml")
    }
}
