/// The schema of a call record, version 1, as committed text. What intake seals must satisfy it.
public enum CallRecordSchema {
    /// JSON Schema, draft 2020-12.
    public static let text = #"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "$id": "urn:nightbell:schema:call-record:1",
          "type": "object",
          "additionalProperties": false,
          "required": ["schema", "record_id", "practice", "intake", "caller", "patient", "request", "triage", "content"],
          "properties": {
            "schema": {"const": "nightbell.call-record/1"},
            "record_id": {"type": "string", "format": "uuid"},
            "supersedes": {"type": "string", "format": "uuid"},
            "practice": {
              "type": "object",
              "additionalProperties": false,
              "required": ["id", "name", "tz"],
              "properties": {
                "id": {"type": "string", "maxLength": 64},
                "name": {"type": "string", "maxLength": 120},
                "location": {"type": "string", "maxLength": 120},
                "tz": {"type": "string", "pattern": "^[A-Za-z_+-]+(/[A-Za-z0-9_+-]+)*$"}
              }
            },
            "intake": {
              "type": "object",
              "additionalProperties": false,
              "required": ["method", "system", "received_at"],
              "properties": {
                "status": {"enum": ["complete", "incomplete"]},
                "method": {"enum": ["ai_voice", "ivr", "human_operator", "nurse_triage", "facility", "portal", "manual"]},
                "system": {"type": "string", "maxLength": 120},
                "operator_id": {"type": "string", "maxLength": 64},
                "call_id": {"type": "string", "maxLength": 120},
                "received_at": {"type": "string", "format": "date-time"},
                "ended_at": {"type": "string", "format": "date-time"},
                "recording_notice": {"type": "boolean"}
              }
            },
            "caller": {
              "type": "object",
              "additionalProperties": false,
              "required": ["name", "relation"],
              "properties": {
                "name": {"type": "string", "maxLength": 120},
                "relation": {
                  "enum": [
                    "self", "parent", "guardian", "spouse_partner", "child", "other_family", "caregiver", "pharmacy",
                    "hospital_ed", "nursing_facility", "home_health", "laboratory", "other_provider", "unknown"
                  ]
                },
                "organization": {"type": "string", "maxLength": 120},
                "callback": {
                  "type": "object",
                  "additionalProperties": false,
                  "required": ["e164"],
                  "properties": {
                    "e164": {"type": "string", "pattern": "^\\+[1-9][0-9]{6,14}$"},
                    "ext": {"type": "string", "pattern": "^[0-9]{1,8}$"},
                    "confirmed": {"type": "boolean"},
                    "may_leave_message": {"type": "boolean"},
                    "alternate_e164": {"type": "string", "pattern": "^\\+[1-9][0-9]{6,14}$"}
                  }
                },
                "language": {"type": "string", "pattern": "^[a-zA-Z]{2,3}(-[A-Za-z0-9]{2,8})*$"},
                "interpreter_needed": {"type": "boolean"}
              }
            },
            "patient": {
              "type": "object",
              "additionalProperties": false,
              "required": ["match"],
              "properties": {
                "family": {"type": "string", "maxLength": 80},
                "given": {"type": "string", "maxLength": 80},
                "dob": {"type": "string", "format": "date"},
                "sex": {"enum": ["male", "female", "other", "unknown"]},
                "mrn": {
                  "type": "object",
                  "additionalProperties": false,
                  "required": ["system", "value"],
                  "properties": {"system": {"type": "string", "format": "uri"}, "value": {"type": "string", "maxLength": 64}}
                },
                "fhir_ref": {"type": "string", "pattern": "^Patient/[A-Za-z0-9.-]{1,64}$"},
                "match": {"enum": ["matched", "ambiguous", "unmatched", "not_attempted"]}
              }
            },
            "request": {
              "type": "object",
              "additionalProperties": false,
              "required": ["category", "reason"],
              "properties": {
                "category": {
                  "enum": [
                    "symptom_new", "symptom_worse", "post_procedure", "obstetric", "critical_result",
                    "result_question", "medication_question", "refill", "admission_consult", "facility_order_request",
                    "referral", "appointment", "billing_admin", "mental_health_crisis", "death_notice", "other"
                  ]
                },
                "reason": {"type": "string", "minLength": 1, "maxLength": 500},
                "provider_requested": {"type": "string", "maxLength": 120},
                "is_treating_provider_unavailable": {"type": "boolean"}
              }
            },
            "triage": {
              "type": "object",
              "additionalProperties": false,
              "required": ["urgency", "classified_by"],
              "properties": {
                "urgency": {"enum": ["emergent", "urgent", "same_day", "routine"]},
                "classified_by": {"enum": ["ai", "ivr_choice", "operator", "nurse", "provider"]},
                "confidence": {"type": "number", "minimum": 0, "maximum": 1},
                "protocol": {"type": "string", "maxLength": 120},
                "disposition": {"type": "string", "maxLength": 120},
                "red_flags": {"type": "array", "maxItems": 20, "items": {"type": "string", "maxLength": 80}},
                "told_to_call_911": {"type": "boolean"},
                "respond_by": {"type": "string", "format": "date-time"}
              }
            },
            "clinical": {
              "type": "object",
              "additionalProperties": false,
              "properties": {
                "onset": {"type": "string", "maxLength": 200},
                "symptoms": {"type": "array", "maxItems": 50, "items": {"type": "string", "maxLength": 120}},
                "tried": {"type": "string", "maxLength": 500},
                "medications": {"type": "array", "maxItems": 100, "items": {"type": "string", "maxLength": 200}},
                "allergies": {"type": "array", "maxItems": 50, "items": {"type": "string", "maxLength": 200}},
                "conditions": {"type": "array", "maxItems": 50, "items": {"type": "string", "maxLength": 200}},
                "pregnancy_weeks": {"type": "integer", "minimum": 0, "maximum": 45},
                "recent_procedure": {
                  "type": "object",
                  "additionalProperties": false,
                  "required": ["what"],
                  "properties": {"what": {"type": "string", "maxLength": 200}, "on": {"type": "string", "format": "date"}}
                },
                "pharmacy": {
                  "type": "object",
                  "additionalProperties": false,
                  "required": ["name"],
                  "properties": {
                    "name": {"type": "string", "maxLength": 120},
                    "e164": {"type": "string", "pattern": "^\\+[1-9][0-9]{6,14}$"}
                  }
                }
              }
            },
            "content": {
              "type": "object",
              "additionalProperties": false,
              "required": ["summary"],
              "properties": {
                "summary": {"type": "string", "minLength": 1, "maxLength": 2000},
                "summary_by": {"enum": ["ai", "human", "none"]},
                "transcript": {
                  "type": "array",
                  "maxItems": 2000,
                  "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["speaker", "text"],
                    "properties": {
                      "t_ms": {"type": "integer", "minimum": 0},
                      "speaker": {"enum": ["caller", "agent", "operator", "nurse"]},
                      "text": {"type": "string", "maxLength": 4000}
                    }
                  }
                }
              }
            },
            "attachments": {
              "type": "array",
              "maxItems": 10,
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["id", "kind", "media_type", "bytes", "sha256"],
                "properties": {
                  "id": {"type": "string", "format": "uuid"},
                  "kind": {"enum": ["recording", "photo", "document"]},
                  "media_type": {"type": "string", "maxLength": 100},
                  "bytes": {"type": "integer", "minimum": 1, "maximum": 26214400},
                  "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                  "title": {"type": "string", "maxLength": 120}
                }
              }
            },
            "sensitivity": {
              "type": "array",
              "uniqueItems": true,
              "items": {
                "enum": [
                  "part2_sud", "mental_health", "reproductive", "minor_confidential", "restricted_by_patient",
                  "staff_or_vip"
                ]
              }
            }
          },
          "if": {"properties": {"intake": {"properties": {"status": {"const": "incomplete"}}, "required": ["status"]}}},
          "else": {"properties": {"caller": {"required": ["callback"]}}}
        }
        """#

    /// The schema as its interpreter. A fault in the text above is a programmer's and stops the program.
    public static let schema: JSONSchema = {
        do {
            return try JSONSchema(JSONParser.parse(Array(text.utf8)))
        } catch {
            preconditionFailure("the committed call record schema: \(error)")
        }
    }()
}
