import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import PushDelivery
import Statements
import Testing
import TransparencyLog

/// The witness of `aics-witness`, which `Config/test` installs: its own process, on loopback.
final class PeerWitness: Sendable {
    let key: WitnessKey
    private let process: Process
    private let url: String

    init(in folder: String, logs: [LogKey]) async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let python = root.appending(path: ".build/peers/bin/python3")
        try #require(FileManager.default.fileExists(atPath: python.path), "Config/test installs it")
        let config = folder + "/peer/witness.json"
        try FileManager.default.createDirectory(atPath: folder + "/peer", withIntermediateDirectories: true)
        func start(_ words: [String]) throws -> (Process, FileHandle) {
            let process = Process()
            process.executableURL = python
            process.arguments = ["-m", "aics_witness", words[0], "--config", config] + words.dropFirst()
            let output = Pipe()
            process.standardOutput = output
            process.standardError = words[0] == "serve" ? output : FileHandle.nullDevice
            try process.run()
            return (process, output.fileHandleForReading)
        }
        let (made, text) = try start(["init", "--name", "peer.example/w1"])
        let vkey = String(decoding: try text.readToEnd() ?? Data(), as: UTF8.self)
        made.waitUntilExit()
        key = try #require(
            vkey.split(whereSeparator: \.isWhitespace).lazy.compactMap { WitnessKey(vkey: String($0)) }.first)
        for log in logs {
            let (added, _) = try start(["add-log", "--origin", log.origin, "--vkey", log.key.vkey])
            added.waitUntilExit()
            #expect(added.terminationStatus == 0)
        }
        let (serving, lines) = try start(["serve", "--listen", "127.0.0.1:0"])
        process = serving
        // It says where it listens, and then nothing that matters.
        var said = ""
        while !said.contains("add-checkpoint"), case let piece = lines.availableData, !piece.isEmpty {
            said += String(decoding: piece, as: UTF8.self)
        }
        let words = said.split(whereSeparator: { $0.isWhitespace || $0 == ")" })
        url = String(
            try #require(words.first { $0.hasPrefix("http://") && $0.hasSuffix("/add-checkpoint") }, "\(said)"))
    }

    func stop() { process.terminate() }

    func post(_ body: [UInt8]) async -> PostAnswer? {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.body = .bytes(ByteBuffer(bytes: body))
        guard let response = try? await HTTPClient.shared.execute(request, timeout: .seconds(120)),
            let bytes = try? await response.body.collect(upTo: 4_096)
        else { return nil }
        return PostAnswer(status: Int(response.status.code), body: Array(bytes.readableBytesView))
    }
}
