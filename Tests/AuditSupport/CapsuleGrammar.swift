import DeviceKit

// Whoever audits in a test takes for a capsule what a client does.

extension World {
    package func isCapsule(_ plaintext: [UInt8]) -> Bool { CapsuleContent.isCapsule(plaintext) }
}

extension CorpusAuditor {
    package func isCapsule(_ plaintext: [UInt8]) -> Bool { CapsuleContent.isCapsule(plaintext) }
}
