import Foundation
import Logging
import Statements
import Synchronization
import Testing

@testable import RelayService

@Suite struct JSONLogHandlerTests {
    final class Lines: LogSink {
        private let stored = Mutex<[[UInt8]]>([])
        func write(_ line: [UInt8]) { stored.withLock { $0.append(line) } }
        var all: [[UInt8]] { stored.withLock { $0 } }
    }

    let lines = Lines()

    private func logger(_ level: Logger.Level = .info, provider: Logger.MetadataProvider? = nil) -> Logger {
        Logger(label: "nightbell.relay") { [lines] label in
            JSONLogHandler(label: label, level: level, sink: lines, metadataProvider: provider) {
                Timestamp(milliseconds: 1_795_403_229_250)
            }
        }
    }

    private func object(_ line: [UInt8]) throws -> [String: String] {
        var values: [String: String] = [:]
        for (key, value) in try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]) {
            values[key] = "\(value)"
        }
        return values
    }

    @Test func anEventIsOneObjectOnOneLine() throws {
        var logger = logger()
        logger[metadataKey: "nb.relay.version"] = "1"
        logger.notice("accepted", metadata: ["nb.batch.size": "7", "nb.batch.times": ["a", "b"], "nb.x": ["y": "z"]])
        #expect(
            String(decoding: lines.all[0], as: UTF8.self) == """
                {"time":"2026-11-23T03:07:09.250Z","level":"notice","label":"nightbell.relay","message":"accepted",\
                "nb.batch.size":"7","nb.batch.times.0":"a","nb.batch.times.1":"b","nb.relay.version":"1","nb.x.y":"z"}

                """)
    }

    @Test func everythingIsASCIIAndReadsBackAsItWas() throws {
        let text = "a\"b\\c\nd\u{1B}[31mé\u{202E}🔔\u{0}\u{7F}"
        logger().info("m", metadata: ["nb.text": .string(text)])
        #expect(lines.all[0].dropLast().allSatisfy { (0x20...0x7E).contains($0) })
        #expect(lines.all[0].last == 0x0A)
        #expect(try object(lines.all[0])["nb.text"] == text)
    }

    @Test func sensitiveValuesAreNeverWritten() throws {
        let provider = Logger.MetadataProvider {
            ["nb.from.provider": .attributed("secret-1", attributes: [LogSensitivity.sensitive])]
        }
        for level in [Logger.Level.trace, .info] {
            var logger = logger(level, provider: provider)
            logger[metadataKey: "nb.from.logger"] = "\("secret-2", attributes: [LogSensitivity.sensitive])"
            logger.critical(
                "m",
                metadata: [
                    "nb.direct": .attributed("secret-3", attributes: [LogSensitivity.sensitive]),
                    "nb.deep": ["list": [.attributed("secret-4", attributes: [LogSensitivity.sensitive]), "open"]],
                ])
        }
        for line in lines.all {
            #expect(!String(decoding: line, as: UTF8.self).contains("secret"))
            #expect(try object(line)["nb.deep.list.1"] == "open")
        }
        #expect(lines.all.count == 2)
    }

    @Test func identifiersAppearBelowInfoAloneAndOnlyAsPseudonyms() throws {
        let pseudonym = LogPseudonym()
        let device = DeviceID(bytes: [UInt8](repeating: 7, count: 20))
        for level in [Logger.Level.info, .debug] {
            logger(level).warning("m", metadata: ["nb.device": pseudonym.metadata(of: device)])
        }
        #expect(try object(lines.all[0])["nb.device"] == nil)
        #expect(try object(lines.all[1])["nb.device"] == pseudonym.name(of: device))
        #expect(!String(decoding: lines.all[1], as: UTF8.self).contains(device.characters))
    }

    @Test func pseudonymsAreStableInAProcessAndUnrelatedBeyondIt() throws {
        let one = LogPseudonym()
        let device = DeviceID(bytes: [UInt8](repeating: 7, count: 20))
        #expect(one.name(of: device) == one.name(of: device))
        #expect(one.name(of: device) != one.name(of: DeviceID(bytes: [UInt8](repeating: 8, count: 20))))
        #expect(one.name(of: device) != LogPseudonym().name(of: device))
        #expect(one.name(of: device).utf8.count == 8)
    }

    @Test func errorsAreNamedByCodeOrTypeAlone() throws {
        struct Leaky: Error, CustomStringConvertible { var description: String { "patient name" } }
        logger().error("m", error: Leaky())
        logger().error("m", error: OperationsError(.dataInUse, "detail", next: "step"))
        #expect(try object(lines.all[0])["error"] == "Leaky")
        #expect(try object(lines.all[1])["error"] == "data_in_use")
        #expect(lines.all.allSatisfy { !String(decoding: $0, as: UTF8.self).contains("patient") })
    }

    @Test func linesAreBoundedAndStayValid() throws {
        let long = String(repeating: "é", count: 10_000)
        logger().info("\(long)", metadata: ["nb.a": .string(long)])
        var many: Logger.Metadata = [:]
        for index in 0..<500 { many["nb.key.\(index)"] = .string(String(repeating: "x", count: 300)) }
        logger().info("m", metadata: many)
        for line in lines.all {
            #expect(line.count <= JSONLogHandler.maximumLineByteCount)
            #expect(try object(line)["cut"] == "1" || object(line)["cut"] == "true")
        }
        let whole = String(repeating: "x", count: 1024)
        logger().info("m", metadata: ["nb.a": .string(whole)])
        #expect(try object(lines.all[2])["nb.a"] == whole)
        #expect(try object(lines.all[2])["cut"] == nil)
    }

    @Test func metadataCannotTakeThePlaceOfOurKeys() throws {
        logger().info("true message", metadata: ["message": "false", "level": "false", "time": "false"])
        let object = try object(lines.all[0])
        #expect(object["message"] == "true message")
        #expect(object["meta.message"] == "false")
    }

    @Test func linesOfManyTasksDoNotMix() async throws {
        let logger = logger()
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<200 { group.addTask { logger.info("m", metadata: ["nb.index": "\(index)"]) } }
        }
        let indices = try lines.all.map { try object($0)["nb.index"] }
        #expect(Set(indices).count == 200)
    }

    @Test func belowItsLevelALoggerIsSilent() {
        logger(.warning).info("m")
        #expect(lines.all.isEmpty)
    }
}
