import DeviceKit
import Statements
import TerminalScreen

/// A call record in the order in which a clinician needs it: the number to call, who, about whom, why, how bad, what must
/// not be given; then the rest.
///
/// What was not recorded is said to be so: "no allergies" and "nobody asked" are not the same.
struct RecordPainter {
    private static let nameColumns = 13
    private static let notRecorded = "not recorded"

    let record: JSONValue
    let columns: Int
    let at: Timestamp

    init(_ record: JSONValue, columns: Int, at: Timestamp) {
        self.record = record
        self.columns = columns
        self.at = at
    }

    var lines: [StyledLine] {
        callback + caller + patient + request + triage + clinical + summary + intake + transcript
    }

    // MARK: Parts

    private var callback: [StyledLine] {
        guard let callback = record["caller"]?["callback"] else {
            return field("CALL BACK", "NO NUMBER: the call ended before one was taken.", .danger)
        }
        let number = Self.number(callback)
        let isConfirmed = callback["confirmed"]?.bool ?? false
        var lines = [
            StyledLine(Columns.fitted("CALL BACK", to: Self.nameColumns), .label).adding(number, .strong).adding("   ")
                .adding(isConfirmed ? "confirmed" : "NOT CONFIRMED", isConfirmed ? .good : .danger)
        ]
        let other = text(callback["alternate_e164"]).map { "or \(Self.telephone($0))" }
        let below = StyledLine(String(repeating: " ", count: Self.nameColumns))
        if let other { lines.append(below.adding(other)) }
        // Of the call back as a whole: beside one number it would seem to be about that one.
        if callback["may_leave_message"]?.bool == false {
            lines.append(
                below.adding(other == nil ? "LEAVE NO MESSAGE" : "LEAVE NO MESSAGE at either number", .caution))
        }
        return lines
    }

    /// A number, and the extension behind it.
    private static func number(_ callback: JSONValue) -> String {
        let number = telephone(callback["e164"]?.string.map(SafeText.line) ?? "")
        return number + (text(callback["ext"]).map { "  extension \($0)" } ?? "")
    }

    /// The number to call in a few words, with what must not be overlooked of it.
    static func callback(_ record: JSONValue) -> String {
        guard let callback = record["caller"]?["callback"] else { return "NO NUMBER" }
        let marks = [
            callback["confirmed"]?.bool ?? false ? nil : "NOT CONFIRMED",
            callback["may_leave_message"]?.bool == false ? "LEAVE NO MESSAGE" : nil,
        ].compactMap { $0 }
        return ([number(callback)] + marks).joined(separator: ", ")
    }

    private var caller: [StyledLine] {
        let caller = record["caller"]
        var words = [text(caller?["name"]) ?? Self.notRecorded]
        switch text(caller?["relation"]) {
        case "self": words.append("the patient")
        case "unknown": words.append("relation not known")
        case let relation?: words.append(Self.relation(relation))
        case nil: break
        }
        if let organisation = text(caller?["organization"]) { words.append(organisation) }
        if let spoken = text(caller?["language"]) { words.append("speaks \(spoken)") }
        let lines = field("CALLER", words.joined(separator: ", "))
        return caller?["interpreter_needed"]?.bool == true ? lines + field("", "INTERPRETER NEEDED", .danger) : lines
    }

    /// `nil` when nobody recorded it.
    static func patientName(_ record: JSONValue) -> String? {
        let names = ["given", "family"].compactMap { text(record["patient"]?[$0]) }
        return names.isEmpty ? nil : names.joined(separator: " ")
    }

    private var patient: [StyledLine] {
        let patient = record["patient"]
        var words = [Self.patientName(record) ?? "name \(Self.notRecorded)"]
        if let sex = text(patient?["sex"]), sex != "unknown" { words.append(sex) }
        if let born = text(patient?["dob"]) {
            words.append("born \(born)" + (Self.age(born: born, at: at).map { " (\($0))" } ?? ""))
        }
        if let number = text(patient?["mrn"]?["value"]) {
            words.append(number.uppercased().hasPrefix("MRN") ? number : "MRN \(number)")
        }
        var lines = field("PATIENT", words.joined(separator: ", "))
        switch text(patient?["match"]) {
        case "matched": break
        case "ambiguous": lines += field("", "SEVERAL PATIENTS FIT: make sure who it is.", .danger)
        case "unmatched": lines += field("", "Not found among the practice's patients.", .caution)
        default: lines += field("", "Not looked up among the practice's patients.")
        }
        return lines
    }

