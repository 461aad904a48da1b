import CSodium

/// The one place where libsodium is initialised: `sodium_malloc` before `sodium_init` aborts the process.
enum Sodium {
    /// Touch before any call into libsodium. Safe from any thread, initialises once.
    static let ready: Void = {
        precondition(sodium_init() >= 0, "libsodium could not be initialised")
    }()
}

/// Random bytes from libsodium, for what is not secret: nonces, salts, identifiers.
public func randomBytes(_ count: Int) -> [UInt8] {
    Sodium.ready
    guard count > 0 else { return [] }
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        unsafe randombytes_buf(buffer.baseAddress!, count)
        initialized = count
    }
}

/// Compares in time that depends on the lengths alone.
public func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    guard !left.isEmpty else { return true }
    return unsafe left.withUnsafeBytes { a in
        unsafe right.withUnsafeBytes { b in
            unsafe sodium_memcmp(a.baseAddress!, b.baseAddress!, a.count) == 0
        }
    }
}
