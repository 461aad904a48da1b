import DeviceKit
import Statements
import TerminalScreen

/// What the screen hears.
enum ScreenEvent: Sendable {
    case terminal(TerminalEvent)
    /// Time has passed.
    case tick
    /// Every message that is stored.
    case listed([ListedMessage])
    /// A message came, or more is known of it.
    case message(ListedMessage)
    case link(RelayLink)
    /// The time of the relay's newest signed head that is believed.
    case present(Timestamp)
    /// How far the relay's clock is ahead of this machine's, in milliseconds.
    case clock(Int64)
    /// A message's content, for it was asked to be opened.
    case shown(ShownMessage)
    /// Whom a message can be answered and handed to.
    case people(MessagePeople)
    /// The other messages of the thread of the open message, anew.
    case thread(MessageID, [ThreadEntry])
    /// More is known of a message that was sent from here: it may stand in the open thread.
    case moved(MessageID)
    /// The step log's lines about a message, or its last ones.
    case steps(MessageID?, [StepLine])
    /// Lines that were just added.
    case logged([StepLine])
    case note(ScreenNote)
    /// An answer was signed and stored.
    case signed(ReceiptAction, MessageID)
    /// The log's proof of an answer was verified.
    case proven(ReceiptAction, MessageID, index: UInt64)
    /// A reply or a hand-off was stored.
    case kept(UnsentWords)
    /// All that are stored and not proven.
    case unsent([UnsentWords])
    /// The log's proof of one was verified.
    case sent(UnsentWords, index: UInt64)
    /// One never goes out: why.
    case refused(UnsentWords, cause: String)
    /// Answers are stored here and the relay has not taken them: why.
    case unposted(String)
    /// What was asked for was not done: why, and what to do; of which message.
    case failed(String, next: String, about: MessageID? = nil)
    /// That too few witnesses vouch for the logs, in a sentence; `nil` when that is over.
    case witnesses(String?)
    /// What was sent from here and must be telephoned about, the most pressing first.
    case toTelephone([SentMatter])
    /// Something that another message of ours came to, or that was done with this one.
    case told(String, ScreenStatus.Weight, about: MessageID? = nil)
}

/// What the screen wants done. None of it is waited for.
enum ScreenAction: Sendable, Equatable {
    /// Read a message's content, and sign that it was read.
    case open(MessageID)
    /// Look up the thread of a message anew.
    case thread(MessageID)
    /// Somebody has read that these devices joined.
    case seen([DeviceID])
    case answer(ReceiptAction, ReceiptReason?, MessageID, words: Reply? = nil)
    case reply(MessageID, String)
    case handOff(MessageID, Colleague, words: String?)
    /// Say anew whom a message can be handed to.
    case lookUp(MessageID)
    /// Save a message's files into a folder, and sign that they were saved.
    case save(MessageID, folder: String)
    case ring
    /// Wipe keys and content, and leave the screen to whoever keeps it.
    case lock
    case quit
}
