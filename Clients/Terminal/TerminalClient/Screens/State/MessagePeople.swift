import Statements
import TerminalScreen

/// Whom the open message can be answered and handed to.
struct MessagePeople: Sendable, Equatable {
    let about: MessageID
    /// Who gets a reply; `nil` when nobody can any more.
    let answersTo: String?
    /// Who can be handed the message, by name.
    let colleagues: [Colleague]
}

/// Somebody who can be handed a message.
struct Colleague: Sendable, Hashable {
    let id: MemberID
    let name: String
    let roles: String
    /// Whether they declined this very message when they were handed it: nothing is sent again.
    var hasDeclined = false
}

/// Which colleague is meant: by a part of the name, and by the arrows.
struct ColleagueChoice: Sendable, Equatable {
    private(set) var filter = TypedText()
    private var pointed: MemberID?

    /// Those whose name holds what was typed, whatever the case.
    func matching(_ all: [Colleague]) -> [Colleague] {
        let part = filter.words.lowercased()
        return part.isEmpty ? all : all.filter { $0.name.lowercased().contains(part) }
    }

    /// The one that is pointed at; the first when none is.
    func chosen(among all: [Colleague]) -> Colleague? {
        let matching = matching(all)
        return matching.first { $0.id == pointed } ?? matching.first
    }

    mutating func press(_ key: Key, among all: [Colleague]) {
        switch key {
        case .up: move(by: -1, all)
        case .down: move(by: 1, all)
        case .enter, .tab: break
        default: filter.press(key)
        }
    }

    private mutating func move(by step: Int, _ all: [Colleague]) {
        let matching = matching(all)
        guard let place = matching.firstIndex(where: { $0.id == chosen(among: all)?.id }) else { return }
        pointed = matching[min(max(place + step, 0), matching.count - 1)].id
    }
}
