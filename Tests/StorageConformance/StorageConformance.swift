public import RelayStorage
import Secrets
import Statements

/// What every ``RelayStorage/RelayStore`` must do, as checks that any implementation can run on a fresh store.
///
/// Each check throws ``ConformanceFailure`` naming what is broken. None depends on another.
public struct StorageConformance: Sendable {
    /// A check by name, for parametrised tests.
    public struct Check: Sendable, CustomStringConvertible {
        public let description: String
        /// - Parameter store: Fresh and empty.
        public let run: @Sendable (_ store: any RelayStore) async throws -> Void
    }

    public static let all: [Check] =
        [
            Check(description: "a transaction that throws leaves nothing", run: throwingLeavesNothing),
            Check(description: "a head moves only from the size that the writer knew", run: headIsCompareAndSwap),
            Check(description: "entries, hashes and statements are found where they were put", run: entries),
            Check(description: "organisations are apart", run: organisationsAreApart),
        ] + queueChecks + prekeyChecks + messageChecks + blobChecks + ringChecks + pageChecks
}

/// What a store does wrong.
public struct ConformanceFailure: Error, CustomStringConvertible {
    public let description: String
}

/// - Throws: ``ConformanceFailure`` unless the condition holds.
func require(_ condition: @autoclosure () throws -> Bool, _ sentence: String) throws {
    guard try condition() else { throw ConformanceFailure(description: sentence) }
}

/// Values that checks share.
enum Sample {
    static let organisation = OrganisationID(bytes: [UInt8](repeating: 1, count: 20))
    static let other = OrganisationID(bytes: [UInt8](repeating: 2, count: 20))
    static let time = Timestamp(milliseconds: 1_800_000_000_000)

    static func device(_ number: UInt8) -> DeviceID { DeviceID(bytes: [UInt8](repeating: number, count: 20)) }
    static func member(_ number: UInt8) -> MemberID { MemberID(bytes: [UInt8](repeating: number, count: 10)) }
    static func message(_ number: UInt8) -> MessageID { MessageID(bytes: [UInt8](repeating: number, count: 16)) }
    static func hash(_ number: UInt8) -> Digest { Digest.sha256([number]) }

    static func entry(_ number: UInt8, message: MessageID? = nil) -> NewEntry {
        let bytes = [UInt8](repeating: number, count: 40)
        return NewEntry(
            bytes: bytes, leafHash: Digest.sha256(prefix: 0, bytes), statement: hash(number), message: message)
    }

    static func head(size: UInt64) -> StoredHead {
        StoredHead(
            size: size, root: hash(UInt8(truncatingIfNeeded: size)), note: [1, 2, 3], signature: [4, 5],
            edge: [hash(7), hash(8)])
    }

    static func storedMessage(_ number: UInt8, index: UInt64, expires: Timestamp = time) -> StoredMessage {
        StoredMessage(
            id: message(number), index: index, manifest: hash(number), sender: device(1), senderMember: member(1),
            member: member(2), expires: expires, recipients: [device(2), device(3)])
    }

    static let parts = StoredParts(
        alert: [1], capsule: [2], capsuleSealedKey: [3], recoverySealedKey: nil, content: [4, 5, 6])

    static func prekey(
        _ number: UInt8, _ purpose: PrekeyPurpose = .oneTime, notAfter: Timestamp = time.adding(seconds: 1_000)
    ) -> StoredPrekey {
        StoredPrekey(
            id: PrekeyID(bytes: [UInt8](repeating: number, count: 20)), purpose: purpose, notAfter: notAfter,
            text: [number, 1], signature: [number, 2])
    }
}
