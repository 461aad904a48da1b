import DeviceKit

extension DeviceSession {
    /// Opens a session for as long as `body` takes, and closes it however that ends: one that is dropped with its connections
    /// open ends the program.
    static func during<Result>(
        _ profile: Profile, observer: some SessionObserver, _ body: (DeviceSession) async throws -> Result
    ) async throws -> Result {
        let session = try DeviceSession.open(profile, observer: observer)
        do {
            let result = try await body(session)
            await session.close()
            return result
        } catch {
            await session.close()
            throw error
        }
    }
}
