import Testing

/// Every suite that runs the programs themselves in the one practice that they share: one after another.
@Suite(.serialized)
enum ProgramTests {}

/// The suites that end programs and relays, break links, and look at every step of a program: with practices of their own, so
/// that they run beside the others. Two programs at a time are what two cores take.
@Suite(.serialized)
enum OwnPracticeTests {}
