import DeviceKit
import Statements

/// Shows what a session does.
struct ScreenObserver: SessionObserver {
    let feed: EventFeed

    func logged(_ lines: [StepLine]) { feed.put(.logged(lines)) }

    func found(_ finding: Finding) {
        feed.put(.note(ScreenNote(at: .now(), sentence: finding.sentence, evidence: finding.evidence)))
    }

    func transferred(_ progress: TransferProgress) {
        guard progress.direction == .download, progress.total > 0 else { return }
        let percent = progress.done * 100 / progress.total
        feed.put(
            .told(
                "Fetching file \(progress.index + 1): \(percent) % of \(AttachmentList.size(progress.total)).", .plain))
    }

    func remark(_ sentence: String) { feed.put(.note(ScreenNote(at: .now(), sentence: sentence, evidence: nil))) }
}
