import Foundation
import Testing

@testable import PushDelivery

/// What statuses and headers come to.
@Suite struct OutcomeTests {
    @Test(
        arguments: [
            (200, .accepted), (201, .accepted), (202, .accepted), (301, .rejected(.redirected)),
            (307, .rejected(.redirected)),
            (400, .rejected(.malformed)), (401, .unauthorized(.credentials)), (403, .unauthorized(.credentials)),
            (404, .gone(.unsubscribed, at: nil)), (410, .gone(.unsubscribed, at: nil)), (405, .rejected(.malformed)),
            (408, .later(.timeout, after: nil)), (413, .rejected(.tooLarge)), (429, .later(.rateLimited, after: nil)),
            (500, .later(.serviceUnavailable, after: nil)), (502, .later(.serviceUnavailable, after: nil)),
            (503, .later(.serviceUnavailable, after: nil)), (507, .later(.serviceUnavailable, after: nil)),
            (600, .later(.unexpected, after: nil)), (100, .later(.unexpected, after: nil)),
        ] as [(Int, PushOutcome)])
    func statusesOfWebPush(_ status: Int, _ outcome: PushOutcome) {
        #expect(WebPushTransport.outcome(status: status, retryAfter: nil) == outcome)
    }

    @Test func retryAfterIsPassedOn() {
        #expect(WebPushTransport.outcome(status: 429, retryAfter: 30) == .later(.rateLimited, after: 30))
        #expect(WebPushTransport.outcome(status: 503, retryAfter: 5) == .later(.serviceUnavailable, after: 5))
        #expect(WebPushTransport.outcome(status: 201, retryAfter: 5) == .accepted)
    }

    /// RFC 9110 section 10.2.3, and what hostile services send.
    @Test func retryAfterIsSecondsOrADate() {
        // 1994-11-06 08:49:00 GMT.
        let now = Date(timeIntervalSince1970: 784_111_740)
        for (value, seconds) in [
            ("120", 120), (" 7 ", 7), ("0", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 37),
            ("Sun, 06 Nov 1994 08:48:00 GMT", 0),
            ("99999999999999999999999", 86_400), ("1000000", 86_400), ("Mon, 06 Nov 2034 08:49:37 GMT", 86_400),
            ("-1", nil),
            ("1.5", nil), ("soon", nil), ("", nil), ("1 2", nil), ("06 Nov 1994 08:49:37 GMT", nil),
        ] as [(String, Int?)] {
            #expect(RetryAfter.seconds(value, now: now) == seconds, "\(value)")
        }
        #expect(RetryAfter.seconds(nil) == nil)
    }
}
