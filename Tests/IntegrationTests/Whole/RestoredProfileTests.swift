import DeviceKit
import Foundation
import Testing

extension ProgramTests {
    /// A profile that was restored from an older copy: the relay holds receipts of it that it does not know.
    @Suite struct RestoredProfileTests {
        @Test func aRestoredProfileAdoptsItsOwnLastReceiptAndGoesOn() async throws {
            let practice = try await Practice.make()
            let clara = practice.clara
            let first = try await practice.text("before the copy")
            _ = try await clara.json("inbox")
            let copy = practice.folder + "/copy"
            try FileManager.default.copyItem(atPath: clara.profile, toPath: copy)
            _ = try await clara.json("read", first)
            _ = try await clara.json("ack", first)
            try FileManager.default.removeItem(atPath: clara.profile)
            try FileManager.default.moveItem(atPath: copy, toPath: clara.profile)

            // The receipt does not continue the chain that the log holds: said loudly, for only its owner knows why.
            let closed = try await clara.run("close", first)
            #expect(closed.status == ExitCode.verificationFailed, "\(closed)")
            #expect(try closed.json()["action"]?.string == "closed")
            let findings = try await clara.json("status")["findings"]?.array ?? []
            #expect(findings.contains { $0["code"]?.string == "receipt_chain_differs" }, "\(findings)")
            let steps = try await clara.run("steps", "--verify")
            // The steps behind the adopted receipt went with the newer profile, and the verdict says so.
            #expect(steps.status == ExitCode.verificationFailed)
            #expect(try steps.json()["faults"]?.array?.map(\.string) == ["receipt 3 names a step log that this is not"])

            // Nothing is receipted twice, and what comes next is received as ever.
            let states = try await practice.desk.json("sent", first)["states"]?.array?.map { $0["action"]?.string }
            #expect(states == ["delivered", "read", "acknowledged", "closed"])
            let second = try await practice.text("after it")
            #expect(try await clara.json("read", second)["verified"]?.bool == true)
            #expect(try await practice.auditor.run("audit", "verify").status == 0)
            try await practice.remove()
        }
    }
}
