import AuditSupport
import Auditing
import DeviceKit
import Membership
import Secrets
import SignerSupport
import Statements
import Testing

@testable import TerminalClient

/// What is told of a device that may be in other hands.
@Suite struct BreachReportTests {
    private static let day = CalendarDay("2026-11-30")!

    /// - Parameter look: `nil` of an export.
    private static func report(
        _ device: String, _ world: World, patients: BreachPatients? = nil, key: BreachReport.AuditKey = .no,
        discovered: CalendarDay = Self.day, today: CalendarDay = Self.day, lost: Timestamp? = nil,
        look: LoggedLook? = LoggedLook(entry: 7, reason: .investigation)
    ) async throws -> BreachReport {
        var audit = Audit()
        audit.organisation = world.organisation
        audit.detail = .devices([.named(device)])
        let verdict = try await audit.run(world.source)
        let history = try #require(try await RosterHistory.read(world.source, organisation: world.organisation))
        let found = try #require(history.view.device(.named(device)))
        let report = try DeviceReport(found, AuditedAnswer(verdict: verdict, history: history, look: look))
        return BreachReport(
            report, patients: patients, key: key,
            dates: BreachDates(discovered: discovered, isGiven: true, today: today, lost: lost))
    }

    /// The first message names a patient, the others nobody.
    private static func patients(_ messages: [Sent]) throws -> BreachPatients {
        let hash = Digest.sha256([7]).hex
        let named = IndexedCapsule(
            message: messages[0].message, index: 1, manifest: .zero, state: IndexedCapsule.opened,
            content: CapsuleContent(plaintext: Array("{\"patient\":\"MRN 7\",\"sha256\":\"\(hash)\"}".utf8)))
        return try BreachPatients(
            messages.map(\.message),
            MessageSubjects(ReferenceChains([:])) { $0 == named.message ? named : nil })
    }

    /// Of what was saved in clear no encryption protects anything: it is told first, with whom it is about.
    @Test func aFileThatWasSavedInClearIsTold() async throws {
        let world = World.practice()
        let first = world.send("first")
        world.deliver(first, to: "bo")
        world.receipt(.read, of: first, by: "bo")
        let saved = world.receipt(.disclosed, of: first, by: "bo")
        let report = try await Self.report("bo", world, patients: try Self.patients([first]))
        let list = report.document["saved_in_clear"]?.array ?? []
        #expect(list.map { $0["message"]?.string } == ["\(first.message)"])
        #expect(list.first?["patient"]?.string == "MRN 7")
        #expect(list.first?["index"]?.integer == Int64(saved))
        #expect(report.document["received"]?.array?.first?["disclosed"]?.string != nil)
        for part in [
            "1 FILE WAS SAVED OUT OF NIGHTBELL ON IT, IN CLEAR", "\(first.message)  MRN 7  entry \(saved)",
            "What ELSE is stored", "NOT of the files that were saved in clear", "read there, FILE SAVED IN CLEAR",
        ] { #expect(report.human.contains(part), "\(part): \(report.human)") }
        let other = try await Self.report("tablet", world)
        #expect(other.document["saved_in_clear"]?.array?.isEmpty == true)
        #expect(!other.human.contains("SAVED") && !other.human.contains("ELSE"))
    }

    @Test func whatWasDoneAfterTheLossIsNotItsOwners() async throws {
        let world = World.practice()
        let first = world.send("first")
        world.deliver(first, to: "bo")
        world.receipt(.read, of: first, by: "bo")
        let second = world.send("second")
        world.wait(seconds: 60)
        let lost = world.now
        world.deliver(second, to: "bo")
        let read = world.receipt(.read, of: second, by: "bo")
        let report = try await Self.report("bo", world, lost: lost)
        let after = report.document["after_loss"]?.array ?? []
        #expect(after.map { $0["what"]?.string } == ["read"] && after.first?["index"]?.integer == Int64(read))
        #expect(report.document["lost_at"]?.string == "\(lost)")
        #expect(report.human.contains("DONE ON IT AFTER IT WAS LOST"))
        #expect(after.first?["signed_before_loss"]?.bool == false)
        #expect(report.human.contains("read  \(second.message)  entry \(read)"), "\(report.human)")
        #expect(!report.human.contains("read  \(first.message)  entry"))
        #expect(!report.human.contains("SIGNED BEFORE"))
        // What was signed before may have waited there for the relay: nobody is told that its owner did not do it.
        let waited = world.receipt(.read, of: first, by: "bo") { $0.at = lost.adding(seconds: -30) }
        let offline = try await Self.report("bo", world, lost: lost)
        let before = offline.document["after_loss"]?.array?.map { $0["signed_before_loss"]?.bool }
        #expect(before == [false, true])
        let sections = offline.human.split(separator: "\n\n")
        let done = sections.filter { $0.hasPrefix("DONE ON IT AFTER IT WAS LOST") }
        #expect(done.count == 1 && done[0].contains("entry \(read)") && !done[0].contains("entry \(waited)"))
        let heading = "LOGGED AFTER IT WAS LOST (\(LocalTime.exact(lost))), AND SIGNED BEFORE"
        let earlier = sections.filter { $0.hasPrefix(heading) }
        let signed = LocalTime.exact(lost.adding(seconds: -30))
        #expect(
            earlier.first?.contains("read  \(first.message)  entry \(waited)  SIGNED AT \(signed)") == true,
            "\(offline.human)")
        #expect(earlier.count == 1 && earlier.first?.contains("entry \(read)") == false)
        // As exact as what it is compared with: the same second may stand on both sides.
        #expect(report.human.contains("AFTER IT WAS LOST (\(LocalTime.exact(lost)))"), "\(report.human)")
        let later = try await Self.report("bo", world, lost: world.now.adding(seconds: 60))
        #expect(later.document["after_loss"]?.array?.isEmpty == true)
        #expect(later.human.contains("and not by its owner\n  nothing, as far as receipts say"), "\(later.human)")
        let unknown = try await Self.report("bo", world)
        #expect(unknown.document["after_loss"] == .null && unknown.human.contains("--lost-at TIME tells apart"))
        #expect(unknown.document["let_out_after_loss"] == .null && !unknown.human.contains("AFTER IT WAS LOST"))
        // What whoever has the desk's device sends is told as well.
        let sent = world.send("third")
        let desk = try await Self.report("ivy", world, lost: lost)
        #expect(desk.document["after_loss"]?.array?.map { $0["message"]?.string } == ["\(sent.message)"])
        #expect(desk.human.contains("SENT  \(sent.message)"))
    }

