import DeviceKit
import Foundation
import RelayAPI
import Statements

/// Fetches the files of messages and saves them where a person said, one message after another.
struct AttachmentSaver {
    /// A message, and the folder that was typed.
    typealias Request = (message: MessageID, folder: String)

    let profile: Profile
    let feed: EventFeed

    func run(_ requests: AsyncStream<Request>) async throws {
        try await DeviceSession.during(profile, observer: ScreenObserver(feed: feed)) { session in
            try await run(requests, session)
        }
    }

    private func run(_ requests: AsyncStream<Request>, _ session: DeviceSession) async throws {
        for await request in requests {
            do {
                try session.catchUp()
                try await save(request, session)
            } catch let error as CancellationError {
                throw error
            } catch {
                let cause =
                    (error as? RelayRefusal).map { session.learn(from: $0.problem) }
                    ?? DeviceKitError(describing: error)
                guard cause.code != "revoked" else { throw cause }
                // What a command would do about it takes an option that there is none of here.
                let next = cause.code == "not_a_folder" ? "press v again and name a folder" : cause.next
                feed.put(.failed("Not saved: \(cause.message)", next: next, about: request.message))
            }
        }
    }

    private func save(_ request: Request, _ session: DeviceSession) async throws {
        // Nobody types their home folder at night.
        let folder = HomeFolder.expanded(request.folder)
        guard let saving = try AttachmentSaving(to: folder, number: nil) else { return }
        var count = 0
        try await saving.save(AttachmentList(of: request.message, [], session, .silent), session, .silent) { _, _ in
            count += 1
        }
        feed.put(
            .told(
                "Saved \(AttachmentList.count(count)) into \(SafeText.line(Self.whole(folder))); the sender is told.",
                .good, about: request.message))
    }

    /// Whoever looks for it later starts from somewhere else.
    private static func whole(_ folder: String) -> String {
        URL(fileURLWithPath: folder).standardizedFileURL.path
    }
}

extension Console {
    /// One that says nothing: a screen has other means.
    static let silent = Console(isJSON: true, isVerbose: false, hasColour: false, write: { _, _ in })
}
