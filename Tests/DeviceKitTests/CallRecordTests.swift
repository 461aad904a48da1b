import DeviceKit
import Secrets
import Statements
import Testing

@Suite struct CallRecordTests {
    @Test func whatIsNoJSONIsNamedByLineAndColumn() {
        #expect {
            try CallRecord(parsing: Array("{\n  \"schema\": 1,\n  oops\n}".utf8))
        } throws: {
            "\($0)" == "json_malformed at line 3, column 3"
        }
    }

    /// A realistic record; invented people.
    static let example = #"""
        {"schema":"nightbell.call-record/1","record_id":"0192f0c4-6a1e-7c3b-9d55-4f1f0b7a2c11",
        "practice":{"id":"efp","name":"Example Family Practice","tz":"America/New_York"},
        "intake":{"status":"complete","method":"human_operator","system":"desk","operator_id":"op-17","received_at":"2026-11-23T03:07:09Z"},
        "caller":{"name":"Maria Doe","relation":"parent","callback":{"e164":"+12025550123","confirmed":true}},
        "patient":{"family":"Doe","given":"Jamie","dob":"1962-02-28","mrn":{"system":"urn:oid:1.2.3","value":"MRN-4711"},"match":"matched"},
        "request":{"category":"symptom_worse","reason":"Fever 39.8 for three days, now short of breath"},
        "triage":{"urgency":"urgent","classified_by":"operator","confidence":0.9,"red_flags":["dyspnoea"]},
        "clinical":{"symptoms":["fever","cough"],"pregnancy_weeks":0,"recent_procedure":{"what":"none","on":"2024-02-29"}},
        "content":{"summary":"Mother calls; the child breathes fast."},
        "sensitivity":["minor_confidential"]}
        """#

    static func record(_ changes: [(String, String)] = []) -> [UInt8] {
        var text = example
        for (old, new) in changes {
            precondition(text.contains(old), old)
            text = text.replacing(old, with: new)
        }
        return Array(text.utf8)
    }

    /// A platform that has no number may write blanks: the message goes, and names nobody, or whom it refers to.
    @Test(arguments: ["", "  "]) func aBlankNumberNamesNobody(_ blank: String) throws {
        #expect(try CallRecord(parsing: Self.record([("MRN-4711", blank)])).patientID == nil)
        let referring = Self.record([
            ("MRN-4711", blank), ("\"match\":\"matched\"", "\"fhir_ref\":\"Patient/p1\",\"match\":\"matched\""),
        ])
        #expect(try CallRecord(parsing: referring).patientID == "Patient/p1")
    }

    @Test func takesTheExample() throws {
        let record = try CallRecord(parsing: Self.record())
        #expect(record.recordID == "0192f0c4-6a1e-7c3b-9d55-4f1f0b7a2c11")
        #expect(record.patientID == "MRN-4711")
        #expect(record.operatorID == "op-17")
        #expect(record.category == "symptom_worse")
    }

    @Test(arguments: [
        ("+12025550123", "2025550123", "caller.callback.e164"),
        ("\"urgency\":\"urgent\"", "\"urgency\":\"soon\"", "triage.urgency"),
        ("\"relation\":\"parent\"", "\"relation\":\"parent\",\"extra\":1", "caller"),
        ("1962-02-28", "1962-02-30", "patient.dob"), ("2024-02-29", "2023-02-29", "clinical.recent_procedure.on"),
        ("2026-11-23T03:07:09Z", "2026-11-23 03:07", "intake.received_at"),
        ("\"match\":\"matched\"", "\"match\":true", "patient.match"),
        (",\"callback\":{\"e164\":\"+12025550123\",\"confirmed\":true}", "", "caller.callback"),
        ("0192f0c4-6a1e-7c3b-9d55-4f1f0b7a2c11", "0192f0c4", "record_id"),
        ("urn:oid:1.2.3", "no scheme", "patient.mrn.system"),
        ("\"pregnancy_weeks\":0", "\"pregnancy_weeks\":46", "clinical.pregnancy_weeks"),
        ("\"pregnancy_weeks\":0", "\"pregnancy_weeks\":1.5", "clinical.pregnancy_weeks"),
        ("\"confidence\":0.9", "\"confidence\":1.1", "triage.confidence"),
        ("[\"minor_confidential\"]", "[\"minor_confidential\",\"minor_confidential\"]", "sensitivity"),
        ("America/New_York", "America/New_York\\n", "practice.tz"),
        ("nightbell.call-record/1", "nightbell.call-record/2", "schema"),
    ])
    func refusesABadOneAndNamesThePlace(_ old: String, _ new: String, _ place: String) {
        do {
            _ = try CallRecord(parsing: Self.record([(old, new)]))
            Issue.record("accepted")
        } catch {
            #expect(error.description.hasPrefix(place), "\(error)")
        }
    }

    @Test func onlyAnIncompleteOneMayLackTheNumber() throws {
        _ = try CallRecord(
            parsing: Self.record([
                (",\"callback\":{\"e164\":\"+12025550123\",\"confirmed\":true}", ""),
                ("\"status\":\"complete\"", "\"status\":\"incomplete\""),
            ]))
    }

    @Test func aFaultNeverRepeatsAValue() {
        do {
            _ = try CallRecord(parsing: Self.record([("+12025550123", "secret number")]))
        } catch {
            #expect(!error.description.contains("secret"))
        }
    }

    @Test func anUnknownKeywordMakesASchemaUnusable() throws {
        for text in [
            "{\"then\":{}}", "{\"type\":\"object\",\"additionalProperties\":true}", "{\"pattern\":\"a\"}",
            "{\"format\":\"email\"}",
            "{\"properties\":{\"a\":{\"$ref\":\"x\"}}}",
        ] {
            let document = try JSONParser.parse(Array(text.utf8))
            #expect(throws: JSONSchemaFault.self) { try JSONSchema(document) }
        }
    }

    @Test func theCapsuleOfARecordAgreesWithIt() throws {
        let content = try MessageContent(recordFile: Self.record())
        let capsule = try CapsuleContent(of: content, patient: nil)
        #expect(capsule.patient == "MRN-4711")
        #expect(CapsuleContent(plaintext: capsule.plaintext) == capsule)
        #expect(capsule.verdict(on: content.plaintext) == .agrees)
    }

    @Test(arguments: ["patient", "record_id", "practice", "category", "operator", "sha256"])
    func aCapsuleThatSaysSomethingElseDiffers(_ key: String) throws {
        let content = try MessageContent(recordFile: Self.record())
        guard case .object(var object) = try CapsuleContent(of: content, patient: nil).document else { return }
        object.set(key, to: key == "sha256" ? .string(Digest.zero.hex) : "another")
        let changed = try #require(CapsuleContent(plaintext: JSONValue.object(object).bytes))
        #expect(changed.verdict(on: content.plaintext) == .differs)
    }

    @Test func theCapsuleOfATextIsHeldAgainstItsHash() throws {
        let content = try MessageContent(text: "please call back")
        let capsule = try CapsuleContent(of: content, patient: "MRN-1")
        #expect(capsule.verdict(on: content.plaintext) == .agrees)
        #expect(capsule.verdict(on: try MessageContent(text: "please do not").plaintext) == .differs)
        #expect(CapsuleContent(plaintext: Array("{\"sha256\":\"x\",\"more\":\"y\"}".utf8)) == nil)
    }

    @Test func theAlertIsOneHarmlessLine() throws {
        let content = try MessageContent(recordFile: Self.record())
        #expect(
            AlertSummary.text(of: content).description
                == "symptom worse: Fever 39.8 for three days, now short of breath")
        let long = "a\u{1B}[31m\u{202E}\n\t b " + String(repeating: "é", count: 300)
        let text = AlertSummary.text(of: try MessageContent(text: long))
        #expect(text.bytes.count <= 256)
        #expect(text.description.hasPrefix("a [31m b "))
        #expect(AlertSummary.text(of: try MessageContent(text: "\u{200B}\n")).description == "message")
    }

    @Test func contentHasItsBound() throws {
        #expect(throws: DeviceKitError.self) { try MessageContent(text: "") }
        #expect(throws: DeviceKitError.self) { try MessageContent(text: String(repeating: "a", count: 65_536)) }
        let most = try MessageContent(text: String(repeating: "a", count: 65_535 - 40))
        #expect(MessageContent(plaintext: most.plaintext) == most)
        #expect(
            MessageContent(plaintext: Array("{\"schema\":\"nightbell.text/1\",\"text\":\"a\",\"b\":1}".utf8)) == nil)
    }
}
