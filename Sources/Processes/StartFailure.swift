#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Why a program could not be started.
public struct StartFailure: Error, Equatable, CustomStringConvertible {
    /// An `errno`.
    private let code: Int32

    init(_ code: Int32) { self.code = code }

    /// Whether somebody has the program's file open to write it: an editor that saves it, or a process that is just being
    /// forked from one that wrote it. It passes.
    public var isBeingWritten: Bool { code == ETXTBSY }

    /// As the C library says it.
    public var description: String { unsafe String(cString: strerror(code)) }
}