    private var request: [StyledLine] {
        let request = record["request"]
        var lines = field("REASON", text(request?["reason"]) ?? Self.notRecorded, .strong)
        var words = [text(request?["category"]).map(Self.plain)].compactMap { $0 }
        if let provider = text(request?["provider_requested"]) { words.append("asked for \(provider)") }
        if request?["is_treating_provider_unavailable"]?.bool == true {
            words.append("the treating provider is not available")
        }
        if !words.isEmpty { lines += field("", words.joined(separator: "; ")) }
        return lines
    }

    private var triage: [StyledLine] {
        let triage = record["triage"]
        var words = [text(triage?["urgency"]).map { Self.plain($0).uppercased() } ?? Self.notRecorded]
        switch text(triage?["classified_by"]) {
        case "ai": words.append("classified by software" + confidence(triage))
        case "ivr_choice": words.append("chosen by the caller on the telephone's keys")
        case let someone?: words.append("classified by the \(someone)")
        case nil: break
        }
        var lines = texts(triage?["red_flags"]).map { field("RED FLAGS", $0, .danger) } ?? []
        // Before anything that takes room: on a small screen it is seen without a key.
        lines += field("ALLERGIES", texts(record["clinical"]?["allergies"]) ?? Self.notRecorded, .strong)
        lines += field("TRIAGE", words.joined(separator: ", "))
        if let disposition = text(triage?["disposition"]) { lines += field("", disposition) }
        if let time = text(triage?["respond_by"]) { lines += field("", "respond by \(Self.moment(time))", .strong) }
        if triage?["told_to_call_911"]?.bool == true { lines += field("", "The caller was told to call 911.", .strong) }
        if let protocol_ = text(triage?["protocol"]) { lines += field("", "protocol: \(protocol_)", .quiet) }
        if let marks = texts(record["sensitivity"]) { lines += field("CONFIDENTIAL", marks, .caution) }
        return lines
    }

    private func confidence(_ triage: JSONValue?) -> String {
        guard case .number(let number) = triage?["confidence"], number.double.isFinite else { return "" }
        return " (\(Int((number.double * 100).rounded())) % sure)"
    }

    private var clinical: [StyledLine] {
        let clinical = record["clinical"]
        var lines = field("MEDICINES", texts(clinical?["medications"]) ?? Self.notRecorded)
        if let conditions = texts(clinical?["conditions"]) { lines += field("CONDITIONS", conditions) }
        if case .number(let weeks)? = clinical?["pregnancy_weeks"] {
            lines += field("PREGNANT", "\(weeks.literal) weeks")
        }
        if let procedure = clinical?["recent_procedure"] {
            let when = text(procedure["on"]).map { ", on \($0)" } ?? ""
            lines += field("PROCEDURE", (text(procedure["what"]) ?? Self.notRecorded) + when)
        }
        if let symptoms = texts(clinical?["symptoms"]) { lines += field("SYMPTOMS", symptoms) }
        if let onset = text(clinical?["onset"]) { lines += field("ONSET", onset) }
        if let tried = text(clinical?["tried"]) { lines += field("TRIED", tried) }
        if let pharmacy = clinical?["pharmacy"] {
            let number = text(pharmacy["e164"]).map { "  \(Self.telephone($0))" } ?? ""
            lines += field("PHARMACY", (text(pharmacy["name"]) ?? "name \(Self.notRecorded)") + number)
        }
        return lines
    }

    private var summary: [StyledLine] {
        let content = record["content"]
        let by = text(content?["summary_by"]) == "ai" ? " (written by software)" : ""
        return [.empty] + field("SUMMARY", (block(content?["summary"]) ?? Self.notRecorded) + by)
    }

