import DeviceKit
import Foundation
import RelayAPI
import Secrets
import Statements
import Testing
import TransparencyLog

extension ProgramTests {
    /// Bad requests to every address of the relay: each gets a problem with a stable type, none a 5xx.
    @Suite struct EndpointTests {
        /// The addresses that ask who asks.
        static let signed: [Endpoint] = [
            Endpoint("GET", "/v1/orgs/{org}/head", invitationMayAsk: true),
            Endpoint("GET", "/v1/orgs/{org}/roster/checkpoint", invitationMayAsk: true),
            Endpoint("GET", "/v1/orgs/{org}/activity/checkpoint", invitationMayAsk: true),
            Endpoint("GET", "/v1/orgs/{org}/roster/tile/entries/000.p/1", invitationMayAsk: true),
            Endpoint("GET", "/v1/orgs/{org}/activity/tile/0/000.p/1"),
            Endpoint("GET", "/v1/orgs/{org}/activity/tile/entries/000.p/1"),
            Endpoint("GET", "/v1/orgs/{org}/messages/{message}"),
            Endpoint("GET", "/v1/orgs/{org}/messages/{message}/capsule"),
            Endpoint("GET", "/v1/orgs/{org}/messages/{message}/attachments/0"),
            Endpoint("GET", "/v1/orgs/{org}/blobs/" + Digest.zero.hex),
            Endpoint("PUT", "/v1/orgs/{org}/blobs/" + Digest.zero.hex),
            Endpoint("GET", "/v1/inbox", namesOrganisation: false),
            Endpoint("GET", "/v1/inbox/stream", namesOrganisation: false),
            Endpoint("GET", "/v1/orgs/{org}/audit-key/offers"),
            Endpoint("POST", "/v1/orgs/{org}/audit-key/offers"), Endpoint("POST", "/v1/orgs/{org}/claims"),
            Endpoint("PUT", "/v1/orgs/{org}/prekeys"),
        ]
        /// Those whose bodies authenticate themselves.
        static let statements: [Endpoint] = [
            Endpoint("POST", "/v1/orgs/{org}/roster/statements"), Endpoint("POST", "/v1/orgs/{org}/messages"),
            Endpoint("POST", "/v1/orgs/{org}/receipts"), Endpoint("POST", "/v1/orgs/{org}/accesses"),
        ]
        /// Those of nobody's organisation yet.
        static let open: [Endpoint] = [
            Endpoint("POST", "/v1/foundings", namesOrganisation: false),
            Endpoint("POST", "/v1/orgs", namesOrganisation: false),
        ]

