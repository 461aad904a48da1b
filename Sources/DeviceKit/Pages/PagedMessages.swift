import Sealing
public import Statements
import Synchronization

/// Pages whose message has not come: what they said is compared with its manifest once that is here.
///
/// In memory alone. What is lost with the process is the proof of a lie by which somebody was rung for nothing; nothing that
/// a page says is kept as a message, and the relay pages again until it is acknowledged.
public final class PagedMessages: Sendable {
    /// 64 pages of 2 KiB.
    static let limit = 64

    struct Kept: Sendable {
        let page: Page
        /// Whether its sealed key opened. One that did not may be random bytes: the relay destroys a sealed key once its device
        /// has said `delivered`, which this one may have done before it lost what it had.
        let hasOpened: Bool
    }

    private let pages = Mutex<[Kept]>([])

    public init() {}

    /// The oldest first.
    var kept: [Kept] { pages.withLock { $0 } }

    /// Those that opened.
    public var opened: [MessageID] { kept.filter(\.hasOpened).map(\.page.message) }

    func page(of message: MessageID) -> Kept? { kept.first { $0.page.message == message } }

    /// Keeps a page in the place of an earlier one of its message; the oldest goes when there are too many.
    func keep(_ page: Page, hasOpened: Bool) {
        pages.withLock { pages in
            pages.removeAll { $0.page.message == page.message }
            pages.append(Kept(page: page, hasOpened: hasOpened))
            if pages.count > Self.limit { pages.removeFirst() }
        }
    }

    func forget(_ message: MessageID) { pages.withLock { $0.removeAll { $0.page.message == message } } }
}
