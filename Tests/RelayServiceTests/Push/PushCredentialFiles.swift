import Foundation
import Statements
import SystemPackage

@testable import RelayService

/// A data directory with the files that Apple's and Google's customers get.
struct PushCredentialFiles {
    let directory: TemporaryDirectory
    let data: DataDirectory

    init() throws {
        directory = try TemporaryDirectory()
        data = DataDirectory(path: directory.path)
        try DurableFile.makeDirectory(data.keys)
        try DurableFile.create(
            data.configuration, Array("name: relay.example.org:8443\n".utf8), permissions: DurableFile.ownerOnly)
    }

    /// A P-256 key as PKCS #8 in PEM: what Apple's `.p8` holds.
    static func appleKey() throws -> String {
        guard let name = RelayName("relay.example.org:8443") else { return "" }
        return String(decoding: try DevelopmentAuthority.issue(for: name, now: .now()).key, as: UTF8.self)
    }

    /// A service account's file, without an account behind it.
    static func googleFile(
        type: String = "service_account", tokenAddress: String = "https://oauth2.example/token", key: String = rsaKey
    ) throws -> String {
        let object = [
            "type": type, "project_id": "practice-1", "private_key_id": "abc123", "private_key": key,
            "client_email": "relay@practice-1.iam.gserviceaccount.com", "token_uri": tokenAddress,
        ]
        return String(decoding: try JSONEncoder().encode(object), as: UTF8.self)
    }

    /// The flags with which Apple's service is used.
    static let appleFlags = [
        "--push-apns-key", "apple.p8", "--push-apns-key-id", "KEYID12345", "--push-apns-team", "TEAM123456",
        "--push-apns-topic", "example.nightbell",
    ]
    static let googleFlags = ["--push-fcm-credentials", "google.json"]

    @discardableResult
    func write(_ text: String, to name: String, mode: Int = 0o600) throws -> FilePath {
        try directory.write(text, to: name)
        try setPermissions(mode, of: directory(name))
        return directory(name)
    }

    /// An attempt has all the time that a busy machine may need.
    func load(_ flags: [String] = []) throws -> PushSetup {
        try PushSetup.load(
            try RelayConfiguration.load(data, flags: flags, environment: [:]), attemptSeconds: 120)
    }

    /// The refusal of a start with these flags.
    func refusal(_ flags: [String]) throws -> OperationsError? {
        do {
            _ = try load(flags)
            return nil
        } catch let error as OperationsError {
            return error
        }
    }

    /// Of these tests alone.
    static let rsaKey = """
        -----BEGIN PRIVATE KEY-----
        MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQDS7BuXwxAX7Hzw
        qwW46NiZj/6QvpSS5WDi958ygRhbFplBaRBbqRrVb9WsZEjwAclyxouStbziCTOA
        pInxPyah0siP2JEVwcnaLj0YnLgeOb3YLOC1igAa8VmWQhTjkY6+5EYTpeHGpw1Z
        /ntfqVLVmNgecPbp011vJiG5OkRnpB9mJCFgrxZsa72UGRjhAjCDYUvZRgENqROl
        J3ta+A+u5yZfePoKYKJTnfB0W1PbbBv+mHpdDNnA3oXEHqkFt6cp6YEdlFc7o7IC
        tuXRNfJLboXlPMfwP0CTiCX99rtOkLc8tCCD+MgV6uc6f3vs7NN4xbHkiHobRSE5
        e1IMJ1uTAgMBAAECggEABinGCKI3hytu3y1wJl4PbjVJ7/rRppUzRo6LxVMGXisD
        4WhrhPIlCZWR/c6UXwb+Vu88RtYupcA1FA46xaTdwR7Co4lle+hEuK5fNKfnrWJs
        jLOLAWL968ufnYdiyt+G90b+UTaoqUBaYIXSHxJ4jCtCLWmJnX2CnmvT0nDEbO7O
        LW5+P0bejH3gnskSht+495AzAtVs2ZRMFe3IRJt13yEnXUworcoX+o/hFr+ymNKZ
        ByrTg8OK+M8zvsf8R0T0j8LGy4imIq4zN97FizXpc+bc/UsdaLCwrdD+WLJmY+Iz
        T1sLB4M4r5+EtcnrlX/AoqgkwRv6Ga4PrXNlvZkasQKBgQD2nwbU82ioVvDKBGJR
        wvFeWn5Qa3WKRXlC9jpMl0/0AmRaEnmAng1IVGHs/9HUhzb1+Fwz2MuSlfirdtiG
        5I+DoPWt8JROfFzXqemyzgI9Xv7doqtupWVFecH16nlwFZRJa3dx8Ug0qt8FAPsh
        gE0YOqcWyO6RZd6vLr9J3vwJqQKBgQDa8YkWt7hZlRbPHIWKkSHR2qknrFGkgBzg
        j6mlsE8lWo+QwI/8tItC6ohkbIt01QzuLUo4iO0YEIoSt7hsSeX9NNJUibc41BYS
        ngzGu58ZE23M3ii3S+heffIDd8jP7i3dgC3KtJx/QMaXluBGt5MDgnXYTNT33Eem
        pNv0yxFY2wKBgHYtBe0NJl1kK8XiC+r56wc3fcezdoNnfw/jRVRmPV3Dt6qhp69G
        DT9XkAUtILMih+edtzDw9busOZiQPnmFFHAStSdAXRCu7x44wU95AAHAf4hc5qEC
        iGCeU58vWDmpXYFBCd+DqwHxzyRqr+wBuu+dS2vTpN3vXqG7WNZhD4zhAoGASJyI
        UZ92pUcbvG6CH3WImNeC+CRfI0ZVzWf35Hp3lTTWnjQuzKl38iZkO6IAEixCUI92
        qQ9ISo3ZrOF/aXKMsxAcnWra+B7mfyAprpM07ZUS+jnHmRq0ovn0FJBaahNc5LQI
        +8wwhseN1WJ1WR6yxBw1RxocG2PT44GTbTkXtLcCgYA+Dav2KijvFYCCdRSoBBmB
        EVwxkl+DLEldvvo27wtGho1IyqJR7wcphQsDza3BqV6OeNSSRnHM3Of/vNWmj2he
        Ifxto/TMGdCv0x1Zno51QhgsRTxP6C3o2uXr1uVxzknxbcNSB7oTaqae0T88kHXG
        iBcXkcvMRfFXLw+Yi1kSIA==
        -----END PRIVATE KEY-----
        """
}
