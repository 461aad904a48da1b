public import DeviceKit
import Statements
import Synchronization
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a command says: results on standard output, talk on standard error, both as people or as scripts read them.
public struct Console: Sendable {
    /// `--json`: one object on standard output (lines of objects for streams), errors as one object on standard error.
    public let isJSON: Bool
    /// `-v`: the step log as it is written.
    public let isVerbose: Bool
    /// How wide the terminal is that shows the results, just now; `nil` when none does.
    var columns: Int? { width() }
    /// What the commands must name that somebody is told to type.
    var profile = ProfileHint.none
    /// Whether talk is broken at words where results are: where a terminal shows both.
    var wrapsTalk: Bool
    private let width: @Sendable () -> Int?
    private let hasColour: Bool
    /// Whether somebody looks on who can be shown a line that changes.
    private let showsProgress: Bool
    /// Writes all of it, or says why not.
    private var put: @Sendable (_ bytes: [UInt8], _ isError: Bool) -> Errno?
    /// Makes what was written to standard output safe from a crash, where it is a file.
    private let synchronize: @Sendable () -> Bool
    private let output: OutputFate

    /// The real one.
    public init(isJSON: Bool, isVerbose: Bool, environment: [String: String]) {
        let isPlain = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb" || isJSON
        self.init(
            isJSON: isJSON, isVerbose: isVerbose, hasColour: !isPlain && isatty(STDERR_FILENO) == 1,
            width: Self.terminalColumns,
            showsProgress: !isJSON && environment["TERM"] != "dumb" && isatty(STDERR_FILENO) == 1,
            put: { bytes, isError in
                let file = isError ? FileDescriptor.standardError : FileDescriptor.standardOutput
                do { try file.writeAll(bytes) } catch { return error as? Errno ?? .ioError }
                return nil
            },
            // Pipes and terminals have nothing to synchronise, and say so.
            synchronize: { fsync(STDOUT_FILENO) == 0 || errno == EINVAL || errno == EROFS || errno == ENOTSUP },
            output: .process)
    }

    /// One whose words go elsewhere.
    /// - Parameters:
    ///   - columns: How wide the terminal is that shows the results; `nil` when none does.
    ///   - refusal: What standard output says instead of taking anything; errors are taken all the same.
    public init(
        isJSON: Bool, isVerbose: Bool, hasColour: Bool, columns: Int? = nil, refusal: Errno? = nil,
        write: @escaping @Sendable (String, Bool) -> Void
    ) {
        self.init(
            isJSON: isJSON, isVerbose: isVerbose, hasColour: hasColour, width: { columns }, showsProgress: false,
            put: { bytes, isError in
                if let refusal, !isError { return refusal }
                write(String(decoding: bytes, as: UTF8.self), isError)
                return nil
            }, synchronize: { true }, output: OutputFate())
    }

    private init(
        isJSON: Bool, isVerbose: Bool, hasColour: Bool, width: @escaping @Sendable () -> Int?, showsProgress: Bool,
        put: @escaping @Sendable ([UInt8], Bool) -> Errno?,
        synchronize: @escaping @Sendable () -> Bool, output: OutputFate
    ) {
        self.isJSON = isJSON
        self.isVerbose = isVerbose
        self.hasColour = hasColour
        self.showsProgress = showsProgress
        wrapsTalk = showsProgress
        self.width = width
        self.put = put
        self.synchronize = synchronize
        self.output = output
    }

    /// The same, of which no word waits for whoever reads: what is not taken yet is written by a thread of its own.
    var notWaiting: Console {
        let waiting = self
        let pump = OutputPump.process
        var console = self
        console.put = { bytes, isError in
            pump.put(bytes, isError, lost: waiting.lostLines, failed: waiting.notWritten)
            return nil
        }
        return console
    }

    @Sendable private func notWritten(because cause: Errno, isError: Bool) {
        if !isError, output.lose(to: cause) { fail(.outputLost(to: cause)) }
    }

    private func lostLines(_ count: Int) -> [UInt8] {
        let words =
            "\(count) lines are not shown here, for nothing was taken for too long: \"nightbell inbox\" and \"nightbell sent\" have "
            + "what they were about"
        let document: JSONValue = ["warning": ["message": .string(words)]]
        return Array((isJSON ? document.ascii + "\n" : "nightbell: warning: \(words)\n").utf8)
    }

    /// How wide the terminal is that standard output goes to; `nil` when it goes to none.
    @Sendable
    static func terminalColumns() -> Int? {
        var size = winsize()
        guard isatty(STDOUT_FILENO) == 1, unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0
        else { return nil }
        return Int(size.ws_col)
    }

