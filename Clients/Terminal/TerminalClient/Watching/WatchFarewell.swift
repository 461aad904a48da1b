import DeviceKit
import Statements

/// What stands in the terminal when a watch has ended there: what it leaves behind, and that nothing rings any more.
enum WatchFarewell {
    /// - Parameter toTelephone: How many messages that were sent from here their sender must telephone about.
    static func words(_ left: LeftBehind, toTelephone: Int) -> String {
        let calls =
            toTelephone > 0
            ? "CALL BY TELEPHONE about \(toTelephone) sent message\(toTelephone == 1 ? "" : "s") "
                + "(\"nightbell sent --overdue\")" : nil
        let waiting = left == LeftBehind() ? nil : left.words.uppercased()
        let what = [calls, waiting].compactMap { $0 }
        let unsent = left.unsent > 0 ? "; what is NOT SENT goes out then: if it is urgent, TELEPHONE" : ""
        return (what.isEmpty ? "" : what.joined(separator: "; ") + "; ")
            + "nothing rings here any more: run \"nightbell watch\" again to be rung\(unsent)"
    }

    /// What a watch leaves, as the store has it.
    static func words(_ session: DeviceSession) throws -> String {
        let list = try InboxList(session, try session.inbox(), session.references()).messages
        let toTelephone = try session.sentStates().count { Desk.mustBeTelephoned($0, session) }
        return words(
            LeftBehind(list, now: session.connection.clock.now()), toTelephone: toTelephone)
    }
}
