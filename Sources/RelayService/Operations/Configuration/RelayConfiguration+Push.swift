public import SystemPackage

extension RelayConfiguration {
    /// Over which services pages go out, and who the relay is to them. What is not set is not used: without any of it, pages
    /// wait for the device's own connection.
    public struct Push: Sendable, Equatable {
        /// `push.contact`. `mailto:` or `https:`; with the key of `push-keys`, what Web Push needs. Standard: none.
        public let contact: String?
        /// `push.ports`. Besides 443, of endpoints that devices name, at most 64. Standard: none.
        public let ports: Set<Int>
        /// `push.hosts`. In lower case: those that may lead to addresses which are not public, at most 64. Standard: none.
        public let hosts: Set<String>
        /// `push.authority`. PEM; authorities besides the system's. Standard: none.
        public let authority: FilePath?
        /// `push.apns-…`; all of it, or none.
        public let apns: APNs?
        /// `push.fcm-credentials`. JSON, 0600; also says where access tokens come from. Standard: none.
        public let fcmCredentials: FilePath?
        /// `push.fcm-service`. An origin. Standard: `https://fcm.googleapis.com`.
        public let fcmService: String

        /// Who the relay is to Apple.
        public struct APNs: Sendable, Equatable {
            /// `push.apns-key`. PEM, 0600.
            public let key: FilePath
            /// `push.apns-key-id`. 10 characters.
            public let keyID: String
            /// `push.apns-team`. 10 characters.
            public let team: String
            /// `push.apns-topic`. The app's bundle id.
            public let topic: String
            /// `push.apns-service`. An origin. Standard: `https://api.push.apple.com`.
            public let service: String
        }

        init(_ data: DataDirectory, _ sources: ConfigurationSources) throws(OperationsError) {
            contact = try sources.value(RelayKeys.pushContact).chosen
            ports = try sources.value(RelayKeys.pushPorts).chosen ?? []
            hosts = try sources.value(RelayKeys.pushHosts).chosen ?? []
            authority = try sources.value(RelayKeys.pushAuthority).chosen.map { data.path.pushing($0) }
            apns = try Self.apns(data, sources)
            fcmCredentials = try sources.value(RelayKeys.fcmCredentials).chosen.map { data.path.pushing($0) }
            fcmService = try sources.value(RelayKeys.fcmService)
        }

        private static func apns(
            _ data: DataDirectory, _ sources: ConfigurationSources
        ) throws(OperationsError) -> APNs? {
            let key = try sources.value(RelayKeys.apnsKey).chosen
            let keyID = try sources.value(RelayKeys.apnsKeyID).chosen
            let team = try sources.value(RelayKeys.apnsTeam).chosen
            let topic = try sources.value(RelayKeys.apnsTopic).chosen
            let service = try sources.value(RelayKeys.apnsService)
            if let key, let keyID, let team, let topic {
                return APNs(key: data.path.pushing(key), keyID: keyID, team: team, topic: topic, service: service)
            }
            let all = [
                (RelayKeys.apnsKey.path, key != nil), (RelayKeys.apnsKeyID.path, keyID != nil),
                (RelayKeys.apnsTeam.path, team != nil), (RelayKeys.apnsTopic.path, topic != nil),
            ]
            guard let set = all.first(where: \.1), let missing = all.first(where: { !$0.1 }) else { return nil }
            throw OperationsError(
                .configurationMalformed, "\"\(missing.0)\" is not set, though \"\(set.0)\" is",
                next: "set all four of \(all.map(\.0).joined(separator: ", ")), or none for no pages over Apple")
        }
    }
}
