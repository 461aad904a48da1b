import PushDelivery
import Testing

@Suite struct PushEndpointTests {
    @Test(arguments: [
        ("https://push.example.net/a/b?c=d", "push.example.net", 443, "https://push.example.net/a/b?c=d"),
        ("HTTPS://Push.Example.NET:443/", "push.example.net", 443, "https://push.example.net/"),
        (
            "https://ntfy.practice.example:8443/up1", "ntfy.practice.example", 8_443,
            "https://ntfy.practice.example:8443/up1"
        ),
        ("https://localhost/x", "localhost", 443, "https://localhost/x"),
    ])
    func anAddressIsReadInOneForm(_ text: String, _ host: String, _ port: Int, _ form: String) throws {
        let endpoint = try PushEndpoint(parsing: text)
        #expect(endpoint.host == host)
        #expect(endpoint.port == port)
        #expect(endpoint.text == form)
        #expect(try PushEndpoint(parsing: form) == endpoint)
    }

    @Test(
        arguments: [
            ("http://push.example.net/a", .notHTTPS), ("ftp://push.example.net/a", .notHTTPS),
            ("//push.example.net/a", .notHTTPS),
            ("", .notHTTPS), ("https://push.example.net", .malformed), ("https:///a", .malformed),
            ("https://user@push.example.net/a", .malformed), ("https://user:secret@push.example.net/a", .malformed),
            ("https://push.example.net:/a", .malformed), ("https://push.example.net:0/a", .malformed),
            ("https://push.example.net:65536/a", .malformed), ("https://push.example.net:0443/a", .malformed),
            ("https://push.example.net:+1/a", .malformed), ("https://push.example.net:1:2/a", .malformed),
            ("https://push.example.net/a#b", .malformed), ("https://push.example.net\\@10.0.0.1/a", .malformed),
            ("https://push.example.net/a b", .malformed), ("https://push.example.net/\u{E9}", .malformed),
            ("https://push.example.net/a\r\nHost: x", .malformed), ("https://p\u{FC}sh.example.net/a", .malformed),
            ("https://-push.example.net/a", .malformed), ("https://push..example.net/a", .malformed),
            ("https://push.example.net./a", .malformed), ("https://push_1.example.net/a", .malformed),
            ("https://%70ush.example.net/a", .malformed),
            ("https://10.0.0.1/a", .addressForName), ("https://2130706433/a", .addressForName),
            ("https://0x7f.1/a", .addressForName), ("https://127.0x1/a", .addressForName),
            ("https://[::1]/a", .malformed),
            ("https://1.2.3/a", .addressForName), ("https://0177.0.0.01/a", .addressForName),
        ] as [(String, PushEndpoint.Refusal)])
    func whatIsNoneIsRefused(_ text: String, _ refusal: PushEndpoint.Refusal) {
        #expect(throws: refusal) { try PushEndpoint(parsing: text) }
    }

    @Test func itsLengthIsBounded() throws {
        let start = "https://push.example.net/"
        let longest = start + String(repeating: "a", count: 1_000 - start.count)
        _ = try PushEndpoint(parsing: longest)
        #expect(throws: PushEndpoint.Refusal.tooLong) { try PushEndpoint(parsing: longest + "a") }
    }

    @Test func aTokenIsForItsOrigin() throws {
        #expect(try PushEndpoint(parsing: "https://a.example/x/y").origin == "https://a.example")
        #expect(try PushEndpoint(parsing: "https://a.example:8443/x/y").origin == "https://a.example:8443")
    }
}
