import Dispatch
import Synchronization
import Testing

@testable import PushDelivery

/// What a relay may be made to talk to.
@Suite struct HostCheckTests {
    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.8.9.10",
        "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1",
        "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255",
    ])
    func specialAddressesOfVersionFour(_ text: String) throws { #expect(try !address(text).isPublic) }

    @Test(arguments: [
        "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "128.0.0.1", "172.15.255.255",
        "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
    ])
    func publicOnesBesideThem(_ text: String) throws { #expect(try address(text).isPublic) }

    @Test(arguments: [
        ("::", "0:0:0:0:0:0:0:0"), ("::1", "0:0:0:0:0:0:0:1"), ("IPv4-mapped", "0:0:0:0:0:ffff:7f00:1"),
        ("IPv4-mapped, public", "0:0:0:0:0:ffff:808:808"), ("IPv4-compatible", "0:0:0:0:0:0:7f00:1"),
        ("NAT64", "64:ff9b:0:0:0:0:a00:1"), ("NAT64, local", "64:ff9b:1:0:0:0:a00:1"), ("discard", "100:0:0:0:0:0:0:1"),
        ("Teredo", "2001:0:0:0:0:0:0:1"), ("ORCHID", "2001:20:0:0:0:0:0:1"), ("documentation", "2001:db8:0:0:0:0:0:1"),
        ("6to4", "2002:7f00:1:0:0:0:0:0"), ("documentation, new", "3fff:0:0:0:0:0:0:1"),
        ("unique local", "fc00:0:0:0:0:0:0:1"),
        ("unique local", "fd12:3456:0:0:0:0:0:1"), ("link-local", "fe80:0:0:0:0:0:0:1"),
        ("site-local", "fec0:0:0:0:0:0:0:1"),
        ("multicast", "ff02:0:0:0:0:0:0:1"), ("unassigned", "4000:0:0:0:0:0:0:1"),
    ])
    func specialAddressesOfVersionSix(_ what: String, _ text: String) throws {
        #expect(try !address(text).isPublic, "\(what)")
    }

    @Test(arguments: ["2606:4700:4700:0:0:0:0:1111", "2001:4860:4860:0:0:0:0:8888", "2a00:1450:4001:0:0:0:0:1"])
    func publicOnesOfVersionSix(_ text: String) throws {
        let address = try address(text)
        #expect(address.isPublic)
        #expect(address.description == text)
    }

    @Test func oneBadAddressAmongGoodOnesIsRefused() async throws {
        let check = HostCheck(
            EndpointRules(), resolver: FixedResolver([try address("1.1.1.1"), try address("10.0.0.1")]))
        await #expect(throws: HostCheck.Refusal.addressNotPermitted) {
            try await check.address(of: PushEndpoint(parsing: "https://push.example.net/a"))
        }
    }

    /// A name that led to a public address when it was stored, and now leads home.
    @Test func aNameIsLookedUpEachTime() async throws {
        let resolver = FixedResolver([try address("1.1.1.1")], then: [try address("127.0.0.1")])
        let check = HostCheck(EndpointRules(), resolver: resolver)
        let endpoint = try PushEndpoint(parsing: "https://rebind.example.net/a")
        #expect(try await check.address(of: endpoint).description == "1.1.1.1")
        await #expect(throws: HostCheck.Refusal.addressNotPermitted) { try await check.address(of: endpoint) }
    }

    @Test func whatTheOperatorNamedIsPermitted() async throws {
        let resolver = FixedResolver([try address("10.0.0.1")])
        let check = HostCheck(EndpointRules(ports: [8_443], hosts: ["Push.Practice.example"]), resolver: resolver)
        let own = try PushEndpoint(parsing: "https://push.practice.example:8443/a")
        #expect(try await check.address(of: own).description == "10.0.0.1")
        await #expect(throws: HostCheck.Refusal.addressNotPermitted) {
            try await check.address(of: PushEndpoint(parsing: "https://evil.push.practice.example/a"))
        }
        await #expect(throws: HostCheck.Refusal.portNotPermitted) {
            try await check.address(of: PushEndpoint(parsing: "https://push.practice.example:22/a"))
        }
    }

    @Test func aNameWithoutAnAddressIsUnknown() async throws {
        let check = HostCheck(EndpointRules(), resolver: FixedResolver([]))
        await #expect(throws: HostCheck.Refusal.unknownHost) {
            try await check.address(of: PushEndpoint(parsing: "https://push.example.net/a"))
        }
    }

    @Test func theSystemsResolverKnowsThisMachine() async throws {
        let addresses = try await SystemResolver().addresses(of: "localhost", port: 443)
        #expect(!addresses.isEmpty)
        #expect(addresses.allSatisfy { !$0.isPublic })
        await #expect(throws: (any Error).self) {
            try await SystemResolver().addresses(of: "no-such-host.invalid", port: 443)
        }
    }

    /// However many ask for a name whose servers never answer, others have theirs.
    @Test func aNameThatNeverAnswersKeepsOneThreadAndNobodyForLong() async throws {
        let asked = Mutex(0)
        let gate = DispatchSemaphore(value: 0)
        let known = try address("1.1.1.1")
        let resolver = SystemResolver { host in
            guard host == "hangs.example" else { return [known] }
            asked.withLock { $0 += 1 }
            gate.wait()
            return [known]
        }
        let check = HostCheck(EndpointRules(), resolver: resolver)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    await #expect(throws: HostCheck.Refusal.unknownHost) {
                        try await check.address(of: PushEndpoint(parsing: "https://hangs.example/x"))
                    }
                }
            }
            for number in 0..<50 {
                #expect(try await resolver.addresses(of: "works\(number).example", port: 443) == [known])
            }
            try await group.waitForAll()
        }
        #expect(asked.withLock { $0 } == 1)
        gate.signal()
    }

    private func address(_ text: String) throws -> NetworkAddress {
        let bytes =
            text.contains(":")
            ? text.split(separator: ":").flatMap { group in
                let word = UInt16(group, radix: 16)!
                return [UInt8(word >> 8), UInt8(word & 255)]
            } : text.split(separator: ".").map { UInt8($0)! }
        return try #require(NetworkAddress(bytes))
    }
}

/// Says what it was told to say, and the second time something else.
final class FixedResolver: HostResolver {
    private let answers: Mutex<[[NetworkAddress]]>

    init(_ first: [NetworkAddress], then second: [NetworkAddress]? = nil) {
        answers = Mutex(second.map { [first, $0] } ?? [first])
    }

    func addresses(of host: String, port: Int) async throws -> [NetworkAddress] {
        answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
    }
}
