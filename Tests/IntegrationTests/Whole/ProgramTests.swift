import Testing

/// Every suite that runs the programs themselves in the one practice that they share: one after another.
@Suite(.serialized)
enum ProgramTests {}

/// The suites that end programs and relays, break links, and look at every step of a program: with practices of their own, so
/// that they run beside the others.
@Suite(.serialized)
enum OwnPracticeTests {}

/// The suites of the screen that is typed into and looked at. In a practice of theirs, for most of their time goes by waiting
/// until something is to be seen.
@Suite(.serialized)
enum TerminalTests {}

/// The suites of what else stays: the watcher, and the agent. In a practice of theirs, for the same reason.
@Suite(.serialized)
enum WatcherTests {}

/// The suites of whoever audits, and of witnesses. In a practice of theirs, for its logs are read from their beginning by every
/// question.
@Suite(.serialized)
enum AuditorTests {}
