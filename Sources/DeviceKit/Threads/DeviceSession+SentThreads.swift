import DeviceStorage
import Membership
import Statements

extension DeviceSession {
    /// The message of ours that an entry about a message is news of: itself, or what it carries on.
    func sentConcerned(by id: String) throws -> SentState? {
        var next: String? = id
        for _ in 0...ReferredMessage.maximumForwards {
            guard let id = next else { return nil }
            if try profile.store.look({ try $0.sent(id) }) != nil { return try sentState(id) }
            next = try profile.store.look { try $0.link(of: id) }.flatMap { $0.isForward ? $0.parent : nil }
        }
        return nil
    }

    /// What carries a sent message on, and what answers it.
    func sentThread(
        of id: String, in store: some StoreReading
    ) throws -> (forwards: [SentForward], replies: [SentReply]) {
        let root = try store.link(of: id)?.root ?? id
        let links = try store.links(ofThread: root)
        var carried = [id]
        var forwards: [SentForward] = []
        // A forward of a forward counts: the list grows while it is walked.
        var next = 0
        while next < carried.count {
            for link in links where link.isForward && link.parent == carried[next] && !carried.contains(link.message) {
                carried.append(link.message)
                if let forward = try forward(link.message, in: store) { forwards.append(forward) }
            }
            next += 1
        }
        let replies = try links.filter { !$0.isForward && carried.contains($0.parent) }
            .compactMap { try reply($0, in: store) }
        return (forwards.sorted { $0.at < $1.at }, replies.sorted { $0.at < $1.at })
    }

    func forward(_ id: String, in store: some StoreReading) throws -> SentForward? {
        // One that this device sent counts once it is accepted.
        if let row = try store.sent(id), row.index == nil { return nil }
        guard let message = MessageID(id), let manifest = try knownManifest(message, in: store)?.manifest else {
            return nil
        }
        let facts = try store.notices(on: id).compactMap { try fact($0) }
        return SentForward(
            message: message, from: view.device(manifest.sender)?.member, to: manifest.member, at: manifest.at,
            expires: manifest.expires, state: MessageProgress.furthest(facts.map(\.action)), facts: facts,
            devices: manifest.recipients.map(\.device))
    }

    private func reply(_ link: LinkRow, in store: some StoreReading) throws -> SentReply? {
        guard let message = MessageID(link.message), let parent = MessageID(link.parent),
            let details = try store.messageDetails(link.message).flatMap({ MessageDetails($0) })
        else { return nil }
        return SentReply(
            message: message, answers: parent, device: details.sender, member: details.member, at: details.at,
            promisedAt: link.promised.flatMap { Timestamp($0) },
            isVerified: details.broken.isEmpty && details.quarantine == nil)
    }
}
