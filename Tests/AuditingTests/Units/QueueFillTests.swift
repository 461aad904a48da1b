import Statements
import Testing

@testable import Auditing

@Suite struct QueueFillTests {
    private static let device = DeviceID(bytes: (0..<20).map { UInt8($0) })

    @Test func theMostThatEverWaitedIsRemembered() {
        var fill = QueueFill()
        for _ in 0..<5 { fill.add(to: Self.device) }
        for _ in 0..<9 { fill.remove(from: Self.device) }
        fill.add(to: Self.device)
        #expect(fill.most(of: Self.device) == 5)
    }

    @Test func eitherBoundMakesAQueueFull() {
        var policy = Policy()
        policy.queueItems = 100
        policy.queueBytes = 10 * QueueFill.largestEnvelope
        #expect(!QueueFill.isFull(9, policy))
        #expect(QueueFill.isFull(10, policy))
        policy.queueBytes = .max
        #expect(!QueueFill.isFull(99, policy))
        #expect(QueueFill.isFull(100, policy))
    }
}
