/// What lies in a profile's folder, for the manual.
struct ProfileFile: Sendable {
    let name: String
    let meaning: String

    static let all = [
        ProfileFile(
            name: "profile.json", meaning: "Who this device is, and the store key, sealed. Readable without it."),
        ProfileFile(name: "store.sqlite", meaning: "Messages, receipts and keys, sealed under the store key."),
        ProfileFile(name: "steps.ndjson", meaning: "A copy of the step log, a line each: without patient content."),
        ProfileFile(name: "evidence/", meaning: "What proves each finding: keep it, and show it to an auditor."),
        ProfileFile(
            name: "audit/", meaning: "An auditor's: how far the logs were verified, sealed; it may be removed."),
        ProfileFile(name: "ca.pem", meaning: "The relay's CA certificates, once given with --ca."),
        ProfileFile(name: "lock", meaning: "Held for as long as a command writes."),
    ]
}
