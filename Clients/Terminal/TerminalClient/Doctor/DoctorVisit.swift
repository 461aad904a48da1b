import DeviceKit
import RelayAPI
import Statements
import TransparencyLog
import UnlockAgent

/// Finds out what the checks judge: first what can be told of a locked profile, then of an open one, then of the relay.
///
/// Nothing here stops the rest: what cannot be found out is itself found out.
struct DoctorVisit {
    let context: CommandContext
    let machine: Machine

    func checks() async -> [any DoctorCheck] {
        let directory = context.profileDirectory
        let inspection = ProfileInspection(directory)
        var found: [any DoctorCheck] = []
        if inspection.revocation == nil { found = await profile(inspection) }
        let ringer =
            found.lazy.compactMap { $0 as? ReceivingCheck }.first?.ringer ?? machine.receiver(of: directory)
        let ofMachine: [any DoctorCheck] = [
            machine.disk(of: directory), machine.notifications(ringer), machine.memory, machine.swap,
        ]
        // It may have been learnt just now. Of a device that was revoked nothing else is to be examined, or mended.
        let latest = ProfileInspection(directory)
        let who = ProfileCheck(
            directory: directory, identity: latest.identity, fault: latest.fault, revocation: latest.revocation)
        if latest.revocation != nil {
            // What was not destroyed yet is, and its agent hears of it.
            _ = try? context.openProfile()
            return [who] + ofMachine
        }
        var ofProfile: [any DoctorCheck] = []
        if inspection.isProfile { ofProfile.append(PermissionsCheck(files: inspection.files)) }
        ofProfile += found
        return [who] + ofProfile + ofMachine
    }

    private func profile(_ inspection: ProfileInspection) async -> [any DoctorCheck] {
        guard let identity = inspection.identity else { return [] }
        let directory = context.profileDirectory
        let health = StoreHealth(ofProfile: directory)
        var store: [any DoctorCheck] = [Self.store(health)]
        let handshake = await RelayHandshake.examine(
            address: identity.relay,
            certificateAuthority: inspection.hasCertificateAuthority ? directory + "/ca.pem" : nil)
        let present = await present(health)
        if case .whole = health.condition {
            store += [
                OutboxCheck(receipts: health.receiptsWaiting, sends: health.sendsWaiting, refused: health.sendsRefused),
                PrekeysCheck(
                    left: present.left, held: health.oneTimeKeys, fallback: health.newestFallback, now: .now()),
                FindingsCheck(
                    count: present.findings ?? health.findings, newest: present.newest,
                    contradiction: present.contradiction),
            ]
        }
        if let steps = present.steps ?? health.steps {
            store.append(
                StepsCheck(
                    lines: steps.lines, receipts: present.steps == nil ? nil : steps.receipts, faults: steps.faults))
        }
        let relay: [any DoctorCheck] = [
            TLSCheck(
                address: identity.relay, handshake: handshake, hasOwnAuthority: inspection.hasCertificateAuthority,
                now: .now()),
            HeadCheck(answer: present.answer, last: present.last, now: .now()),
            ClockCheck(difference: present.difference),
            LogsCheck(
                logs: present.logs, isContradicted: present.isContradicted, isAsked: present.answer.wasAsked,
                conviction: present.conviction),
        ]
        let agent = agent(inspection)
        return [UnlockCheck(failure: present.failure)] + store + relay + pages(present) + [agent, receiving(agent)]
    }

    /// Nothing where the relay was not asked, or pushes over nothing and nothing is registered.
    private func pages(_ present: Present) -> [any DoctorCheck] {
        guard let push = present.push else { return [] }
        let troubles = PushWords.troubles(push)
        guard !push.transports.isEmpty || !troubles.isEmpty else { return [] }
        return [PagesCheck(working: push.subscriptions.count { $0.state == .working }, troubles: troubles)]
    }

    private static func store(_ health: StoreHealth) -> StoreCheck {
        switch health.condition {
        case .whole: StoreCheck(finding: .whole(messages: health.messages))
        case .damaged(let faults): StoreCheck(finding: .damaged(faults: faults))
        case .busy: StoreCheck(finding: .busy)
        case .missing: StoreCheck(finding: .missing)
        }
    }

