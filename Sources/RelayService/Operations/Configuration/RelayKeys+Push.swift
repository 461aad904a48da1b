import PushDelivery
import SystemPackage

/// The keys about pages that go out over services of others.
extension RelayKeys {
    /// A text, or none.
    typealias Text = ConfigurationKey<ConfigurationChoice<String>>
    /// A path, or none.
    typealias File = ConfigurationKey<ConfigurationChoice<FilePath>>

    /// How many a list may hold.
    private static let listLimit = 64

    static let pushContact = Text.choice(
        "push.contact", form: "mailto:NAME@HOST or https://HOST/…, in ASCII without a comma",
        about: """
            How a push service's operator reaches you, as mailto:ops@practice.example or https://practice.example/push.
            They see it with every page. Web Push, and so UnifiedPush, is live once this is set and
            `nightbell-relay push-keys` has made its key.
            """,
        parse: { contact($0) })

    static let pushPorts = ConfigurationKey<ConfigurationChoice<Set<Int>>>.choice(
        "push.ports", form: "ports from 1 to 65535 as 8443,9443",
        about: """
            Ports besides 443 that the push endpoints of devices may have, as 8443,9443. Each is one more that every
            device can make the relay connect to.
            """,
        isList: true
    ) { text in
        list(text) { word in
            guard let port = Int(word), "\(port)" == word, (1...65_535).contains(port) else { return nil }
            return port
        }
    }

    static let pushHosts = ConfigurationKey<ConfigurationChoice<Set<String>>>.choice(
        "push.hosts", form: "DNS names as push.practice.example,push.clinic.example",
        about: """
            Hosts of push endpoints that may lead to addresses which are not public, as your own push server in your own
            network does. All others are refused such addresses, so that no device can have the relay connect there.
            """,
        isList: true, parse: { list($0) { isName($0) ? $0.lowercased() : nil } })

    static let pushAuthority = File.choice(
        "push.authority", form: pathForm, unset: "system",
        about: """
            Certificate authorities, as PEM, from which push services' certificates may come besides this machine's own:
            for your own push server. Relative to this directory or absolute.
            """,
        parse: { filePath($0) })

    static let apnsKey = File.choice(
        "push.apns-key", form: pathForm,
        about: """
            Apple's push service (APNs): the key file (.p8) of your developer team, readable by its owner alone. Needs
            the three keys that follow. Relative to this directory or absolute.
            """,
        parse: { filePath($0) })

    static let apnsKeyID = Text.choice(
        "push.apns-key-id", form: "ten letters and digits", about: "Which of the team's keys it is: ten characters.",
        parse: { isAppleID($0) ? $0 : nil })

    static let apnsTeam = Text.choice(
        "push.apns-team", form: "ten letters and digits", about: "The developer team's id: ten characters.",
        parse: { isAppleID($0) ? $0 : nil })

    static let apnsTopic = Text.choice(
        "push.apns-topic", form: "a bundle id of 1 to 255 letters, digits, dots and hyphens",
        about: "The bundle id of the app that pages are for.",
        parse: { $0.wholeMatch(of: /[A-Za-z0-9.-]{1,255}/) == nil ? nil : $0 })

    static let apnsService = service(
        "push.apns-service", standard: "https://api.push.apple.com",
        about: """
            Where Apple is reached. For an app under development https://api.development.push.apple.com, where the tokens
            of published apps are unknown, and the other way round.
            """)

    static let fcmCredentials = File.choice(
        "push.fcm-credentials", form: pathForm,
        about: """
            Google's push service (FCM): the JSON file of a service account of your Firebase project, readable by its
            owner alone. Access tokens come from the address that it names. Relative to this directory or absolute.
            """,
        parse: { filePath($0) })

    static let fcmService = service(
        "push.fcm-service", standard: "https://fcm.googleapis.com", about: "Where Google is reached.")

    private static func service(_ path: String, standard: String, about: String) -> ConfigurationKey<String> {
        ConfigurationKey(path, form: "https://HOST or https://HOST:PORT", standard: standard, about: about) { text in
            guard let whole = try? PushEndpoint(parsing: text + "/"), whole.path == "/" else { return nil }
            return whole.origin
        }
    }

    private static func list<Element: Hashable>(_ text: String, _ parse: (String) -> Element?) -> Set<Element>? {
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        guard words.count <= listLimit else { return nil }
        var elements: Set<Element> = []
        for word in words {
            guard let element = parse(String(word)) else { return nil }
            elements.insert(element)
        }
        return elements
    }

    /// RFC 8292 section 2.1. Strict, for some services refuse every page of a sender whose contact they cannot read.
    private static func contact(_ text: String) -> String? {
        guard text.utf8.count <= 255, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains(",") else {
            return nil
        }
        if text.hasPrefix("https://") {
            guard (try? PushEndpoint(parsing: text)) != nil || (try? PushEndpoint(parsing: text + "/")) != nil else {
                return nil
            }
            return text
        }
        guard let mail = text.wholeMatch(of: /mailto:[A-Za-z0-9._%+-]+@([A-Za-z0-9.-]+)/), isName(String(mail.1)) else {
            return nil
        }
        return text
    }

    private static func isName(_ text: String) -> Bool {
        (try? PushEndpoint(parsing: "https://\(text)/"))?.host == text.lowercased()
    }

    private static func isAppleID(_ text: String) -> Bool { text.wholeMatch(of: /[A-Za-z0-9]{10}/) != nil }
}
