public import SystemPackage

extension RelayConfiguration {
    /// Whom the relay asks to cosign its checkpoints.
    public struct Witnesses: Sendable, Equatable {
        /// `witness.file`. Lines `witness NAME VKEY URL`. Standard: none.
        public let file: FilePath?
        /// `witness.authority`. PEM; authorities besides the system's. Standard: none.
        public let authority: FilePath?

        init(_ data: DataDirectory, _ sources: ConfigurationSources) throws(OperationsError) {
            file = try sources.value(RelayKeys.witnessFile).chosen.map { data.path.pushing($0) }
            authority = try sources.value(RelayKeys.witnessAuthority).chosen.map { data.path.pushing($0) }
        }
    }
}

/// The keys about witnesses.
extension RelayKeys {
    static let witnessFile = File.choice(
        "witness.file", form: pathForm,
        about: """
            A file that names the witnesses which are asked to cosign every checkpoint, each on a line: `witness NAME
            VKEY URL`, with an https URL (a C2SP tlog-policy). Which of them count, and how many, your admins say with
            `nightbell admin witnesses`. Nothing waits for a witness. Relative to this directory or absolute.
            """,
        parse: { filePath($0) })

    static let witnessAuthority = File.choice(
        "witness.authority", form: pathForm, unset: "system",
        about: """
            Certificate authorities, as PEM, from which witnesses' certificates may come besides this machine's own.
            Relative to this directory or absolute.
            """,
        parse: { filePath($0) })
}