    private var intake: [StyledLine] {
        let intake = record["intake"]
        var words = [text(intake?["method"]).map(Self.plain)].compactMap { $0 }
        if let system = text(intake?["system"]) { words.append(system) }
        if let person = text(intake?["operator_id"]) { words.append(person) }
        if let received = text(intake?["received_at"]) { words.append("call of \(Self.moment(received))") }
        var lines =
            [StyledLine.empty]
            + field("TAKEN BY", words.isEmpty ? Self.notRecorded : words.joined(separator: ", "), .quiet)
        if text(intake?["status"]) == "incomplete" { lines += field("", "The call was not finished.", .danger) }
        let practice = [text(record["practice"]?["name"]), text(record["practice"]?["location"])].compactMap { $0 }
        lines += field("PRACTICE", practice.isEmpty ? Self.notRecorded : practice.joined(separator: ", "), .quiet)
        return lines
    }

    private var transcript: [StyledLine] {
        guard let parts = record["content"]?["transcript"]?.array, !parts.isEmpty else { return [] }
        var lines = [StyledLine.empty, StyledLine("TRANSCRIPT", .label)]
        for part in parts {
            let time = part["t_ms"]?.integer.map { WallClock.countdownOfCall($0) } ?? ""
            let speaker = text(part["speaker"]) ?? ""
            lines += StyledLine.field(
                "\(Columns.fitted(time, to: 6)) \(speaker)", block(part["text"]) ?? "", nameColumns: 17,
                columns: columns
            )
        }
        return lines
    }

    // MARK: Words

    private func field(_ name: String, _ text: String, _ style: Style = .plain) -> [StyledLine] {
        StyledLine.field(name, text, nameColumns: Self.nameColumns, columns: columns, style)
    }

    private func text(_ value: JSONValue?) -> String? { Self.text(value) }

    /// `nil` when nothing of it is seen: that was not recorded.
    static func text(_ value: JSONValue?) -> String? { seen(value).map(SafeText.line) }

    /// The same with its line breaks.
    private func block(_ value: JSONValue?) -> String? {
        Self.seen(value).map { SafeText.block($0.replacing("\r\n", with: "\n"), indent: "") }
    }

    private static func seen(_ value: JSONValue?) -> String? {
        value?.string.flatMap { UnseenLetters.areAll(of: $0) ? nil : $0 }
    }

    private func texts(_ value: JSONValue?) -> String? {
        guard let items = value?.array?.compactMap(text), !items.isEmpty else { return nil }
        return items.map(Self.plain).joined(separator: "; ")
    }

    private static func relation(_ word: String) -> String {
        switch word {
        case "spouse_partner": "spouse or partner"
        case "other_family": "another relative"
        case "hospital_ed": "a hospital's emergency department"
        case "nursing_facility": "a nursing facility"
        case "home_health": "home health service"
        case "other_provider": "another provider"
        default: plain(word)
        }
    }

    private static func plain(_ word: String) -> String { word.replacing("_", with: " ") }

    /// `+1 202 555 0147`: a North American number in the groups in which it is dialled; others as they are.
    static func telephone(_ number: String) -> String {
        guard number.hasPrefix("+1"), number.utf8.count == 12 else { return number }
        let digits = number.dropFirst(2)
        return "+1 \(digits.prefix(3)) \(digits.dropFirst(3).prefix(3)) \(digits.suffix(4))"
    }

    /// `22 Nov 23:41`, in the time of where it was written, and how far that is from UTC.
    static func moment(_ text: String) -> String {
        guard text.utf8.count >= 20, let place = text.lastIndex(where: { "Zz+-".contains($0) }) else { return text }
        let zone = text[place...].uppercased()
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) (\(zone == "Z" ? "UTC" : zone))"
    }

    /// Years; months below two years.
    static func age(born: String, at: Timestamp) -> String? {
        let parts = born.split(separator: "-").compactMap { Int($0) }
        let today = at.description.prefix(10).split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3, today.count == 3 else { return nil }
        let months = (today[0] - parts[0]) * 12 + today[1] - parts[1] - (today[2] < parts[2] ? 1 : 0)
        guard months >= 0 else { return nil }
        return months < 24 ? "\(months) months" : "\(months / 12) years"
    }
}

extension WallClock {
    /// `1:08`: how far into a call.
    static func countdownOfCall(_ milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds) / 1000
        return "\(seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60)"
    }
}