        @Test(arguments: signed)
        func aRequestMustSayWhoAsks(_ endpoint: Endpoint) async throws {
            let guests = try await Guests.shared.all()
            let path = endpoint.path(guests)
            let device = guests.provider
            func headers(_ change: (inout [(String, String)]) -> Void) -> [(String, String)] {
                var headers = device.signature(endpoint.method, path, body: endpoint.body)
                change(&headers)
                return headers
            }
            func replace(_ name: String, _ value: (String) -> String) -> [(String, String)] {
                headers { $0 = $0.map { ($0.0, $0.0 == name ? value($0.1) : $0.1) } }
            }
            var cases: [(what: String, headers: [(String, String)], code: Problem.Code)] = [
                ("no signature", [], .unauthorized),
                ("no input", headers { $0.removeAll { $0.0 == "signature-input" } }, .unauthorized),
                ("no signature value", headers { $0.removeAll { $0.0 == "signature" } }, .unauthorized),
                ("a changed signature", replace("signature", Guests.changed), .unauthorized),
                ("an empty signature", replace("signature") { _ in "nb=::" }, .unauthorized),
                ("another label", replace("signature-input") { $0.replacing("nb=", with: "sig1=") }, .unauthorized),
                ("two labels", replace("signature-input") { $0 + ", sig2=()" }, .unauthorized),
                (
                    "fewer components", replace("signature-input") { $0.replacing(" \"@path\"", with: "") },
                    .unauthorized
                ),
                (
                    "another tag", replace("signature-input") { $0.replacing("nightbell", with: "daybell") },
                    .unauthorized
                ),
                (
                    "a huge header",
                    replace("signature-input") { $0 + ";x=\"\(String(repeating: "x", count: 2_000))\"" }, .unauthorized
                ),
                ("another path", device.signature(endpoint.method, path + "x", body: endpoint.body), .unauthorized),
                ("another method", device.signature("DELETE", path, body: endpoint.body), .unauthorized),
                (
                    "another query", device.signature(endpoint.method, path, query: "after=9", body: endpoint.body),
                    .unauthorized
                ),
                (
                    "another host",
                    device.signature(endpoint.method, path, body: endpoint.body, authority: "relay.example"),
                    .unauthorized
                ),
                (
                    "an old signature",
                    device.signature(
                        endpoint.method, path, body: endpoint.body, at: Timestamp.now().adding(seconds: -600)), .clock
                ),
                (
                    "a signature of the future",
                    device.signature(
                        endpoint.method, path, body: endpoint.body, at: Timestamp.now().adding(seconds: 600)), .clock
                ),
                (
                    "another organisation's device",
                    guests.foreigner.signature(endpoint.method, path, body: endpoint.body), .unauthorized
                ),
                (
                    "a device that nobody knows", guests.nobody.signature(endpoint.method, path, body: endpoint.body),
                    .unauthorized
                ),
                ("a revoked device", guests.revoked.signature(endpoint.method, path, body: endpoint.body), .revoked),
            ]
            if endpoint.body != nil {
                cases += [
                    ("no digest", headers { $0.removeAll { $0.0 == "content-digest" } }, .unauthorized),
                    (
                        "another body's digest",
                        replace("content-digest") { _ in RequestSignature.Components.digest([1]) }, .unauthorized
                    ),
                ]
            }
            if !endpoint.namesOrganisation {
                // Where the path names none, the device's own organisation is meant.
                cases.removeAll { $0.what == "another organisation's device" }
            }
            for (what, headers, code) in cases {
                let answer = try await guests.http.send(endpoint.method, path, headers: headers, body: endpoint.body)
                let problem = ProblemCheck.problem(answer, "\(endpoint), \(what)")
                #expect(problem?.code == code, "\(endpoint), \(what): \(problem?.detail ?? "")")
                if code == .clock { #expect(problem?.relayTime != nil) }
                if code == .revoked { #expect(problem?.statement?.entry.contains("nightbell.revoke/v1") == true) }
            }
        }

        @Test(arguments: signed)
        func aRequestIsGoodOnce(_ endpoint: Endpoint) async throws {
            let guests = try await Guests.shared.all()
            let path = endpoint.path(guests)
            // A stream that opens would stay: its first request is one that is refused later than its nonce is noted.
            let isStream = path.hasSuffix("stream")
            let headers =
                guests.provider.signature(endpoint.method, path, body: endpoint.body)
                + (isStream ? [("last-event-id", "none")] : [])
            _ = try await guests.http.send(endpoint.method, path, headers: headers, body: endpoint.body)
            let again = try await guests.http.send(endpoint.method, path, headers: headers, body: endpoint.body)
            #expect(ProblemCheck.problem(again, "\(endpoint)")?.code == .replayed)
        }

        @Test(arguments: signed.filter { !$0.invitationMayAsk })
        func anInvitationReadsTheRosterAlone(_ endpoint: Endpoint) async throws {
            let guests = try await Guests.shared.all()
            let path = endpoint.path(guests)
            let answer = try await guests.invitation.send(endpoint.method, path, body: endpoint.body)
            let problem = ProblemCheck.problem(answer, "\(endpoint)")
            #expect([.notPermitted, .unauthorized].contains(problem?.code))
        }

        @Test(arguments: signed.filter(\.invitationMayAsk))
        func aSpentInvitationReadsNothing(_ endpoint: Endpoint) async throws {
            let guests = try await Guests.shared.all()
            let fresh = try await guests.invitation.send(endpoint.method, endpoint.path(guests))
            #expect(fresh.status == 200)
            let answer = try await guests.spentInvitation.send(endpoint.method, endpoint.path(guests))
            let problem = ProblemCheck.problem(answer, "\(endpoint)")
            #expect(problem?.code == .invitationSpent)
            #expect(problem?.statement?.entry.contains("nightbell.enrol/v1") == true)
        }

        @Test(arguments: (signed + statements).filter(\.namesOrganisation))
        func anOrganisationThatIsNotHereIsNotFound(_ endpoint: Endpoint) async throws {
            let guests = try await Guests.shared.all()
            let unknown = OrganisationID(bytes: randomBytes(20)).description
            for organisation in [
                unknown, "org-", "org-short", "ORG", "%00", "..", String(repeating: "x", count: 2_000),
            ] {
                let path = endpoint.path(guests, organisation: organisation)
                let answer = try await guests.provider.send(endpoint.method, path, body: endpoint.body)
                let problem = ProblemCheck.problem(answer, "\(endpoint), \(organisation.prefix(40))")
                #expect(problem?.code == .notFound || problem?.code == .malformed, "\(organisation.prefix(40))")
            }
        }

        @Test(arguments: signed + statements + open)
        func onlyItsOwnMethodsAreTaken(_ endpoint: Endpoint) async throws {
            let guests = try await Guests.shared.all()
            let path = endpoint.path(guests)
            let own = Set(
                (Self.signed + Self.statements + Self.open).filter { $0.template == endpoint.template }.map(\.method))
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]
            where !own.contains(method) {
                let answer = try await guests.provider.send(
                    method, path, body: ["POST", "PUT"].contains(method) ? [] : nil)
                let problem = ProblemCheck.problem(answer, "\(method) \(path)")
                // What HTTP does not know as a method is no request at all.
                let expected: [Problem.Code] = method == "BREW" ? [.malformed] : [.notFound, .methodNotAllowed]
                #expect(problem.map { expected.contains($0.code) } == true, "\(method) \(path)")
            }
        }

        @Test(arguments: (signed + statements + open).filter { $0.body != nil })
        func aBodyHasItsBounds(_ endpoint: Endpoint) async throws {
            let guests = try await Guests.shared.all()
            let huge = [UInt8](repeating: 0x20, count: 600_000)
            let answer = try await guests.provider.send(endpoint.method, endpoint.path(guests), body: huge)
            #expect(ProblemCheck.problem(answer, "\(endpoint)")?.code == .tooLarge)
        }

        @Test(arguments: (signed + statements + open).filter { $0.body != nil })
        func aBodyMustBeOfTheDocumentedForm(_ endpoint: Endpoint) async throws {
            let guests = try await Guests.shared.all()
            let bodies: [[UInt8]] = [
                [], Array("{".utf8), Array("null".utf8), Array("[]".utf8), Array("\"text\"".utf8), [0xFF, 0xFE, 0],
                Array(String(repeating: "[", count: 50_000).utf8), [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF],
                Array("nightbell.unknown/v1\norg x\n".utf8),
            ]
            for body in bodies + endpoint.malformed {
                let answer = try await guests.provider.send(endpoint.method, endpoint.path(guests), body: body)
                let what = "\(endpoint): \(String(decoding: body.prefix(60), as: UTF8.self))"
                // An empty founding request is whole: where founding is open it needs no code.
                if endpoint.template == "/v1/foundings", answer.status == 200 { continue }
                let problem = ProblemCheck.problem(answer, what)
                // Who asks to found is a stranger: what is longer than a code is not even read.
                if endpoint.template == "/v1/foundings", body.count > 4_096 {
                    #expect(problem?.code == .tooLarge, "\(what)")
                    continue
                }
                #expect([400, 403].contains(answer.status), "\(what)")
                #expect([.malformed, .unknownType, .notPermitted].contains(problem?.code), "\(what)")
            }
        }

        @Test(arguments: [
            "after=x", "after=-1", "after=01", "after=99999999999999999999", "after=1&after=2", "after", "&&&=",
            "roster=%31",
        ])
        func aQueryMustBePlain(_ query: String) async throws {
            let guests = try await Guests.shared.all()
            let answer = try await guests.provider.send("GET", "/v1/inbox", query: query)
            if answer.status == 200 { return }
            #expect(ProblemCheck.problem(answer, query)?.code == .malformed)
        }

        @Test(arguments: [
            "tile/0/000", "tile/0/001.p/1", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/-1",
            "tile/0/0", "tile/0/0000", "tile/0/x000/000", "tile/0/999/999", "tile/00/000.p/1", "tile/-1/000.p/1",
            "tile/64/000.p/1", "tile/8/000.p/1", "tile/7/000.p/1", "tile/entries/000", "tile/entries/000.p/255",
            "tile/entries/x001/000.p/1", "tile/entries/x999/x999/x999/x999/x999/x999/999.p/1", "tile/entries/..",
            "tile/data/000.p/1", "tile/",
            "tile/0/000.p", "tile/0/000.p/1/2", "tile/0/%30%30%30.p/1", "checkpoint/", "checkpoints", "tile/0/٠٠٠.p/1",
        ])
        func aTilePathHasOneForm(_ tile: String) async throws {
            let guests = try await Guests.shared.all()
            let escaped = tile.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? tile
            for log in ["roster", "activity", "both"] {
                let answer = try await guests.auditor.get("/v1/orgs/\(guests.auditor.organisation)/\(log)/\(escaped)")
                let problem = ProblemCheck.problem(answer, "\(log)/\(tile)")
                #expect(problem?.code == .notFound || problem?.code == .malformed, "\(log)/\(tile)")
            }
        }

        @Test func whatOnlyAuditorsAreGivenAProviderIsNot() async throws {
            let guests = try await Guests.shared.all()
            let organisation = guests.provider.organisation
            let entries = "/v1/orgs/\(organisation)/activity/tile/entries/000.p/1"
            #expect(ProblemCheck.problem(try await guests.provider.get(entries), entries)?.code == .notPermitted)
            #expect(try await guests.auditor.get(entries).status == 200)
            let capsule = "/v1/orgs/\(organisation)/messages/\(guests.message)/capsule"
            // To the provider there is no such message at all: who writes to whom is not for everyone.
            #expect(ProblemCheck.problem(try await guests.provider.get(capsule), capsule)?.code == .notFound)
            #expect(try await guests.auditor.get(capsule).status == 200)
            let history = "/v1/orgs/\(organisation)/messages/\(guests.message)"
            #expect(ProblemCheck.problem(try await guests.provider.get(history), history)?.code == .notFound)
            for id in ["msg-", "msg-aaaaaaaaaaaaaaaaaaaaaaaaaa", "dev-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "%20"] {
                let answer = try await guests.auditor.get("/v1/orgs/\(organisation)/messages/\(id)")
                #expect([.notFound, .malformed].contains(ProblemCheck.problem(answer, id)?.code))
            }
            let offer = "/v1/orgs/\(organisation)/audit-key/offers"
            let refused = try await guests.provider.send("POST", offer, body: Array("x".utf8))
            #expect(ProblemCheck.problem(refused, offer)?.code == .notPermitted)
        }

        @Test(arguments: [
            "", "/", "/v1", "/v1/", "/v1/orgs/", "/v2/inbox", "/health", "/metrics", "/ready", "//", "/v1/inbox/",
            "/v1/inbox/stream/x", "/v1/%6frgs", "/..%2f..%2fetc/passwd",
        ])
        func elsewhereIsNothing(_ path: String) async throws {
            let guests = try await Guests.shared.all()
            let answer = try await guests.http.send("GET", path)
            let problem = ProblemCheck.problem(answer, path)
            #expect([.notFound, .unauthorized, .methodNotAllowed].contains(problem?.code), "\(path)")
        }

        @Test func aRequestBeyondTheBoundsOfHTTPGetsAProblemToo() async throws {
            let guests = try await Guests.shared.all()
            let requests: [(what: String, headers: [(String, String)])] = [
                ("a long header", [("x-filler", String(repeating: "x", count: 5_000))]),
                ("many headers", (0..<70).map { ("x-filler-\($0)", "x") }),
                ("long headers", (0..<8).map { ("x-filler-\($0)", String(repeating: "x", count: 3_000)) }),
            ]
            for (what, headers) in requests {
                let answer = try await guests.http.send("GET", "/v1/inbox", headers: headers)
                #expect(ProblemCheck.problem(answer, what)?.code == .malformed, "\(what)")
            }
        }

        @Test func theRelayIsWellAfterAllThat() async throws {
            let guests = try await Guests.shared.all()
            #expect(try await guests.provider.get("/v1/inbox").status == 200)
            let practice = try await SharedPractice.shared.practice()
            #expect(try await practice.relay.check().status == 0)
            let log = practice.relay.child?.now.errText ?? ""
            #expect(!log.contains("\"level\":\"error\"") && !log.contains("\"level\":\"critical\""))
        }
    }
}
