"""Checks lines of FHIR: by the model of the package fhir.resources (R4B, in which AuditEvent is R4's), and by the value
sets of R4 4.0.1, for the model takes any word for a code.
"""

import json
import re

from fhir.resources.R4B.auditevent import AuditEvent
from pydantic import ValidationError

# http://hl7.org/fhir/R4/auditevent.html and the value sets that it binds.
LIFE = set("access hold amend archive attest decrypt deidentify deprecate destroy disclose encrypt extract link merge originate "
           "pseudonymize reactivate receive reidentify unhold report restore transform transmit unlink unmerge verify".split())
CODES = {
    "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle": LIFE,
    "http://dicom.nema.org/resources/ontology/DCM": {str(code) for code in range(110100, 110143)} | {"110150", "110151",
                                                     "110152", "110153", "110154", "110155"},
    "http://terminology.hl7.org/CodeSystem/v3-ActReason": {"TREAT", "HPAYMT", "HOPERAT", "PATRQT", "HLEGAL"},
    "http://terminology.hl7.org/CodeSystem/audit-entity-type": {"1", "2", "3", "4"},
    "http://terminology.hl7.org/CodeSystem/object-role": {str(code) for code in range(1, 25)},
    "http://terminology.hl7.org/CodeSystem/security-source-type": {str(code) for code in range(1, 10)},
}
TYPES = {"http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle", "http://dicom.nema.org/resources/ontology/DCM",
         "http://terminology.hl7.org/CodeSystem/audit-event-type"}
# R4's names: an element of R5 (code, category, severity, occurred, authorization, patient, …) is in none of them.
ELEMENTS = {
    "": {"resourceType", "id", "meta", "type", "subtype", "action", "period", "recorded", "outcome", "outcomeDesc",
         "purposeOfEvent", "agent", "source", "entity"},
    "agent": {"type", "role", "who", "altId", "name", "requestor", "location", "policy", "media", "network", "purposeOfUse"},
    "source": {"site", "observer", "type"},
    "entity": {"what", "type", "role", "lifecycle", "securityLabel", "name", "description", "query", "detail"},
    "detail": {"type", "valueString", "valueBase64Binary"},
}


def require(holds: bool, what: str):
    if not holds:
        raise ValueError(what)


def check_coding(coding: dict, systems: set[str] | None = None):
    require(set(coding) <= {"system", "code", "display", "version", "userSelected"}, f"a coding has {sorted(coding)}")
    require(systems is None or coding["system"] in systems, f"{coding['system']} is no system for this")
    if coding["system"] in CODES:
        require(coding["code"] in CODES[coding["system"]], f"{coding['code']} is no code of {coding['system']}")
    else:
        require(coding["system"].startswith("https://nightbell.example/fhir/CodeSystem/"), f"{coding['system']} is unknown")


def check_event(line: bytes | str):
    """Raises ValueError (of which pydantic's is one) for what is no AuditEvent of R4."""
    AuditEvent.model_validate_json(line)
    event = json.loads(line)
    require(set(event) <= ELEMENTS[""], f"{sorted(set(event) - ELEMENTS[''])} are no elements of R4")
    require(event["resourceType"] == "AuditEvent", "the type of the resource")
    require(re.fullmatch(r"[A-Za-z0-9.-]{1,64}", event["id"]) is not None, "the id")
    check_coding(event["type"], TYPES)
    for coding in event["subtype"]:
        check_coding(coding)
    for purpose in event.get("purposeOfEvent", []):
        for coding in purpose["coding"]:
            check_coding(coding)
    require(event["action"] in {"C", "R", "U", "D", "E"}, f"action {event['action']}")
    require(event["outcome"] in {"0", "4", "8", "12"}, f"outcome {event['outcome']}")
    require(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["recorded"]) is not None, "recorded")
    require(bool(event["agent"]), "an agent")
    for agent in event["agent"]:
        require(set(agent) <= ELEMENTS["agent"], f"an agent has {sorted(agent)}")
        require(isinstance(agent.get("requestor"), bool), "agent.requestor")
        for coding in agent["type"]["coding"]:
            check_coding(coding)
    require(set(event["source"]) <= ELEMENTS["source"] and "observer" in event["source"], "source.observer")
    for coding in event["source"]["type"]:
        check_coding(coding, {"http://terminology.hl7.org/CodeSystem/security-source-type"})
    for entity in event["entity"]:
        require(set(entity) <= ELEMENTS["entity"], f"an entity has {sorted(entity)}")
        check_coding(entity["type"], {"http://terminology.hl7.org/CodeSystem/audit-entity-type"})
        check_coding(entity["role"], {"http://terminology.hl7.org/CodeSystem/object-role"})
        for detail in entity["detail"]:
            require(set(detail) <= ELEMENTS["detail"] and "type" in detail, "entity.detail")


def spoilt(event: dict):
    """One event, wrong in one way each: R5's names, codes of nobody, what is required left out."""
    def without(*keys):
        copy = json.loads(json.dumps(event))
        place = copy
        for key in keys[:-1]:
            place = place[key]
        del place[keys[-1]]
        return copy

    yield "R5's code", {key if key != "type" else "code": value for key, value in event.items()}
    yield "R5's category", event | {"category": [event["type"]]}
    yield "R5's severity", event | {"severity": "notice"}
    yield "R5's authorization", event | {"authorization": []}
    yield "R5's outcome", event | {"outcome": {"code": {"code": "success"}}}
    yield "an action of nobody", event | {"action": "X"}
    yield "an outcome of nobody", event | {"outcome": "5"}
    yield "a type of nobody", event | {"type": event["type"] | {"code": "sent"}}
    yield "no requestor", without("agent", 0, "requestor")
    yield "no observer", without("source", "observer")
    yield "no agent", without("agent")
    yield "no time", without("recorded")


def check_events(lines: list[bytes]) -> str:
    ids = set()
    for number, line in enumerate(lines):
        try:
            check_event(line)
        except (ValueError, KeyError) as error:
            raise AssertionError(f"line {number} of FHIR: {error}: {line[:300]!r}") from error
        ids.add(json.loads(line)["id"])
    assert len(ids) == len(lines), "two events have one id"
    refused = 0
    for name, event in spoilt(json.loads(lines[-1])):
        try:
            check_event(json.dumps(event))
        except (ValueError, ValidationError, KeyError):
            refused += 1
            continue
        raise AssertionError(f"an event with {name} passed")
    return f"fhir: {len(lines)} AuditEvents of R4 are valid, {refused} spoilt ones are not"
