import DeviceKit
import Foundation

extension RelayStory {
    /// One command of one person.
    struct Act: Sendable {
        let name: String
        let person: String
        let arguments: @Sendable (Practice, Story) throws -> [String]
        /// What of the result is kept: the JSON key, and the name in the story.
        let kept: [String: String]
        /// What the result is waited for to be: until then the command is repeated.
        let isDone: @Sendable (JSONValue) -> Bool

        init(
            _ name: String, by person: String, keep kept: [String: String] = [:],
            until isDone: @escaping @Sendable (JSONValue) -> Bool = { _ in true },
            _ arguments: @escaping @Sendable (Practice, Story) throws -> [String]
        ) {
            self.name = name
            self.person = person
            self.kept = kept
            self.isDone = isDone
            self.arguments = arguments
        }
    }
}
