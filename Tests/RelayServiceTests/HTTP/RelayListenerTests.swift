import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import Testing

@testable import RelayService

/// The listener as independent clients find it: Python's `h2`, async-http-client, and sockets that say nothing. One after
/// the other, for some of it is about time.
@Suite(.serialized) struct RelayListenerTests {
    /// Nothing that ends within a test does so because its time was over.
    private static let endless = ListenerPatience(handshake: .hours(1), reader: .hours(1), idle: .hours(1))

    // MARK: Both protocols

    @Test func requestsAndStreamsShareOneConnection() async throws {
        try await ListenerUnderTest.running(connections: 1) { listener, port in
            let peer = try HTTP2Peer(port: port)
            #expect(try await peer.wait(for: "connected").alpn == "h2")
            let settings = try await peer.wait(for: "settings") { $0.streams != nil }
            #expect(settings.streams == 100 && settings.headers == 16_384)
            for name in ["one", "two"] { try peer.tell(.init(do: "request", name: name, path: "/events")) }
            for name in ["one", "two"] { try await peer.wait(for: "data", name: name) }
            let who = try await peer.ask("who", "/who")
            #expect(who.status == 200 && who.text == "localhost:\(port) 127.0.0.1")
            let count = try await peer.ask(
                "count", "/count", method: "POST", body: String(repeating: "x", count: 9_000))
            #expect(count.text == "9000")
            #expect(listener.now.open == 2)
            // Each stream ends for itself.
            try peer.tell(.init(do: "reset", name: "one"))
            try await eventually("the end of the stream") { listener.now.ended == 1 }
            let before = peer.text(of: "two").count
            try await eventually("the other stream going on") { peer.text(of: "two").count > before + 4_096 }
        }
    }

    /// What is written to nobody fails; streams that are silent must be told.
    @Test func silentStreamsEndWithTheirConnection() async throws {
        try await ListenerUnderTest.running(Self.endless) { listener, port in
            let peer = try HTTP2Peer(port: port)
            for name in ["one", "two"] { try peer.tell(.init(do: "request", name: name, path: "/quiet")) }
            try await eventually("streams") { listener.now.open == 2 }
            try peer.tell(.init(do: "close"))
            try await eventually("their end") { listener.now.ended == 2 }
        }
    }

    @Test(arguments: [["h2", "http/1.1"], ["http/1.1"], ["h2"], ["spdy/3.1"]])
    func theProtocolIsWhatAClientOffers(_ protocols: [String]) async throws {
        try await ListenerUnderTest.running { _, port in
            let peer = try HTTP2Peer(port: port, protocols: protocols)
            let expected = protocols.contains("h2") ? "h2" : protocols == ["http/1.1"] ? "http/1.1" : nil
            #expect(try await peer.wait(for: "connected").alpn == expected)
            // What is spoken without having been agreed on is no HTTP/1.1, and ends the connection.
            if expected != "h2" { try await peer.wait(for: "closed") }
        }
    }

    @Test(arguments: [HTTPClient.Configuration.HTTPVersion.http1Only, .automatic])
    func ourLibraryIsAnsweredInBoth(_ version: HTTPClient.Configuration.HTTPVersion) async throws {
        try await ListenerUnderTest.running { _, port in
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.certificateVerification = .none
            var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
            configuration.httpVersion = version
            try await HTTPClient.withHTTPClient(configuration: configuration) { client in
                let response = try await client.execute(
                    HTTPClientRequest(url: "https://localhost:\(port)/who"), timeout: .seconds(120))
                #expect(response.version == (version == .http1Only ? .http1_1 : .http2))
                // What a signature covers as "@authority" is the same.
                let text = String(buffer: try await response.body.collect(upTo: 1_024))
                #expect(text == "localhost:\(port) 127.0.0.1")
            }
        }
    }

    // MARK: Who says nothing

    @Test func aConnectionWithoutAHandshakeIsClosed() async throws {
        var patience = ListenerPatience.standard
        patience.handshake = .seconds(1)
        try await ListenerUnderTest.running(patience) { _, port in
            let silent = try await Self.connect(port)
            try await silent.closeFuture.get()
            // Half a handshake is none.
            let half = try await Self.connect(port)
            // It may be closed already, where a second is no time.
            try? await half.writeAndFlush(ByteBuffer(bytes: [0x16, 3, 1, 2, 0, 1]))
            try await half.closeFuture.get()
        }
    }

