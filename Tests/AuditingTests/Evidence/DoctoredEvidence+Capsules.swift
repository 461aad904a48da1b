import Secrets
import Statements

@testable import Auditing

extension DoctoredEvidence {
    /// What an auditor can make of a capsule who lies, and what a sender can have sealed who did.
    static func capsules(_ world: World) async throws -> [DoctoredEvidence] {
        let honest = try await world.evidence(about: "answered", capsule: true)
        let other = try await world.evidence(about: "other", capsule: true)
        var cases: [DoctoredEvidence] = []
        func edited(_ title: String, _ part: EvidencePart, _ change: (inout EvidenceFiles) -> Void) {
            var file = honest
            change(&file)
            file.seal()
            cases.append(.init(title, file.bytes, part.name))
        }
        edited("another message's capsule", .capsule) { $0[.capsule] = other[.capsule] }
        edited("another message's capsule, whole", .capsule) { file in
            for part in EvidencePart.capsules { file[part] = other[part] }
        }
        edited("another capsule's key", .capsuleKey) { $0[.capsuleKey] = other[.capsuleKey] }
        edited("a key in capitals", .capsuleKey) { file in
            file[.capsuleKey] = Array(String(decoding: file[.capsuleKey], as: UTF8.self).uppercased().utf8)
        }
        edited("a key of no length", .capsuleKey) { $0[.capsuleKey] = [UInt8(ascii: "\n")] }
        edited("another patient", .capsuleContent) { file in
            let text = String(decoding: file[.capsuleContent], as: UTF8.self)
            file[.capsuleContent] = Array(text.replacing("p-1", with: "p-2").utf8)
        }
        for part in EvidencePart.capsules {
            edited("a capsule without \(part.name)", part) { $0.remove(part) }
        }
        edited("a capsule's content before its place", .capsuleContent) { file in
            let last = file.files.removeLast()
            file.files.insert(last, at: file.files.count - 2)
        }
        return cases
    }
}
