import DeviceKit
import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension ProgramTests {
    /// A profile whose folder is removed while it is unlocked.
    @Suite struct RemovedProfileTests {
        /// Nobody who holds its keys is left: neither the agent nor those who work with them.
        @Test func itsAgentEndsAndTakesAllKeysAlong() async throws {
            let practice = try await SharedPractice.shared.practice()
            let rita = practice.person("removed")
            try await practice.join(rita.name, as: "Rita Removed", "provider")
            try await rita.json("unlock")
            let agent = try #require(rita.processes.agent)
            let watcher = try rita.startBare("watch")
            try await watcher.waitForLine(containing: "\"drained\"")
            let worker = try #require(rita.processes.workers.first)
            try FileManager.default.removeItem(atPath: rita.profile)
            for process in [agent, worker] {
                let isGone = try await ProfileProcesses.wait { !ProfileProcesses.isAlive(process) }
                #expect(isGone)
            }
            // The supervisor has no key, and waits for somebody who unlocks.
            watcher.signal(SIGTERM)
            _ = try await watcher.outcome()
            #expect(rita.processes.all.isEmpty)
        }
    }
}
