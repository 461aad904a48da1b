import DeviceKit
import Foundation
import Statements
import TerminalScreen
import Testing
import UnlockAgent

@testable import TerminalClient

/// The pictures in the documentation are the screen's: drawn from one story at the sizes that terminals have.
///
/// `NIGHTBELL_WRITE_CAPTURES=1` writes them anew; look at them before they are committed.
@Suite struct ScreenCaptureTests {
    private static let article =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../../Clients/Terminal/TerminalClient/TerminalClient.docc/Screens.md")

    private static let messages: [ListedMessage] = [
        .sample(0, .urgent, age: 260, from: "Night Desk"),
        .sample(1, .sameDay, age: 1_500, state: "read", from: "Dr. Dan Diaz"),
        .sample(2, .routine, age: 9_000, from: "Night Desk"),
        .sample(3, .urgent, age: 2_700, state: "acknowledged", from: "Night Desk"),
        .sample(4, .urgent, age: 14_000, state: "closed", from: "Night Desk"),
        .sample(5, .routine, age: 20_000, state: "declined", from: "Night Desk"),
    ]

    private static func stage(_ columns: Int, _ rows: Int) -> ScreenStage {
        var stage = ScreenStage(columns: columns, rows: rows)
        stage.tell(
            .listed(messages), .steps(nil, Samples.steps(messages[0].id)), .link(.open),
            .present(ScreenStage.start.adding(seconds: -12)))
        return stage
    }

    private static func opened(_ columns: Int, _ rows: Int) -> ScreenStage {
        var stage = stage(columns, rows)
        stage.press(.enter)
        stage.open(messages[0])
        var read = messages[0]
        read.state = "read"
        stage.tell(.steps(read.id, Samples.steps(read.id)), .message(read))
        return stage
    }

    /// Every picture, by its name in the article.
    private static func pictures() -> [(name: String, frame: Frame)] {
        var pictures: [(String, Frame)] = []
        for (columns, rows) in [(80, 24), (120, 40), (200, 60)] {
            pictures.append(("messages-\(columns)x\(rows)", stage(columns, rows).machine.frame))
            pictures.append(("message-\(columns)x\(rows)", opened(columns, rows).machine.frame))
        }
        var alarm = opened(80, 24)
        alarm.tell(.message(.sample(6, .emergent, age: 12)))
        pictures.append(("emergent-80x24", alarm.machine.frame))
        alarm.press(.character("\u{03}"))
        pictures.append(("leaving-80x24", alarm.machine.frame))
        var question = opened(80, 24)
        question.type("a")
        pictures.append(("acknowledge-80x24", question.machine.frame))
        question.type("1")
        question.tell(.signed(.acknowledged, messages[0].id), .unposted("the relay does not answer"))
        question.tell(
            .link(
                .down(
                    since: ScreenStage.start, cause: "the relay does not answer",
                    retry: ScreenStage.start.adding(seconds: 8))))
        pictures.append(("no-link-80x24", question.machine.frame))
        pictures += talking()
        pictures += Self.together() + Self.locked()
        var steps = opened(80, 24)
        steps.type("s")
        pictures.append(("steps-80x24", steps.machine.frame))
        var help = stage(80, 24)
        help.type("?")
        pictures.append(("help-80x24", help.machine.frame))
        return pictures
    }

    /// What is typed, and to whom it is handed.
    private static func talking() -> [(name: String, frame: Frame)] {
        var pictures: [(String, Frame)] = []
        var promise = opened(80, 24)
        promise.type("a220")
        pictures.append(("promise-80x24", promise.machine.frame))
        var reply = opened(80, 24)
        reply.type("rKeep the leg up. I call within ten minutes.")
        pictures.append(("reply-80x24", reply.machine.frame))
        var handOff = opened(80, 24)
        handOff.type("hm")
        pictures.append(("hand-off-80x24", handOff.machine.frame))
        handOff.press(.enter)
        handOff.type("I am in theatre until 4.")
        handOff.press(.enter)
        pictures.append(("hand-off-asked-80x24", handOff.machine.frame))
        return pictures
    }