    /// A command's result, in the form that was asked for. A reader that went away is no reason to stop.
    /// - Returns: Whether all of it was taken: whoever tells others that something was shown asks.
    @discardableResult
    public func result(_ document: JSONValue, human: @autoclosure () -> String) -> Bool {
        write((isJSON ? document.ascii : page(human(), columns)) + "\n", false)
    }

    private func page(_ text: String, _ columns: Int?) -> String {
        columns.map { TextWrap.page(text, columns: $0) } ?? text
    }

    /// A command's result that is a list, of which one form alone is made: there may be ten thousand items.
    /// - Parameters:
    ///   - name: The list's in the object.
    ///   - document: What makes an item's. Made once for each of several threads.
    ///   - others: What stands behind it there.
    public func result<Item: Sendable>(
        _ name: String, _ items: [Item], _ document: @Sendable () -> (Item) -> JSONValue, and others: JSONObject,
        human: @autoclosure () throws -> String
    ) rethrows {
        guard isJSON else {
            write(try human() + "\n", false)
            return
        }
        var bytes = others.ascii(after: name, items, document)
        bytes.append(UInt8(ascii: "\n"))
        write(bytes, false)
    }

    /// A result of which nothing is kept here once it was told.
    /// - Returns: Whether it was written whole, and is on the disk when standard output is a file.
    public func resultToKeep(_ document: JSONValue, human: @autoclosure () -> String) -> Bool {
        put(Array(((isJSON ? document.ascii : human()) + "\n").utf8), false) == nil && synchronize()
    }

    /// Text for standard output that has one form only: help, a script.
    func output(_ text: String) { write(text, false) }

    /// The same, as bytes.
    func output(_ bytes: [UInt8]) { write(bytes, false) }

    @discardableResult
    private func write(_ text: String, _ isError: Bool) -> Bool { write(Array(text.utf8), isError) }

    /// - Returns: Whether all of it was taken.
    @discardableResult
    private func write(_ bytes: [UInt8], _ isError: Bool) -> Bool {
        guard let cause = put(bytes, isError) else { return true }
        if !isError, output.lose(to: cause) { fail(.outputLost(to: cause)) }
        return false
    }

    /// Whether something of what was to be shown is lost: then no command ends as if it had shown it. A reader that went
    /// away has what it wanted.
    var hasLostOutput: Bool { output.isLost }

    /// A sentence of ours, whose commands go to the profile of this one. Not for what others wrote: that is shown as it is.
    func hinted(_ text: String) -> String { profile.applied(to: text) }

    /// Whether to go on: whoever types is asked, and what a script says is meant.
    /// - Parameter whereShown: Only where the result is shown to them as well.
    func confirms(_ question: String, whereShown: Bool = false) -> Bool {
        isJSON || !Input.isTerminal || (whereShown && columns == nil) || TerminalPrompt.confirms(question)
    }

    /// Talk: never with `--json`.
    public func say(_ text: String) {
        if !isJSON { write(page(hinted(text), talkColumns) + "\n", true) }
    }

    /// Something to know, not an error.
    public func warn(_ text: String) {
        if isJSON {
            let document: JSONValue = ["warning": ["message": .string(hinted(text))]]
            write(document.ascii + "\n", true)
        } else {
            tell("warning:", "33", text)
        }
    }

    private var talkColumns: Int? { wrapsTalk ? columns : nil }

    /// A sentence behind what it is.
    private func tell(_ what: String, _ colour: String?, _ text: String) {
        // The colour takes no column.
        let start = String(repeating: " ", count: "nightbell: \(what) ".count)
        let lines = laidOut(hinted(SafeText.line(text)), first: start, columns: talkColumns)
        write("nightbell: \(colour.map { coloured(what, $0) } ?? what) \(lines.dropFirst(start.count))\n", true)
    }

    /// Broken at words when it is wider than a terminal that shows it; no command to type is.
    private func laidOut(_ text: String, first: String = "", columns: Int?) -> String {
        guard let columns else { return first + text }
        return TextWrap.keepingCommands(text, first: first, rest: Self.stampBlanks, columns: columns)
            .joined(separator: "\n")
    }

    /// As wide as `11:54:59 `, with which the lines of a command that stays begin.
    private static let stampBlanks = String(repeating: " ", count: 9)

    /// A line of a command that stays: an object for scripts, and a sentence for people, broken where the terminal ends.
    func line(_ document: JSONValue, human: @autoclosure () -> String) {
        write((isJSON ? document.ascii : laidOut(hinted(human()), columns: columns)) + "\n", false)
    }

