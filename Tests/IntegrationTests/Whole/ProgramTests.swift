import Testing

/// Every suite that runs the programs themselves: one after another, for they share two cores and one practice.
@Suite(.serialized)
enum ProgramTests {}
