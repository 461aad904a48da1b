public import Statements
public import SystemPackage

extension DataDirectory {
    /// Makes a data directory: folders, configuration, an empty head lock and, if asked, a development authority.
    ///
    /// May be repeated: what an interrupted attempt left is removed and made anew, for nothing can have relied on it.
    /// Everything is durable when this returns.
    /// - Parameters:
    ///   - path: Must not exist, or be an empty directory of ours with mode 0700.
    ///   - name: The relay's name, for ever: it becomes a part of every log's origin.
    ///   - developmentTLS: Make a local CA and a certificate, and open founding to callers on this machine.
    ///   - more: Makes what others keep here (log keys, the database), before the directory counts as initialised.
    /// - Throws: ``OperationsError/Code/wouldOverwrite`` when there is anything that an interrupted `init` did not make.
    @discardableResult
    public static func initialise(
        at path: FilePath, name: RelayName, developmentTLS: Bool, now: Timestamp = .now(),
        _ more: (DataDirectory) throws -> Void = { _ in }
    ) throws -> DataDirectory {
        let directory = DataDirectory(path: path)
        if !exists(path) { try DurableFile.makeDirectory(path) }
        try directory.checkPermissions(of: path)
        let lock = try directory.lock()
        defer { withExtendedLifetime(lock) {} }
        try directory.clear()
        if !exists(directory.incomplete) {
            try DurableFile.create(directory.incomplete, [], permissions: DurableFile.ownerOnly)
        }
        for folder in [directory.keys, directory.tls] where !exists(folder) {
            try DurableFile.makeDirectory(folder)
        }
        if developmentTLS {
            let issued = try DevelopmentAuthority.issue(for: name, now: now)
            let readable: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
            try DurableFile.create(directory.authority, issued.authority, permissions: readable)
            try DurableFile.create(directory.certificate, issued.certificate, permissions: readable)
            try DurableFile.create(directory.certificateKey, issued.key, permissions: DurableFile.ownerOnly)
        }
        // From the first day on: a head lock that is missing later was lost, and a store must not start without it.
        try DurableFile.create(directory.headLock, HeadLockTable().bytes, permissions: DurableFile.ownerOnly)
        try more(directory)
        let configuration = RelayConfiguration.fileText(name: name, openFounding: developmentTLS)
        try DurableFile.create(
            directory.configuration, Array(configuration.utf8), permissions: DurableFile.ownerOnly)
        try DurableFile.remove(directory.incomplete)
        try DurableFile.synchronize(directory: path)
        return directory
    }

    /// Removes what an interrupted `init` left, but its marker, for this one may be interrupted too; refuses whatever
    /// else is there.
    private func clear() throws(OperationsError) {
        let lockName = processLock.lastComponent?.string
        let names = try DurableFile.names(in: path).filter { $0 != lockName }
        guard !names.isEmpty else { return }
        guard Self.exists(incomplete) else {
            throw OperationsError(
                .wouldOverwrite, "\"\(path)\" is not empty: it holds \(names.prefix(3).joined(separator: ", "))",
                next: Self.exists(configuration)
                    ? "start the relay that is there with: nightbell-relay serve --data \(path)"
                    : "name an empty or new directory with --data")
        }
        for folder in [keys, tls] where Self.exists(folder) {
            for name in try DurableFile.names(in: folder) { try DurableFile.remove(folder.appending(name)) }
            try DurableFile.synchronize(directory: folder)
        }
        for name in names where ![keys, tls, incomplete].contains(path.appending(name)) {
            try DurableFile.remove(path.appending(name))
        }
        try DurableFile.synchronize(directory: path)
    }
}