    private func agent(_ inspection: ProfileInspection) -> AgentCheck {
        let place = AgentPlace(profile: context.profileDirectory)
        let finding: AgentCheck.Finding
        var mode = Machine.mode(place.socket)
        switch AgentConnection.find(profile: context.profileDirectory, role: .command, isPerson: false) {
        case .agent(let agent):
            let state = agent.greeted
            finding =
                state.isLocked
                ? .locked(hears: state.listensWhileLocked)
                : .unlocked(
                    lockAfterSeconds: state.lockAfterSeconds,
                    sleep: state.holdsSleepUp ? .heldUp : state.hearsSleep ? .heard : .unheard)
        case .stranger(let stranger):
            finding = .stranger(DeviceKitError(stranger, profile: context.profileDirectory))
            mode = nil
        case .none: finding = place.isTaken ? .silent : .none
        }
        return AgentCheck(finding: finding, socketMode: mode, isOpenedByFile: inspection.lock == .keyFile)
    }

    /// What a message meets that comes now. While the profile is locked nothing receives, and something may ring all the same.
    private func receiving(_ agent: AgentCheck) -> ReceivingCheck {
        let directory = context.profileDirectory
        var check = ReceivingCheck(receiver: machine.receiver(of: directory))
        check.link = LinkState.read(directory)
        if case .locked(let hears) = agent.finding {
            let standard = try? CommandContext.directory(nil, machine.environment)
            check.locked = ReceivingCheck.Locked(
                isHeard: hears, waiting: machine.waitsLocked(directory, isStandard: directory == standard))
        }
        return check
    }

    // MARK: The open profile, and the relay's word

    /// What only an open profile shows.
    private struct Present {
        /// Why it did not open.
        var failure: DeviceKitError?
        var answer = HeadCheck.Answer.notAsked
        var last: Timestamp?
        var difference: Int64?
        var left: Int?
        var logs: [LogsCheck.Log]?
        var isContradicted = false
        var findings: Int?
        var newest: (found: Timestamp, finding: Finding)?
        var contradiction: Finding?
        var conviction: Finding?
        var steps: StepLogVerification?
        var push: PushStanding?
    }

    private func present(_ health: StoreHealth) async -> Present {
        var present = Present()
        // A damaged database is not opened: opening may write.
        if case .damaged = health.condition {
            present.failure = DeviceKitError(
                "store_damaged", .failed, "the profile was not opened, for its database is damaged",
                next: "see what this report says of the store")
            return present
        }
        do {
            let profile = try context.openProfile()
            present.steps = try profile.verifySteps()
            let session = try DeviceSession.open(profile, observer: context.observer)
            await ask(session, &present)
            do { try remember(session, &present) } catch {
                // It may have learnt of its revocation, and have nothing left to look into.
                await session.close()
                throw error
            }
            await session.close()
        } catch {
            present.failure = DeviceKitError(describing: error)
        }
        return present
    }

    private func ask(_ session: DeviceSession, _ present: inout Present) async {
        let before = session.checkpoints
        do {
            try session.checkNotRevoked()
            try await session.refresh()
            if let now = session.present {
                let device = now.head.device
                present.answer = .believed(signed: now.head.time, waiting: device.map { Int(clamping: $0.waiting) })
                present.left = device.map { Int(clamping: $0.oneTimeLeft) }
                present.difference = session.connection.clock.difference
            }
            // A relay that answers nothing to it pushes nothing.
            present.push = try? await session.pushStanding()
            present.logs = LogKind.allCases.map { log in
                LogsCheck.Log(
                    name: log.rawValue, before: before[log]?.size ?? 0, now: session.checkpoints[log]?.size ?? 0)
            }
        } catch let refusal as RelayRefusal {
            present.answer = .refused(session.learn(from: refusal.problem))
        } catch {
            let cause = DeviceKitError(describing: error)
            switch cause.category {
            case .verification:
                present.answer = .lied(cause)
                present.isContradicted = true
            case .unreachable: present.answer = .unreachable(cause)
            default: present.answer = .refused(cause)
            }
        }
    }

    private func remember(_ session: DeviceSession, _ present: inout Present) throws {
        let findings = try session.findings()
        present.findings = findings.count
        present.newest = findings.last
        present.contradiction = try session.contradiction()
        present.conviction = try session.convictions().first
        present.last = try session.lastHeadTime()
    }
}
