import DeviceKit
import Statements

/// A reply or a hand-off that nobody knows but this device.
struct UnsentWords: Sendable, Equatable {
    let kept: KeptMessage
    /// Who gets it.
    let to: String

    /// What it is called in the middle of a sentence.
    var name: String {
        switch kept.kind {
        case .reply: "your reply to \(to)"
        case .words: "your words to \(to)"
        case .handOff: "the hand-off to \(to)"
        }
    }
}

extension KeptMessage.Kind {
    /// As a message's state has it.
    var word: String {
        switch self {
        case .reply: "reply"
        case .words: "your words"
        case .handOff: "hand-off"
        }
    }

    /// What must not be overlooked stands for the rest.
    fileprivate var weight: Int {
        switch self {
        case .words: 0
        case .reply: 1
        case .handOff: 2
        }
    }
}

extension [UnsentWords] {
    /// What is said of a message in one word.
    func kind(about message: MessageID) -> KeptMessage.Kind? {
        filter { $0.kept.about == message }.map(\.kept.kind).max { $0.weight < $1.weight }
    }
}
