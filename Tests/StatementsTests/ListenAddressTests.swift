import Statements
import Testing

@Suite struct ListenAddressTests {
    static let addresses: [(String, String, Int)] = [
        ("127.0.0.1:0", "127.0.0.1", 0), ("10.1.2.3:65535", "10.1.2.3", 65_535), ("[::1]:7380", "::1", 7_380),
        ("[2001:db8::7]:443", "2001:db8::7", 443), ("[::ffff:127.0.0.1]:1", "::ffff:127.0.0.1", 1),
    ]

    @Test(arguments: addresses)
    func anAddressIsReadAndWritten(_ text: String, _ host: String, _ port: Int) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.host == host && address.port == port)
        #expect(address.description == text)
    }

    @Test(arguments: [
        "", ":", "127.0.0.1", ":80", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:080", "127.0.0.1:-1", "127.0.0.1:+1",
        "127.0.0.1: 1", " 127.0.0.1:1", "127.0.0.1:1\n", "127.1:1", "127.0.0.01:1", "localhost:80", "::1:80", "[::1]",
        "[::1]80", "[127.0.0.1]:80", "[fe80::1%eth0]:80", "fe80::1%eth0:80", "[]:80", "[::1:80", "127.0.0.1\u{0}:80",
        "127.0.0.\u{661}:80",
    ])
    func everyOtherTextIsRefused(_ text: String) { #expect(ListenAddress(text) == nil) }

    /// What is served to such an address in clear leaves no machine.
    @Test func loopbackIsThisMachineAlone() throws {
        for text in ["127.0.0.1:1", "127.255.1.2:1", "[::1]:1", "[0:0:0:0:0:0:0:1]:1", "[::ffff:127.0.0.1]:1"] {
            let address = try #require(ListenAddress(text))
            #expect(address.isLoopback, "\(text)")
        }
        for text in ["0.0.0.0:1", "128.0.0.1:1", "10.0.0.127:1", "[::]:1", "[::2]:1", "[::ffff:10.0.0.1]:1"] {
            let address = try #require(ListenAddress(text))
            #expect(!address.isLoopback, "\(text)")
        }
        #expect(ListenAddress.isLoopback("127.0.0.1") && !ListenAddress.isLoopback("localhost"))
        #expect(ListenAddress(loopbackPort: 7).description == "127.0.0.1:7")
    }
}
