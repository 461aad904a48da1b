import ArgumentParser
import DeviceKit
import Sealing
import Statements

/// How soon a device without a stream is paged, and what services in trouble take from the others.
struct PagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pages",
        abstract:
            "The time from a message to its page, alone and among 1,000 subscriptions of which some hang or fail.",
        discussion: """
            Over TLS to push services in this program, which share the processors with the relay. A page's time is from the \
            posting of its message, so that it includes the acceptance; ratios are also given for what is left behind the \
            relay's word that it has the message.
            """)

    /// 1 s: from acceptance to page on an idle machine.
    private static let aim = 1.0
    private static let subscriptionsOfDevice = 8

    @Option(help: "Messages to one device, one after the other, at most 200.")
    var messages = 200

    @Option(help: "Devices, each with 8 subscriptions.")
    var devices = 125

    @Option(help: "Messages a second to all of these, each 8 pages.")
    var rate = 10

    @Option(help: "Seconds of each round.")
    var duration = 25

    func run() async throws {
        var services: [BenchPushService] = []
        let relay = try await RelayProcess { data in
            try RelayProcess.run(["push-keys", "--data", data])
            for _ in 0..<3 { services.append(try await BenchPushService(relay: data)) }
            return [
                "--push-contact", "mailto:bench@localhost", "--push-hosts", "localhost", "--push-ports",
                services.map { "\($0.port)" }.joined(separator: ","), "--push-authority", data + "/tls/ca.pem",
            ]
        }
        defer { relay.stop() }
        let organisation = try await BenchOrganisation.found(on: relay)
        let desk = try await organisation.enrol(["desk"], role: .intake)[0]
        try await alone(organisation, desk, services[0], relay)
        let doctors = try await organisation.enrol((0..<devices).map { "doctor \($0)" }, role: .provider)
        var crowd = PageCrowd(desk: desk, doctors: doctors, services: services, relay: relay)
        try await crowd.subscribe(each: Self.subscriptionsOfDevice)
        try await among(crowd)
        for device in [desk] + doctors { await device.close() }
        await organisation.connection.close()
        for service in services { await service.close() }
    }

    private func alone(
        _ organisation: BenchOrganisation, _ desk: BenchDevice, _ service: BenchPushService, _ relay: RelayProcess
    ) async throws {
        let doctor = try await organisation.enrol(["doctor"], role: .provider)[0]
        let subscriptions = BenchSubscriptions()
        try await subscriptions.subscribe(doctor, at: "/well/alone/0", of: service)
        let prepared = try await doctor.publishPrekeys(min(messages, 200)).map {
            try desk.prepare(to: doctor, prekey: $0)
        }
        let (whole, acceptance) = (Samples(), Samples())
        let load = OtherLoad(beside: relay)
        for message in prepared {
            let before = service.count
            let times = try await desk.send(message)
            let deadline = ContinuousClock.now + .seconds(30)
            while service.count == before {
                guard ContinuousClock.now < deadline else { throw BenchFailure.nothingArrived }
                try await Task.sleep(for: .milliseconds(1))
            }
            let arrival = service.arrivals(from: before)[0]
            whole.add(arrival.at - times.posted)
            acceptance.add(times.accepted - times.posted)
            guard let page = try subscriptions.page(of: arrival), page.message == message.id,
                doctor.alert(of: page) == BenchDevice.alert
            else { throw BenchFailure.wrongPage }
        }
        print(
            """
            one device without a stream, \(prepared.count) messages one after the other; each page opened to its alert
              posted -> page         \(whole.summary)
              of which acceptance    \(acceptance.summary)
              p99 in times of the aim (1 s) \(rounded(whole.at(0.99) / Self.aim, 3))
              \(load.summary)
            """)
        await doctor.close()
    }

    private func among(_ crowd: PageCrowd) async throws {
        print(
            """
            \(crowd.count) subscriptions of \(devices) devices, \(rate) messages a second for \(duration) s, each to 8 subscriptions; \
            measured at the \(crowd.count(of: .well)) that are always well
            """)
        let well = try await crowd.round(rate: rate, seconds: duration)
        well.print("a: all are well")
        let others = try await crowd.round(rate: rate, seconds: duration, inTrouble: [1, 2])
        others.print("b: \(crowd.troubled) at another service hang, \(crowd.troubled) at a third fail")
        others.printRatios(to: well, aim: ", aim at most 2")
        let few = try await crowd.round(rate: rate, seconds: duration, inTrouble: [0], troubled: 1)
        few.print("c: 1 hangs and 1 fails at the service of those that are well")
        few.printRatios(to: well, aim: ", aim at most 2")
        let many = try await crowd.round(rate: rate, seconds: duration, inTrouble: [0])
        many.print("d: \(crowd.troubled) hang and \(crowd.troubled) fail at the service of those that are well")
        many.printRatios(to: well, aim: ", no aim: such a service is left alone as a whole")
    }
}
