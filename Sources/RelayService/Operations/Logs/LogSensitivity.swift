public import Logging

/// How far a metadata value may travel. Values without this attribute are written as they are.
public enum LogSensitivity: Int64, Sendable, Logger.MetadataValueAttributes.Attribute {
    /// Written only by loggers at `debug` and `trace`: what tells one member, device or message from another, be it a
    /// ``LogPseudonym``.
    case identifier = 1
    /// Never written, at any level.
    case sensitive = 2
}

/// An error that may be told apart in logs by a word of ours. Others are named by their type alone: what an error
/// describes may hold what came from outside.
public protocol LoggedError: Error {
    /// Stable, snake_case.
    var logCode: String { get }
}

extension OperationsError: LoggedError {
    public var logCode: String { code.rawValue }
}
