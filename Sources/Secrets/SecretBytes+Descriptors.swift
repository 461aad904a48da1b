#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Secrets that go from process to process over a socket, guarded memory to guarded memory.
extension SecretBytes {
    /// Reads into a part of these bytes, once.
    /// - Returns: What `read(2)` says: how many, 0 at the end, less on an error.
    public mutating func read(_ range: Range<Int>, from descriptor: Int32) -> Int {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return unsafe withUnsafeMutableBytes { buffer in
            unsafe readBytes(descriptor, buffer.baseAddress! + range.lowerBound, range.count)
        }
    }

    /// Sends some plain bytes and the first `count` of these behind them to a socket, in one piece.
    /// - Returns: Whether all went out.
    public borrowing func send(after prefix: [UInt8], count: Int, to socket: Int32) -> Bool {
        precondition(count <= self.count)
        return unsafe withUnsafeBytes { secret in
            unsafe prefix.withUnsafeBytes { prefix in
                var parts = unsafe [
                    iovec(iov_base: UnsafeMutableRawPointer(mutating: prefix.baseAddress), iov_len: prefix.count),
                    iovec(iov_base: UnsafeMutableRawPointer(mutating: secret.baseAddress), iov_len: count),
                ]
                return unsafe parts.withUnsafeMutableBufferPointer { parts in
                    var message = unsafe msghdr()
                    unsafe message.msg_iov = parts.baseAddress
                    unsafe message.msg_iovlen = numericCast(parts.count)
                    return unsafe sendmsg(socket, &message, Int32(MSG_NOSIGNAL)) == prefix.count + count
                }
            }
        }
    }
}

/// `read(2)`, which the method above would otherwise hide.
private func readBytes(_ descriptor: CInt, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    unsafe read(descriptor, buffer, count)
}
