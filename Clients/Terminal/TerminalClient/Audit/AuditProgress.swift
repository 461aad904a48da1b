import DeviceKit
import Statements
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How far an audit is, on a terminal's standard error and nowhere else.
final class AuditProgress: Sendable {
    private let isShown: Bool
    private let last = Mutex("")

    init(_ console: Console) { isShown = !console.isJSON && isatty(STDERR_FILENO) == 1 }

    func show(_ log: LogKind, _ done: UInt64, _ size: UInt64) {
        let text = "\(log.rawValue) log: \(done) of \(size) entries"
        guard isShown,
            last.withLock({ last in
                defer { last = text }
                return last != text
            })
        else { return }
        put("\r\u{1B}[K" + text)
    }

    /// Takes the line away.
    func end() {
        if isShown, last.withLock({ !$0.isEmpty }) { put("\r\u{1B}[K") }
    }

    private func put(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress!, $0.count) }
    }
}