    /// Threads, hand-offs, and what comes back.
    private static func together() -> [(String, Frame)] {
        let taken = messages[3]
        let reply = ListedMessage.sample(6, .urgent, age: 40, from: "Night Desk", answers: taken.id)
        var thread = stage(80, 24)
        thread.tell(.message(reply))
        var pictures = [("replied-80x24", thread.machine.frame)]
        thread.press(.home, .down, .enter)
        let asked = ListedMessage.sample(7, .urgent, age: 1_200)
        let entries = [
            ThreadEntry(
                message: asked.id, kind: .sent, at: asked.at, from: ScreenStage.person.member, to: "Night Desk",
                state: "read",
                reply: try! Reply(
                    text: "Is she able to walk?", promisedAt: ScreenStage.start.adding(seconds: 1_300))),
            ThreadEntry(
                message: reply.id, kind: .received, at: reply.at, from: "Night Desk", to: ScreenStage.person.member,
                state: "delivered", reply: try! Reply(text: "A few steps, with help. Her husband drives her in now.")),
        ]
        thread.open(taken, thread: entries, news: [reply.id])
        thread.wait(seconds: 3)
        pictures.append(("thread-80x24", thread.machine.frame))

        var handed = stage(80, 24)
        handed.press(.down, .enter)
        let original = HandOffPath.Original(
            from: "Night Desk", at: messages[1].at.adding(seconds: -2_400), message: messages[1].id, attachments: 1)
        let path = HandOffPath(
            hands: [.init(text: "I am in theatre until four. Can you call her?", original: original)], content: nil)
        handed.open(messages[1], .handedOn(path, Samples.record))
        pictures.append(("handed-on-80x24", handed.machine.frame))

        var back = stage(80, 24)
        var late = taken
        late.taken = TakenUp(
            since: ScreenStage.start.adding(seconds: -2_000), promisedAt: ScreenStage.start.adding(seconds: 30))
        back.tell(.message(late))
        back.wait(seconds: 30)
        pictures.append(("not-closed-80x24", back.machine.frame))
        return pictures
    }

    /// What stands there in place of all others while the profile is locked.
    private static func locked() -> [(String, Frame)] {
        var words = LockedWords(
            reason: .idle, hasAgent: true, awaited: 0, hasUnlockFile: false, needsKeyFile: false,
            command: "nightbell unlock")
        (words.link, words.waiting) = (.listening, 1)
        var frame = Frame(columns: 80, rows: 24)
        for (row, line) in words.screen(columns: 80, loud: { $0 }).enumerated() { _ = frame.put(line, at: 0, row) }
        return [("locked-80x24", frame)]
    }

    private static func block(_ name: String, in article: String) -> Range<String.Index>? {
        guard let start = article.range(of: "```screen \(name)\n"),
            let end = article.range(of: "\n```", range: start.upperBound..<article.endIndex)
        else { return nil }
        return start.upperBound..<end.lowerBound
    }

    @Test func theDocumentedPicturesAreTheScreens() throws {
        var article = try String(contentsOf: Self.article, encoding: .utf8)
        let isWriting = ProcessInfo.processInfo.environment["NIGHTBELL_WRITE_CAPTURES"] != nil
        for (name, frame) in Self.pictures() {
            let range = try #require(Self.block(name, in: article), "no picture \(name) in the article")
            if isWriting { article.replaceSubrange(range, with: frame.text) }
            let place = try #require(Self.block(name, in: article))
            #expect(String(article[place]) == frame.text, "\(name)")
        }
        #expect(article.components(separatedBy: "```screen ").count - 1 == Self.pictures().count)
        if isWriting { try article.write(to: Self.article, atomically: true, encoding: .utf8) }
    }

    @Test func noPictureIsWiderOrHigherThanItsTerminal() {
        for (name, frame) in Self.pictures() {
            let size = name.split(separator: "-").last?.split(separator: "x").compactMap { Int($0) }
            #expect(size == [frame.columns, frame.rows])
            #expect(frame.lines.allSatisfy { Columns.width($0) <= frame.columns })
        }
    }
}
