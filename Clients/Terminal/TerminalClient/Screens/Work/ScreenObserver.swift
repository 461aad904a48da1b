import DeviceKit
import Statements

/// Shows what a session does.
struct ScreenObserver: SessionObserver {
    let feed: EventFeed

    func logged(_ lines: [StepLine]) { feed.put(.logged(lines)) }

    func found(_ finding: Finding) {
        feed.put(.note(ScreenNote(at: .now(), sentence: finding.sentence, evidence: finding.evidence)))
    }

    func remark(_ sentence: String) { feed.put(.note(ScreenNote(at: .now(), sentence: sentence, evidence: nil))) }
}
