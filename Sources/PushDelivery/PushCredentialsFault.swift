/// Why credentials are none, for the operator: without a word of what is in them.
public struct PushCredentialsFault: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