    /// Whose calls whoever had the device received: what was let out to it then, and nothing that its owner had got.
    @Test func whatWasLetOutAfterTheLossIsToldApart() async throws {
        let world = World.practice()
        let old = world.send("old")
        world.deliver(old, to: "bo")
        world.receipt(.read, of: old, by: "bo")
        let again = world.send("again")
        world.deliver(again, to: "bo")
        let call = world.send("call", urgency: .emergent)
        let page = world.send("page")
        world.send("never")
        world.wait(seconds: 60)
        let lost = world.now
        world.wait(seconds: 5)
        let at = world.now
        let index = world.serve(call, to: "bo")
        world.wait(seconds: 5)
        world.log(.pushed(.named("bo"), page.message, .webPush, attempt: 1, .accepted))
        let repeated = world.serve(again, to: "bo")
        // What another device got is not this one's.
        world.serve(old, to: "tablet")
        world.wait(seconds: 5)
        let opened = world.now
        world.receipt(.read, of: call, by: "bo")
        let patients = try Self.patients([call, page, again, old])
        let report = try await Self.report("bo", world, patients: patients, lost: lost)
        let out = report.document["let_out_after_loss"]?.array ?? []
        #expect(out.compactMap { $0["message"]?.string } == [call, page, again].map { "\($0.message)" })
        #expect(out.map { $0["at"]?.string } == ["\(at)", "\(at.adding(seconds: 5))", "\(at.adding(seconds: 5))"])
        #expect(out.map { $0["urgency"]?.string } == ["emergent", "urgent", "urgent"])
        #expect(out.map { $0["opened"]?.string } == ["\(opened)", nil, nil])
        #expect(out.map { $0["let_out_before"]?.bool } == [false, false, true])
        #expect(out.map { $0["holding"]?.string } == ["shown", "pushed", "stored"])
        #expect(out.map { $0["patient"]?.string } == ["MRN 7", nil, nil])
        #expect(out.first?["index"]?.integer == Int64(index) && out.first?["from_name"]?.string == "ivy")
        #expect(out.map { $0["served"] == .null } == [false, true, false])
        #expect(out.map { $0["pushed"] == .null } == [true, false, true])
        let sections = report.human.split(separator: "\n\n")
        let told = sections.first { $0.hasPrefix("LET OUT TO IT AFTER IT WAS LOST (\(LocalTime.exact(lost)))") } ?? ""
        for part in [
            "\(LocalTime.exact(at))  emergent  \(call.message)  MRN 7  from ivy  OPENED THERE at \(LocalTime.exact(opened))",
            "\(page.message)  from ivy  a page only  entry",
            "\(again.message)  from ivy  stored, not seen to be read  let out before as well  entry \(repeated)",
        ] { #expect(told.contains(part), "\(part): \(report.human)") }
        #expect(!told.contains("\(old.message)"))
        let later = try await Self.report("bo", world, lost: world.now.adding(seconds: 60))
        #expect(later.document["let_out_after_loss"]?.array?.isEmpty == true)
        #expect(later.human.contains("whoever had it may have got this\n  nothing: no message, and no page of one"))
    }

    /// What its owner opened is theirs, also when it was let out once more.
    @Test func whoOpenedWhatWasLetOutAfterTheLossIsNotGuessed() async throws {
        let world = World.practice()
        let first = world.send("first")
        world.deliver(first, to: "bo")
        world.receipt(.read, of: first, by: "bo")
        let second = world.send("second")
        world.wait(seconds: 60)
        let lost = world.now
        world.serve(first, to: "bo")
        world.serve(second, to: "bo")
        world.wait(seconds: 1)
        world.receipt(.read, of: second, by: "bo") { $0.at = lost.adding(seconds: -30) }
        let report = try await Self.report("bo", world, lost: lost)
        #expect(report.human.contains("\(first.message)  from ivy  opened there before, at"), "\(report.human)")
        #expect(report.human.contains("\(second.message)  from ivy  OPENED THERE, logged at"), "\(report.human)")
        #expect(report.human.contains("signed before the loss  entry"), "\(report.human)")
        // Of what an auditor's device reads no entry tells.
        let auditor = try await Self.report("udo", world, lost: lost)
        #expect(auditor.human.contains("leaves the relay without an entry: it is not here"), "\(auditor.human)")
        #expect(!report.human.contains("leaves the relay without an entry"))
    }

    /// Everything that its owner did would be told as somebody else's.
    @Test func aLossBeforeTheDeviceWasThereIsDoubted() async throws {
        let world = World.practice()
        let first = world.send("first")
        world.deliver(first, to: "bo")
        world.receipt(.read, of: first, by: "bo")
        let early = try await Self.report("bo", world, lost: World.start.adding(seconds: -86_400))
        #expect(early.document["lost_before_enrolled"]?.bool == true)
        #expect(early.human.contains("CHECK THE MOMENT OF THE LOSS"), "\(early.human)")
        let right = try await Self.report("bo", world, lost: world.now)
        #expect(right.document["lost_before_enrolled"]?.bool == false && !right.human.contains("CHECK THE MOMENT"))
    }

    @Test func theMomentOfTheLossIsTypedAsEveryOther() throws {
        let now = World.start
        #expect(try AuditBreachCommand.moment("2h", now) == now.adding(seconds: -7_200))
        #expect(try AuditBreachCommand.moment("2026-11-20T22:30Z", now)?.description == "2026-11-20T22:30:00.000Z")
        let odd = #expect(throws: DeviceKitError.self) { try AuditBreachCommand.moment("soon", now) }
        #expect(odd?.message == "--lost-at takes no \"soon\"")
        let ahead = #expect(throws: DeviceKitError.self) { try AuditBreachCommand.moment("2099-01-01T00:00:00Z", now) }
        #expect(ahead?.message.contains("has not come yet") == true && ahead?.code == "bad_time")
        let noDay = #expect(throws: DeviceKitError.self) { try AuditBreachCommand.day("30 Nov", Self.day) }
        #expect(noDay?.message == "--discovered takes no \"30 Nov\": it is no day")
        let future = #expect(throws: DeviceKitError.self) { try AuditBreachCommand.day("2099-01-01", Self.day) }
        #expect(future?.message.contains("2099-01-01, has not come yet") == true)
    }

    /// The audit key opens every capsule: whoever loses it is told of all of them, and how to replace it.
    @Test func theAuditKeysLossConcernsEveryCapsule() async throws {
        let world = World.practice()
        let messages = [world.send("first"), world.send("second")]
        let patients = try Self.patients(messages)
        let held = try await Self.report("udo", world, patients: patients, key: .held)
        #expect(held.document["holds_audit_key"]?.string == "yes")
        for part in [
            "IT HOLDS THE AUDIT KEY", "REPLACE THE AUDIT KEY", "1 patient is named, of EVERY capsule:",
            "MRN 7: 1 message", "By number: 1 named; of 1 message nobody here knows",
            "no message; the logs and capsules",
        ] { #expect(held.human.contains(part), "\(part): \(held.human)") }
        #expect(!held.human.contains("nothing ever left the relay"))
        let possible = try await Self.report("udo", world, patients: patients, key: .possible)
        #expect(possible.document["holds_audit_key"]?.string == "possible")
        #expect(possible.human.contains("for the case that it held the audit key"))
        #expect(possible.human.contains("IF IT HELD THE AUDIT KEY, REPLACE THAT"))
        let blind = try await Self.report("udo", world, key: .possible)
        #expect(blind.human.contains("EVERY patient of every message may be concerned"))
        let phone = try await Self.report("bo", world, patients: patients)
        #expect(!phone.human.contains("AUDIT KEY"))
    }

    @Test func onlyWhatCanBeDoneIsAdvised() async throws {
        let world = World.practice()
        let phone = try await Self.report("bo", world)
        let names = (phone.document["revocable_by"]?.array ?? []).compactMap { $0["name"]?.string }
        #expect(Set(names) == ["ana", "max"])
        #expect(phone.human.contains("Revoke it now, on an admin's device") && phone.human.contains("admin revoke"))
        // Two admins, and a quorum of two: neither can be revoked without the recovery key, and here there is none.
        let admin = try await Self.report("ana", world)
        #expect(admin.document["revocable_by"]?.array?.isEmpty == true)
        for part in [
            "no admin can revoke it", "the organisation has none", "telephone the desk (ivy): send nothing to ana",
            "telephone the relay's operator", "found the organisation anew",
        ] { #expect(admin.human.contains(part), "\(part): \(admin.human)") }
        #expect(!admin.human.contains("nightbell admin revoke"))
        world.revoke("bo")
        #expect(try await Self.report("bo", world).document["revocable_by"] == .null)
    }

    @Test func theDaysSayWhatIsKnownOfThem() async throws {
        let world = World.practice()
        let messages = [world.send("first"), world.send("second")]
        for message in messages { world.deliver(message, to: "bo") }
        let patients = try Self.patients(messages)
        let late = try await Self.report(
            "bo", world, patients: patients, discovered: try #require(CalendarDay("2026-09-01")))
        #expect(late.document["discovered_before_enrolled"]?.bool == true)
        #expect(late.document["deadlines"]?.array?.map { $0["past"]?.bool } == [true, true, true, false, true])
        for part in [
            "CHECK THE DAY OF DISCOVERY", "WAS DUE BY 2026-10-31, WHICH IS PAST  164.404(b)",
            "at most 2, if each is about one patient", "DOES NOT APPLY, for fewer than 500 are affected  164.408(b)",
        ] { #expect(late.human.contains(part), "\(part): \(late.human)") }
        let known = try await Self.report("bo", world, patients: patients)
        #expect(known.human.contains("BY 2027-01-29  164.404(b)") && !known.human.contains("CHECK THE DAY"))
        let nobody = try await Self.report(
            "tablet", world, patients: try BreachPatients([], MessageSubjects(ReferenceChains([:])) { _ in nil }))
        #expect(nobody.human.contains("0 patients are named\n"))
        #expect(nobody.human.contains("DOES NOT APPLY, for nobody is named  164.404(b)"))
    }

    /// An export has no capsules: nobody is told that a key was missing.
    @Test func anExportSaysWhyItNamesNobody() async throws {
        let world = World.practice()
        let report = try await Self.report("bo", world, look: nil)
        #expect(report.human.contains("an export holds no capsules") && !report.human.contains("holds no audit key"))
        #expect(report.document["patients"] == .null)
        #expect(try await Self.report("bo", world).human.contains("this device holds no audit key"))
    }
}
