import AsyncHTTPClient
import CoreMetrics
import Foundation
import NIOCore
import NIOHTTP1
import Statements
import Synchronization
import Testing

@testable import RelayService

@Suite struct OperationsServerTests {
    private struct Answer: Sendable, Equatable {
        let status: UInt
        let type: String?
        let text: String
    }

    /// Runs a server and asks it for each path.
    private func ask(
        _ paths: [String], metrics: PrometheusMetrics = PrometheusMetrics(), readiness: Readiness = .ready
    ) async throws -> [Answer] {
        let (ports, running) = AsyncStream<Int>.makeStream()
        let address = try #require(ListenAddress("127.0.0.1:0"))
        let server = OperationsServer(
            address: address, metrics: metrics, logger: silent, readiness: { readiness },
            onRunning: {
                running.yield($0)
                running.finish()
            })
        return try await whileRunning(server) {
            var port = 0
            for await bound in ports { port = bound }
            var answers: [Answer] = []
            for path in paths {
                let response = try await HTTPClient.shared.execute(
                    HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)"), timeout: .seconds(120))
                let body = try await response.body.collect(upTo: 1 << 20)
                answers.append(
                    Answer(
                        status: response.status.code, type: response.headers.first(name: "content-type"),
                        text: String(buffer: body)))
            }
            return answers
        }
    }

    @Test func healthSaysThatTheProcessLives() async throws {
        let answers = try await ask(["/health"], readiness: .notReady(reason: "draining"))
        #expect(answers == [Answer(status: 200, type: "application/json", text: "{\"status\":\"ok\"}\n")])
    }

    @Test func readinessFollowsTheClosure() async throws {
        let ready = try await ask(["/ready"])
        #expect(ready == [Answer(status: 200, type: "application/json", text: "{\"status\":\"ready\"}\n")])
        let notReady = try await ask(["/ready"], readiness: .notReady(reason: "draining \"now\""))
        #expect(notReady[0].status == 503)
        let object = try JSONSerialization.jsonObject(with: Data(notReady[0].text.utf8)) as? [String: String]
        #expect(object == ["status": "not_ready", "reason": "draining \"now\""])
    }

    @Test func metricsAreServedAsPrometheusReadsThem() async throws {
        let metrics = PrometheusMetrics()
        Counter(label: "nb.accepted", factory: metrics).increment(by: 2)
        let answers = try await ask(["/metrics"], metrics: metrics)
        #expect(answers[0].status == 200)
        #expect(answers[0].type == PrometheusMetrics.contentType)
        #expect(answers[0].text.contains("nb_accepted_total 2\n"))
    }

    @Test func nothingElseIsServed() async throws {
        let answers = try await ask(["/", "/v1/orgs", "/metrics/x"])
        #expect(answers.map(\.status) == [404, 404, 404])
    }
}
