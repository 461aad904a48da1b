import Testing

/// Every suite that runs the programs themselves in the one practice that they share: one after another.
@Suite(.serialized)
enum ProgramTests {}

/// The suites that end programs and relays, break links, and look at every step of a program: with practices of their own, so
/// that they run beside the others.
@Suite(.serialized)
enum OwnPracticeTests {}

/// The suites that type into the screen and look at it: in a practice of theirs, for most of their time goes by waiting until
/// something is to be seen.
@Suite(.serialized)
enum TerminalTests {}
