import DeviceKit
import Secrets
import Synchronization

/// A passphrase as it is typed, key by key and unseen: the terminal gives every key at once, so that Ctrl-C needs no Enter.
final class TypedPassphrase {
    enum Key {
        /// It belongs to the passphrase, or to nothing.
        case taken
        /// Enter.
        case entered
        /// Ctrl-C, or Ctrl-D where nothing was typed.
        case interrupted
    }

    /// Within a key that sends more than one byte, such as an arrow.
    private enum Sequence {
        case none, escape, begun, inside
    }

    private var typed: [UInt8] = []
    private var sequence = Sequence.none

    init() { clear() }

    deinit { wipe(&typed) }

    /// Whether it is as long as one may be: what is typed from then on is left out.
    private var isFull: Bool { typed.count >= Passphrase.maximumByteCount }

    func clear() {
        wipe(&typed)
        // Grown, it would leave a copy behind that nobody wipes.
        typed.reserveCapacity(Passphrase.maximumByteCount)
    }

    func press(_ byte: UInt8) -> Key {
        if isPartOfAKey(byte) { return .taken }
        switch byte {
        case 3: return .interrupted
        case 4: return typed.isEmpty ? .interrupted : .entered
        case 10, 13: return .entered
        case 8, 127:
            // A whole character of UTF-8, and nothing of it stays behind the end.
            while let last = typed.last {
                typed[typed.count - 1] = 0
                typed.removeLast()
                if last & 0xC0 != 0x80 { break }
            }
        case 21: clear()
        // Nobody types these for a passphrase, and nobody sees that they got into one.
        case 0..<32: break
        default: if !isFull { typed.append(byte) }
        }
        return .taken
    }

    /// Arrows and their like begin with ESC, and end with a letter or a tilde (ECMA-48, CSI and SS3); on the console of Linux
    /// F1 to F5 have a second bracket before that.
    private func isPartOfAKey(_ byte: UInt8) -> Bool {
        switch sequence {
        case .none:
            guard byte == 27 else { return false }
            sequence = .escape
        case .escape:
            guard byte == UInt8(ascii: "[") || byte == UInt8(ascii: "O") else {
                sequence = byte == 27 ? .escape : .none
                return byte == 27
            }
            sequence = .begun
        case .begun where byte == UInt8(ascii: "["): sequence = .inside
        case .begun, .inside: sequence = (0x40...0x7E).contains(byte) ? .none : .inside
        }
        return true
    }

    /// Gives it away: nothing is typed then.
    /// - Parameter keeper: Lasts as long as the passphrase.
    func take(until keeper: (any AnyObject & Sendable)? = nil) -> Passphrase {
        defer { clear() }
        return Passphrase(moving: &typed, until: keeper)
    }

    /// Gives it away to whoever asks once from wherever they run.
    func hand() -> Handed {
        defer { clear() }
        return Handed(moving: &typed)
    }

    /// A passphrase on its way from the keys to the one who needs it, once.
    final class Handed: Sendable {
        private let bytes: Mutex<[UInt8]>

        fileprivate init(moving typed: inout [UInt8]) {
            bytes = Mutex(typed)
            wipe(&typed)
        }

        func take() -> Passphrase {
            var taken = bytes.withLock { bytes in
                defer { wipe(&bytes) }
                return bytes
            }
            return Passphrase(moving: &taken)
        }
    }
}