    @Test(.timeLimit(.minutes(40))) func aConnectionWithoutAHandshakeStopsNoShutdown() async throws {
        let silent = try await ListenerUnderTest.running(Self.endless) { _, port in
            let silent = try await Self.connect(port)
            // It has been accepted when one behind it is answered.
            let peer = try HTTP2Peer(port: port)
            _ = try await peer.ask("who", "/who")
            return silent
        }
        try await silent.closeFuture.get()
    }

    @Test(arguments: [true, false])
    func anIdleConnectionIsClosedWhateverItsPeerSays(_ hasAsked: Bool) async throws {
        var patience = ListenerUnderTest.unhurried
        // Whoever asks at once must be able to.
        patience.idle = .seconds(3)
        patience.farewell = .milliseconds(200)
        try await ListenerUnderTest.running(patience) { _, port in
            let peer = try HTTP2Peer(port: port)
            if hasAsked { #expect(try await peer.ask("who", "/who").status == 200) }
            try await peer.wait(for: "closed")
            let farewells = peer.events.filter { $0.is == "goaway" }
            #expect(farewells.map(\.code) == [0, 0])
            #expect(farewells.map(\.last) == [0x7FFF_FFFF, hasAsked ? 1 : 0])
        }
    }

    @Test func aStreamThatIsOpenKeepsItsConnection() async throws {
        var patience = ListenerUnderTest.unhurried
        patience.idle = .seconds(2)
        try await ListenerUnderTest.running(patience) { _, port in
            let peer = try HTTP2Peer(port: port)
            try peer.tell(.init(do: "request", name: "events", path: "/events"))
            try await peer.wait(for: "data")
            let began = ContinuousClock.now
            try await eventually("a while of events") { ContinuousClock.now - began > .seconds(6) }
            let before = peer.text(of: "events").count
            try await eventually("the stream going on") { peer.text(of: "events").count > before }
            #expect(!peer.events.contains { ["goaway", "closed", "reset"].contains($0.is) })
        }
    }

    // MARK: Who takes nothing

    @Test func aStreamThatIsNotReadIsResetAndTheOthersGoOn() async throws {
        var patience = ListenerUnderTest.unhurried
        // The other one must not seem to read nothing because it has no processor for a while.
        patience.reader = .seconds(5)
        try await ListenerUnderTest.running(patience) { listener, port in
            let peer = try HTTP2Peer(port: port, window: 16_384)
            try peer.tell(.init(do: "request", name: "still", path: "/events"))
            try peer.tell(.init(do: "still", name: "still"))
            try peer.tell(.init(do: "request", name: "healthy", path: "/events"))
            let reset = try await peer.wait(for: "reset")
            #expect(reset.name == "still")
            try await eventually("the end of the stream") { listener.now.ended == 1 }
            // What was given up on was no more than fits a window, and what came before it was told of.
            #expect(peer.text(of: "still").count <= 65_536)
            let before = peer.text(of: "healthy").count
            try await eventually("the other stream going on") { peer.text(of: "healthy").count > before + 65_536 }
        }
    }

    @Test func aConnectionThatIsNotReadHoldsLittleAndIsClosed() async throws {
        var patience = ListenerUnderTest.unhurried
        // On a busy machine it takes a while until the last of the streams is open.
        patience.reader = .seconds(5)
        try await ListenerUnderTest.running(patience, connections: 1) { listener, port in
            let peer = try HTTP2Peer(port: port, window: 1 << 24)
            for number in 0..<20 {
                try peer.tell(.init(do: "request", name: "\(number)", path: "/held"))
            }
            try await eventually("streams") { listener.now.open == 20 }
            // Little is written before: on a busy machine this reader alone would be too slow for 20 streams.
            try peer.tell(.init(do: "deaf"))
            listener.writeStreams()
            try await eventually("the end of the streams") { listener.now.ended == 20 && listener.now.open == 0 }
            // Sockets hold some megabytes on either side; nothing else does.
            #expect(listener.now.written < 32 << 20)
            // There is room for one connection, and it is free again.
            #expect(try await HTTP2Peer(port: port).ask("who", "/who").status == 200)
        }
    }

    // MARK: Who asks too much

    @Test(arguments: [
        HTTP2Peer.Order(do: "ping", count: 300), .init(do: "settings", count: 300),
        .init(do: "rapid", path: "/who", count: 300), .init(do: "continuations", count: 10),
    ])
    func aFloodEndsItsConnection(_ flood: HTTP2Peer.Order) async throws {
        try await ListenerUnderTest.running { _, port in
            let peer = try HTTP2Peer(port: port)
            try await peer.wait(for: "settings")
            try peer.tell(flood)
            try await peer.wait(for: "closed")
            // ENHANCE_YOUR_CALM.
            #expect(peer.events.contains { $0.is == "goaway" && $0.code == 11 })
            // Nobody else notices.
            #expect(try await HTTP2Peer(port: port).ask("who", "/who").status == 200)
        }
    }

    /// What clients and proxies do to know that their link lives.
    @Test func regularPingsAreNoFlood() async throws {
        try await ListenerUnderTest.running { _, port in
            let peer = try HTTP2Peer(port: port)
            try await peer.wait(for: "settings")
            for number in 1...20 {
                try peer.tell(.init(do: "ping"))
                try await eventually("an answer") { peer.events.filter { $0.is == "pong" }.count == number }
            }
            #expect(try await peer.ask("who", "/who").status == 200)
        }
    }

    /// Who was told how many there may be is no client after it; those who wait for a free one are.
    @Test func theHundredAndFirstStreamEndsItsConnection() async throws {
        try await ListenerUnderTest.running { listener, port in
            let peer = try HTTP2Peer(port: port)
            try await peer.wait(for: "settings")
            try peer.tell(.init(do: "heads", path: "/quiet", count: 100))
            try await eventually("a hundred streams") { listener.now.open == 100 }
            let greedy = try HTTP2Peer(port: port)
            try await greedy.wait(for: "settings")
            try greedy.tell(.init(do: "heads", path: "/quiet", count: 101))
            try await greedy.wait(for: "closed")
            // PROTOCOL_ERROR.
            #expect(greedy.events.contains { $0.is == "goaway" && $0.code == 1 })
            try await eventually("the end of its streams") { listener.now.open == 100 }
            #expect(!peer.events.contains { ["goaway", "closed", "reset"].contains($0.is) })
        }
    }

    @Test func headersHaveTheirBounds() async throws {
        try await ListenerUnderTest.running { _, port in
            let peer = try HTTP2Peer(port: port)
            try await peer.wait(for: "settings")
            let long = [["x-long", String(repeating: "x", count: 17_000)]]
            try peer.tell(.init(do: "request", name: "long", path: "/who", fields: long))
            try await peer.wait(for: "closed")
            #expect(peer.events.contains { $0.is == "goaway" && $0.code != 0 })
            #expect(!peer.events.contains { $0.is == "head" })
        }
    }

    @Test(arguments: [
        [[":method", "GET"], [":scheme", "https"], [":authority", "localhost"]],
        [[":method", "GET"], [":scheme", "https"], [":path", "/who"], ["Upper", "case"]],
        [[":method", "GET"], [":scheme", "https"], [":path", "/who"], ["connection", "close"]],
        [[":method", "GET"], [":scheme", "https"], [":path", "/who"], [":path", "/who"]],
        [[":method", "GET"], [":scheme", "https"], [":path", "/who"], ["x", "a\u{0}b"]],
        [[":method", "B W"], [":scheme", "https"], [":path", "/who"]],
        [[":scheme", "https"], [":path", "/who"]],
    ])
    func aMalformedRequestEndsItsStreamAlone(_ head: [[String]]) async throws {
        try await ListenerUnderTest.running { _, port in
            let peer = try HTTP2Peer(port: port)
            try await peer.wait(for: "settings")
            try peer.tell(.init(do: "request", name: "malformed", head: head))
            try await peer.wait(for: "reset", name: "malformed")
            #expect(try await peer.ask("who", "/who").status == 200)
        }
    }

    // MARK: The end

    /// Whoever asks nothing of a relay that stops is gone at once; streams get the end that they are given.
    @Test(.timeLimit(.minutes(40))) func aShutdownSaysGoodbyeAndWaitsForStreams() async throws {
        let (peer, idle) = try await ListenerUnderTest.running(Self.endless) { listener, port in
            let peer = try HTTP2Peer(port: port)
            try peer.tell(.init(do: "request", name: "events", path: "/events"))
            try await peer.wait(for: "data")
            let idle = try HTTP2Peer(port: port)
            _ = try await idle.ask("who", "/who")
            // Streams are ended by others, who are told of the shutdown when this server is.
            Thread.detachNewThread {
                while !peer.events.contains(where: { $0.is == "goaway" }) { Thread.sleep(forTimeInterval: 0.01) }
                listener.stopStreams()
            }
            return (peer, idle)
        }
        for peer in [peer, idle] {
            try await peer.wait(for: "closed")
            #expect(peer.events.filter { $0.is == "goaway" }.map(\.code) == [0, 0])
        }
        try await peer.wait(for: "end", name: "events")
        #expect(!peer.events.contains { $0.is == "reset" })
    }

    private static func connect(_ port: Int) async throws -> any Channel {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port).get()
    }
}
