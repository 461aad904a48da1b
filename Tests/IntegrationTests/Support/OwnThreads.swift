import Foundation
import Synchronization

/// Threads beside those that all tests share, for what stands in a server's place, or listens as a client does.
///
/// When the run begins, some thousand tests wait in one line for as many threads as there are cores; whoever asks a server that
/// stands in that line takes it for one that is away.
final class OwnThreads: TaskExecutor {
    static let shared = OwnThreads(count: 8)

    private let jobs = Mutex<[UnownedJob]>([])
    private let waiting = DispatchSemaphore(value: 0)

    private init(count: Int) {
        for _ in 0..<count { Thread.detachNewThread { [self] in run() } }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        waiting.signal()
    }

    private func run() {
        while true {
            waiting.wait()
            let job = jobs.withLock { $0.removeFirst() }
            unsafe job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
