import Sealing

/// Messages as they were sealed once, for stories that are told again and again: sealing is dear, and what is sealed does
/// not depend on what else is in the logs.
package final class SealedStock {
    private var messages: [[String]: SealedMessage] = [:]

    package init() {}

    /// - Parameter parts: All that the sealed parts follow from.
    func message(_ parts: [String], seal: () -> SealedMessage) -> SealedMessage {
        if let known = messages[parts] { return known }
        let sealed = seal()
        messages[parts] = sealed
        return sealed
    }
}
