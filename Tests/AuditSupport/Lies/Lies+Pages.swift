import Auditing
import Secrets
import SignerSupport
import Statements

/// Pages, and the prekeys that the relay gives out.
extension Lie {
    static let pages: [Lie] = [
        Lie(.relay, "page-to-a-stranger", "a page went to a device to which its message was not sealed") { telling in
            let sent = telling.message()
            telling.expect(.servedToStranger, at: telling.push(sent, to: "tablet"), words: "bo")
            telling.settle(sent)
        },
        Lie(.relay, "page-to-the-revoked", "a page went to a device that was revoked more than a minute ago") {
            telling in
            telling.enrol("spare", of: "kim")
            telling.subscribe("spare", .fcm)
            let sent = telling.message()
            telling.world.revoke("spare")
            telling.subscribed["spare"] = nil
            telling.pass(61)
            telling.expect(
                .servedToRevoked, at: telling.push(sent, to: "spare", .fcm), words: "\(DeviceID.named("spare"))")
            telling.settle(sent)
        },
        Lie(
            .relay, "page-to-the-suspended", "a page went to a device whose member was suspended more than a minute ago"
        ) {
            $0.withPages { telling in
                let sent = telling.message()
                telling.over(sent)
                telling.suspendKim()
                telling.pass(61)
                telling.expect(.servedToRevoked, at: telling.push(sent, to: "kim", .fcm), words: "suspended")
                telling.reinstateKim()
                telling.settle(sent)
            }
        },
        Lie(.relay, "page-without-a-subscription", "a page went to a device that proved no subscription") { telling in
            let sent = telling.message()
            telling.world.log(.subscription(.named("kim"), .apns, .added))
            telling.expect(.pushedUnsubscribed, at: telling.push(sent, to: "kim", .apns), words: "kim", "apns")
            telling.world.log(.subscription(.named("kim"), .apns, .removed))
            telling.settle(sent)
        },
        Lie(.relay, "page-after-the-answer", "a page went out more than a minute after its message was acknowledged") {
            $0.withPages { telling in
                let sent = telling.message()
                telling.settle(sent)
                telling.pass(61)
                telling.expect(.pagedAfterEnd, at: telling.push(sent, to: "kim", .fcm), words: "answered")
            }
        },
        Lie(.relay, "page-after-a-refusal", "a page went out more than a minute after its message was declined") {
            $0.withPages { telling in
                let sent = telling.message()
                telling.receipt(.declined, of: sent, by: "kim")
                telling.pass(61)
                telling.expect(.pagedAfterEnd, at: telling.push(sent, to: "kim", .fcm), words: "turned down")
            }
        },
        Lie(.relay, "page-after-the-end", "a page went out more than a minute after its message expired") {
            $0.withPages { telling in
                let sent = telling.send("of the lie", to: "kim", lifeSeconds: 100)
                telling.pass(170)
                telling.expect(.pagedAfterEnd, at: telling.push(sent, to: "kim", .fcm), words: "expired")
            }
        },
        Lie(.relay, "page-kept-back", "no page goes to a device whose subscription works, and nobody has answered") {
            $0.withPages { telling in
                let sent = telling.message()
                telling.over(sent)
                telling.pass(400)
                telling.settle(telling.message("second of the lie"))
                telling.pass(61)
                telling.settle(telling.message("third of the lie"))
                telling.expectNote(.notPaged, at: sent.index, words: "kim")
                telling.settle(sent)
            }
        },
        Lie(.relay, "subscription-invented", "a subscription is proven that was never added") {
            $0.expect(
                .subscriptionUntrue, at: $0.world.log(.subscription(.named("bo"), .fcm, .proven)), words: "bo", "proven"
            )
        },
        Lie(.relay, "subscription-of-nobody", "a device subscribes that was never enrolled") {
            $0.expect(.unknownDevice, at: $0.world.log(.subscription(.named("ghost"), .fcm, .added)))
        },
        Lie(.relay, "prekey-twice", "the relay gave out a one-time prekey a second time") { telling in
            let first = telling.message()
            telling.settle(first)
            let sent = telling.world.send("lie", to: "kim", served: ["kim"], prekeys: "of the lie")
            telling.expect(.prekeyAgain, at: first.index, sent.index, words: "kim")
            telling.settle(sent)
        },
        Lie(.relay, "one-time-as-fallback", "the relay gave out a one-time prekey again, and calls it a fallback one") {
            telling in
            let first = telling.message()
            telling.settle(first)
            let prekey = telling.world.prekey("of the lie", of: .named("kim")).id
            let said = telling.world.log(.fallback(.named("kim"), .named("lie"), prekey))
            let sent = telling.world.send("lie", to: "kim", served: ["kim"], prekeys: "of the lie")
            telling.expect(.prekeyAgain, at: first.index, said, words: "kim", "fallback")
            telling.settle(sent)
        },
        Lie(.relay, "fallback-in-silence", "the relay gave out a fallback prekey, and no event says so") { telling in
            telling.world.claimFallbacks("of the lie", of: "kim")
            telling.settle(telling.send("of the lie", to: "kim", served: ["kim"], fallback: true))
            let sent = telling.send("second of the lie", to: "kim", served: ["kim"], fallback: true)
            telling.expect(.fallbackMissing, at: sent.index, words: "kim")
            telling.settle(sent)
        },
        Lie(.relay, "fallback-for-another", "the event of a fallback prekey is about another message") { telling in
            telling.world.claimFallbacks("another", of: "kim")
            let sent = telling.send("of the lie", to: "kim", served: ["kim"], fallback: true)
            telling.expect(.fallbackMissing, at: sent.index, words: "kim")
            telling.settle(sent)
        },
    ]
}

extension Telling {
    /// The relay says that it pushed a page.
    @discardableResult
    func push(_ sent: Sent, to device: String, _ transport: PageTransport = .webPush, attempt: UInt64 = 1) -> UInt64 {
        world.log(.pushed(.named(device), sent.message, transport, attempt: attempt, .accepted))
    }

    /// Kim's device has a subscription that works, for a while.
    fileprivate func withPages(_ body: (Telling) -> Void) {
        subscribe("kim", .fcm)
        body(self)
        world.log(.subscription(.named("kim"), .fcm, .removed))
        subscribed["kim"] = nil
    }
}