    /// What is certain before a command that takes its time has its result: with `--json` an object on standard error, for
    /// standard output gets one object at the end.
    public func early(_ document: JSONValue, human: @autoclosure () -> String) {
        write((isJSON ? document.ascii : human()) + "\n", isJSON)
    }

    /// Why the command failed, and what to do.
    /// - Parameter isTold: Whether people were told why already, as a finding: they read it once.
    public func fail(_ error: DeviceKitError, isTold: Bool = false) {
        if isJSON {
            let document: JSONValue = [
                "error": [
                    "code": .string(error.code.rawValue), "message": .string(hinted(error.message)),
                    "next": .string(hinted(error.next)),
                ]
            ]
            write(document.ascii + "\n", true)
        } else {
            if !isTold { tell("error:", "31", error.message) }
            if !error.next.isEmpty { tell("hint:", nil, error.next) }
        }
    }

    /// A finding: never quiet.
    public func alarm(_ finding: Finding) {
        if isJSON {
            let document: JSONValue = [
                "finding": [
                    "code": .string(finding.code.rawValue), "message": .string(finding.sentence),
                    "evidence": .string(finding.evidence),
                ]
            ]
            write(document.ascii + "\n", true)
        } else {
            write("\n", true)
            tell("FINDING:", "31;1", finding.sentence)
            let words =
                finding.needsExport
                ? "what shows this finding, together with an export of the history that the relay shows now, is kept in"
                : "the proof of this finding is kept in"
            write("nightbell: \(words) \(SafeText.line(finding.evidence))\n\n", true)
        }
    }

    /// How far a file has come: a line that is written over, and cleared at the end.
    public func show(_ progress: TransferProgress) {
        guard showsProgress, progress.total > 0 else { return }
        let percent = progress.done * 100 / progress.total
        let word = progress.direction == .upload ? "sending" : "fetching"
        let text = progress.done < progress.total ? "  \(word) file \(progress.index + 1): \(percent) %" : ""
        write("\r\u{1B}[K\(text)", true)
    }

    /// Whether there is a line that changes.
    var hasLine: Bool { showsProgress }

    /// Writes the line that changes anew; an empty one takes it away.
    func line(_ text: String) {
        if showsProgress { write("\r\u{1B}[K\(text)", true) }
    }

    /// A line of the step log, for `-v`.
    public func show(_ line: StepLine) {
        guard isVerbose else { return }
        if isJSON {
            write(String(decoding: line.bytes, as: UTF8.self) + "\n", true)
        } else {
            write(Self.human(line) + "\n", true)
        }
    }

    /// `03:07:09.250  content            0.412 ms  the content opened …`, by this machine's clock.
    static func human(_ line: StepLine) -> String {
        let time = LocalTime.precise(line.at)
        let step = line.step.rawValue.padded(to: 18)
        let duration = String(StepLine.milliseconds(line.microseconds)).padded(to: 9, right: true)
        return "\(time)  \(step)\(duration) ms  \(SafeText.line(ActionWords.established(line.established)))"
    }

    private func coloured(_ text: String, _ code: String) -> String {
        hasColour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

/// Tells a console what a session does.
struct ConsoleObserver: SessionObserver {
    let console: Console
    let findings: MetFindings
    /// Whether the command stays: to it a lie that goes on is told each time, to every other once.
    let isStaying: Bool

    func logged(_ lines: [StepLine]) { lines.forEach(console.show) }
    func found(_ finding: Finding) {
        if findings.add(finding) || isStaying { console.alarm(finding) }
    }
    func remark(_ sentence: String) {
        if findings.isNews(sentence) || isStaying { console.warn(sentence) }
    }
    func transferred(_ progress: TransferProgress) { console.show(progress) }
}

/// What findings a command met.
final class MetFindings: Sendable {
    /// The evidence of each sentence, and the remarks that repeat one.
    private let met = Mutex<(sentences: [String: Set<String>], remarks: Set<String>)>(([:], []))

    var isEmpty: Bool { met.withLock { $0.sentences.isEmpty } }
    func contains(_ sentence: String) -> Bool { met.withLock { $0.sentences[sentence] != nil } }

    /// - Returns: Whether it was not met before.
    func add(_ finding: Finding) -> Bool {
        met.withLock { $0.sentences[finding.sentence, default: []].insert(finding.evidence).inserted }
    }

    /// Whether a remark is to be told: one that repeats a finding is once.
    func isNews(_ remark: String) -> Bool {
        met.withLock { met in
            guard met.sentences.keys.contains(where: { remark.contains($0) }) else { return true }
            return met.remarks.insert(remark).inserted
        }
    }
}
