import CSodium

/// Secret bytes in guarded, locked memory (`sodium_malloc`), wiped when released.
///
/// Not copyable, not printable, not encodable. Memory that the system refuses to lock is still guarded and wiped;
/// ``SecretBytes/canLockMemory()`` says at start whether locking works, because `sodium_malloc` does not.
@safe
public struct SecretBytes: ~Copyable, @unchecked Sendable {
    /// How many bytes.
    public let count: Int
    private let storage: UnsafeMutableRawPointer
    /// Whether the memory ends with this value; a lent part belongs to the whole.
    private let isOwner: Bool

    private init(uninitialized count: Int) {
        Sodium.ready
        precondition(count >= 0)
        guard let pointer = unsafe sodium_malloc(Swift.max(count, 1)) else {
            preconditionFailure("no guarded memory left for a key")
        }
        self.count = count
        isOwner = true
        unsafe self.storage = pointer
    }

    private init(lent storage: UnsafeMutableRawPointer, count: Int) {
        self.count = count
        isOwner = false
        unsafe self.storage = storage
    }

    deinit {
        if isOwner { unsafe sodium_free(storage) }
    }

    /// Zeros, to be written over: guarded memory that is made once and used again.
    public init(zeros count: Int) {
        self.init(uninitialized: count)
        unsafe sodium_memzero(storage, count)
    }

    /// Fresh random bytes.
    public init(random count: Int) {
        self.init(uninitialized: count)
        unsafe randombytes_buf(storage, count)
    }

    /// Copies `bytes`. The caller's copy stays where it is: use ``init(moving:)`` for bytes that must not outlive this.
    public init(copying bytes: [UInt8]) {
        self.init(uninitialized: bytes.count)
        unsafe bytes.withUnsafeBytes { source in
            unsafe UnsafeMutableRawBufferPointer(start: storage, count: count).copyMemory(from: source)
        }
    }

    /// Takes `bytes` over and wipes the array that they came in.
    public init(moving bytes: inout [UInt8]) {
        self.init(copying: bytes)
        wipe(&bytes)
    }

    /// Bytes that `body` writes. What it throws leaves nothing behind.
    init<Failure: Error>(
        count: Int, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        self.init(uninitialized: count)
        try unsafe body(UnsafeMutableRawBufferPointer(start: storage, count: count))
    }

    /// A second guarded copy, for the rare owner that outlives this one.
    public borrowing func duplicate() -> SecretBytes {
        let copy = SecretBytes(uninitialized: count)
        unsafe copy.storage.copyMemory(from: storage, byteCount: count)
        return copy
    }

    /// A part of the bytes, in guarded memory of its own.
    public borrowing func slice(_ range: Range<Int>) -> SecretBytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        let part = SecretBytes(uninitialized: range.count)
        unsafe part.storage.copyMemory(from: storage + range.lowerBound, byteCount: range.count)
        return part
    }

    /// Lends a part of the bytes where they stand: guarded memory of its own costs several system calls.
    public borrowing func withPart<Result, Failure: Error>(
        _ range: Range<Int>, _ body: (borrowing SecretBytes) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        let part = unsafe SecretBytes(lent: storage + range.lowerBound, count: range.count)
        return try body(part)
    }

    /// Lends the bytes to be written, inside this module.
    mutating func withUnsafeMutableBytes<Result, Failure: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeMutableRawBufferPointer(start: storage, count: count))
    }

    /// Copies other bytes over these, from `offset` on.
    public mutating func overwrite(from offset: Int, with other: borrowing SecretBytes) {
        precondition(offset >= 0 && offset + other.count <= count)
        unsafe (storage + offset).copyMemory(from: other.storage, byteCount: other.count)
    }

    /// Overwrites the bytes with zeros.
    public mutating func clear() { unsafe sodium_memzero(storage, count) }

    /// Locks the bytes into memory, and says whether the system did: `sodium_malloc` tries, and does not say.
    public borrowing func lockIntoMemory() -> Bool { unsafe sodium_mlock(storage, count) == 0 }

    /// These bytes followed by others, in guarded memory.
    public borrowing func appending(_ other: borrowing SecretBytes) -> SecretBytes {
        let whole = SecretBytes(uninitialized: count + other.count)
        unsafe whole.storage.copyMemory(from: storage, byteCount: count)
        unsafe (whole.storage + count).copyMemory(from: other.storage, byteCount: other.count)
        return whole
    }

    /// Lends the bytes inside this module.
    borrowing func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(start: storage, count: count))
    }

    /// Lends the bytes for a change in place, inside this module: the state of a cipher.
    mutating func withUnsafeMutableBytes<Result>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
        unsafe body(UnsafeMutableRawBufferPointer(start: storage, count: count))
    }

    /// The bytes outside guarded memory. Greppable on purpose: each use is a place to justify
    /// (showing a recovery key once, handing a seed to swift-crypto).
    public borrowing func exposed() -> [UInt8] {
        unsafe [UInt8](UnsafeRawBufferPointer(start: storage, count: count))
    }

    /// Constant-time equality.
    public borrowing func isEqual(to other: borrowing SecretBytes) -> Bool {
        guard count == other.count else { return false }
        return unsafe sodium_memcmp(storage, other.storage, count) == 0
    }

    /// Whether the system lets this process lock a page; `false` means that keys may reach swap.
    public static func canLockMemory() -> Bool {
        Sodium.ready
        guard let page = unsafe sodium_malloc(4096) else { return false }
        defer { unsafe sodium_free(page) }
        return unsafe sodium_mlock(page, 4096) == 0
    }
}

/// Overwrites an array that held a secret. Arrays move: this reaches the last copy only, which is why secrets live in
/// ``SecretBytes`` and pass through arrays only where a library leaves no choice.
public func wipe(_ bytes: inout [UInt8]) {
    unsafe bytes.withUnsafeMutableBytes { buffer in
        guard let base = buffer.baseAddress else { return }
        unsafe sodium_memzero(base, buffer.count)
    }
    bytes.removeAll()
}
