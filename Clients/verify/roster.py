"""The roster: who may sign what, from the roster log alone."""

import bisect
from collections.abc import Mapping
from dataclasses import dataclass

from texts import DAY, Statement, identifier, milliseconds
from tlog import Key, Log, Witness, check_signatures, require

Signatures = list[tuple[str, bytes]]


def last_before(versions: list[tuple], size: int, otherwise):
    """Of versions in the order of their places, the last that stands within the first `size` entries."""
    found = bisect.bisect_left(versions, size, key=lambda version: version[0])
    return versions[found - 1] if found else otherwise


@dataclass
class Device:
    member: str
    key: Key
    since: int  # its place in the roster log
    revoked: int | None = None


@dataclass
class Invitation:
    member: str
    key: Key
    expires: str
    spent: str = ""  # why it is good no more


class KeyInForce:
    """The recovery or audit key through time. A new one waits 72 hours, in which a revocation of its statement voids it."""

    def __init__(self, key=None):
        self.versions = [(0, key, None)]  # place, key in force, what waits: key, since when in milliseconds, statement

    def version(self, size: int):
        return last_before(self.versions, size, self.versions[0])

    def key(self, size: int, time: str):
        """In force for the first `size` entries at a time."""
        _, key, waiting = self.version(size)
        return waiting[0] if waiting and waiting[1] <= milliseconds(time) else key

    def waiting(self, size: int, time: str):
        waiting = self.version(size)[2]
        return waiting if waiting and waiting[1] > milliseconds(time) else None

    def name(self, key, place: int, time: str, statement: str, at_once: bool):
        now, waiting = self.key(place, time), self.waiting(place, time)
        if key == now or at_once:
            self.versions.append((place, key, None))
        elif waiting and waiting[0] == key:
            self.versions.append((place, now, waiting))
        else:
            self.versions.append((place, now, (key, milliseconds(time) + 3 * DAY, statement)))

    def void(self, statement: str, place: int, time: str) -> bool:
        """Whether there was something to void."""
        waiting = self.waiting(place, time)
        if not waiting or waiting[2] != statement:
            return False
        self.versions.append((place, self.key(place, time), None))
        return True


class Roster:
    """Statements go in by `apply`, in their order. Questions name a size: what held after that many entries."""

    def __init__(self):
        self.devices: dict[str, Device] = {}
        self.devices_of: dict[str, set[str]] = {}  # a member
        self.invitations: dict[str, Invitation] = {}
        self.status: dict[str, list[tuple[int, str]]] = {}  # of a member, with the places where it was set
        self.pauses: dict[str, list[tuple[int]]] = {}  # of a member, the places where it ceased to be active
        self.roles: dict[str, list[tuple[int, set[str]]]] = {}  # of a member, likewise
        self.names: dict[str, list[tuple[int, str]]] = {}  # of a member, likewise
        self.bearers: dict[str, str] = {}  # who has a name now
        self.admins_of: list[tuple[int, dict[str, str]]] = []  # admin devices and their members, likewise
        self.write_rights: set[tuple[str, str]] = set()  # roles that may write to roles
        self.audit_key, self.recovery_key = KeyInForce(), KeyInForce()  # ids; of the recovery key with its Ed25519 key
        self.current: dict[str, str] = {}  # hash of the statement in force about a member, or about "admins"
        self.admins: dict[str, str] = {}  # device to member
        self.quorum = 0
        self.witnesses: list[Witness] = []  # whose cosignatures of the logs count now
        self.cosignatures = 0  # of how many of them one is demanded
        self.longest_life = 0  # seconds that a message may live
        self.audit_keys: dict[str, int] = {}  # ids of all that were ever named, with the place that named them first
        self.used: set[bytes] = set()  # every signing key: each has one purpose, for ever
        # Both halves of every audit key, and of every recovery key, that was ever named: likewise.
        self.halves: dict[str, set[bytes]] = {"audit": set(), "recovery": set()}

    # Questions

    def is_live(self, device: str, size: int) -> bool:
        """Enrolled within the first `size` entries, and there neither revoked nor its member suspended."""
        found = self.devices.get(device)
        if found is None or found.since >= size or (found.revoked is not None and found.revoked < size):
            return False
        return self.is_active(found.member, size)

    def is_active(self, member: str, size: int) -> bool:
        return last_before(self.status.get(member, []), size, (0, None))[1] == "active"

    def last_live(self, device: str, size: int) -> int:
        """The largest size, up to this one, at which it was live; 0 when there is none."""
        found = self.devices.get(device)
        if found is None:
            return 0
        size = size if found.revoked is None else min(size, found.revoked)
        if not self.is_active(found.member, size):
            size = last_before(self.pauses.get(found.member, []), size, (0,))[0]
        return size if size > found.since else 0

    def has_role(self, member: str, role: str, size: int) -> bool:
        return role in last_before(self.roles.get(member, []), size, (0, set()))[1]

    def all_roles(self, member: str, size: int) -> set[str]:
        """With `admin`, whoever is active and has an unrevoked admin device."""
        roles = last_before(self.roles.get(member, []), size, (0, set()))[1]
        admins = last_before(self.admins_of, size, (0, {}))[1]
        own = [self.devices[device] for device, owner in admins.items() if owner == member]
        is_admin = any(device.revoked is None or device.revoked >= size for device in own)
        return roles | ({"admin"} if is_admin and self.is_active(member, size) else set())

    def may_write(self, sender: str, addressed: str, size: int) -> bool:
        senders, addressed_roles = self.all_roles(sender, size), self.all_roles(addressed, size)
        return any(a in senders and b in addressed_roles for a, b in self.write_rights)

    def name_at(self, member: str, size: int) -> str:
        """Its name after `size` entries, and its last, when that is another: a member can be renamed, and acts are not."""
        names = self.names.get(member)
        if not names:
            return member
        then, now = last_before(names, size, names[0])[1], names[-1][1]
        return then if then == now else f"{then} (now called {now})"

    def live_devices(self, member: str, size: int) -> set[str]:
        return {device for device in self.devices_of.get(member, ()) if self.is_live(device, size)}

    def live_key(self, device: str, size: int) -> Key:
        require(self.is_live(device, size), "bad_signer", f"{ascii(device)} signs, which is no live device here")
        return self.devices[device].key

    # Statements

    def found(self, text: bytes, genesis: Statement, signatures: Signatures, logs: Mapping[str, Log]):
        """The first entry. From its text follow the organisation's id, both logs' names and keys, the first admins."""
        organisation = identifier("org-", text)
        for log, (public,) in zip(("roster", "activity"), genesis.rows["log"]):
            require(logs[log].key.name == f"{genesis['relay']}/{organisation}/{log}", "wrong_origin",
                    f"the origin of the {log} log is not that of the organisation whose genesis this is")
            require(logs[log].key.public == public, "wrong_log_key", f"{log}/log.vkey is not the key in genesis")
            self.use(public)
        for member, name in genesis.rows["member"]:
            require(name not in self.bearers, "name_taken", "two members have one name")
            self.names[member], self.bearers[name] = [(0, name)], member
            self.status[member], self.current[member] = [(0, "active")], genesis.hash
        for device, member, public, _, _ in genesis.rows["admin"]:
            require(member in self.status, "unknown_member", f"{device} is of no founding member")
            self.add_device(0, device, member, public)
        check_signatures(text, signatures, [device.key for device in self.devices.values()])
        self.set_admins(0, genesis)
        self.recovery_key = KeyInForce(tuple(genesis.rows["recovery"][0][:2]) or None)
        self.write_rights = {tuple(row) for row in genesis.rows["write"]}
        self.longest_life = genesis.rows["lifespan"][0][1]

    def apply(self, place: int, time: str, text: bytes, statement: Statement, signatures: Signatures):
        """Judges one later statement at its place, and takes it into account when it is good."""
        require(statement.type != "genesis", "misplaced_genesis", "a genesis stands after the first entry")
        self.now = time
        if statement.type == "enrol":
            self.enrol(place, time, text, statement, signatures)
        else:
            names = [name for name, _ in signatures]
            in_order = names == sorted(names) or statement.type == "invitation" and self.has_own(statement["member"], names)
            require(in_order and len(set(names)) == len(names), "bad_signers", "its signatures are out of order")
            check_signatures(text, signatures, [self.signing_key(*signature, place, time) for signature in signatures])
            getattr(self, "judge_" + statement.type)(place, statement, names)

    def signing_key(self, name: str, payload: bytes, place: int, time: str) -> Key:
        """The recovery key in force, or a live device's."""
        in_force = self.recovery_key.key(place, time)
        if name == "recovery" and in_force:
            return Key(name, in_force[1])
        return self.live_key(name, place)

    def is_admin(self, names: list[str]) -> bool:
        return len(names) == 1 and names[0] in self.admins

    def is_quorum(self, names: list[str]) -> bool:
        """Exactly as many admin devices as the quorum, each of another member."""
        return len(names) == self.quorum == len({self.admins[name] for name in names if name in self.admins})

    def has_own(self, member: str, names: list[str]) -> bool:
        """An admin's device, then one of the member's: not two admins where these would be a quorum, and ordered as one."""
        return (len(names) == 2 and names[0] in self.admins and names[1] in self.devices_of.get(member, ())
                and not (self.quorum == 2 and names[1] in self.admins))

    def use(self, public: bytes):
        require(public not in self.used, "key_used_twice", "it brings a key that was used before")
        self.used.add(public)

    def check_replaces(self, subject: str, statement: Statement):
        require(statement["replaces"] == self.current.get(subject), "not_current",
                "it replaces another statement than the one in force at this place")

    def judge_member(self, place: int, statement: Statement, names: list[str]):
        needs_quorum = {"auditor", "gateway"} & set((statement["roles"] or "").split(" "))
        require(self.is_quorum(names) if needs_quorum else self.is_admin(names), "no_right",
                "neither an admin signed it, nor, for an auditor or a gateway, the quorum")
        require(self.bearers.get(statement["name"], statement["member"]) == statement["member"], "name_taken",
                "another member bears this name")
        self.check_replaces(statement["member"], statement)
        self.current[statement["member"]] = statement.hash
        if statement["status"] != "active" and self.is_active(statement["member"], place):
            self.pauses.setdefault(statement["member"], []).append((place,))
        self.status.setdefault(statement["member"], []).append((place, statement["status"]))
        self.roles.setdefault(statement["member"], []).append((place, set((statement["roles"] or "").split(" "))))
        if earlier := self.names.setdefault(statement["member"], []):
            self.bearers.pop(earlier[-1][1], None)
        earlier.append((place, statement["name"]))
        self.bearers[statement["name"]] = statement["member"]

    def judge_invitation(self, place: int, statement: Statement, names: list[str]):
        member, invitation = statement["member"], statement["invitation"]
        own, with_own = self.devices_of.get(member, set()), self.has_own(member, names)
        require(self.is_admin(names) and (not own or names[0] in own) or own and (with_own or self.is_quorum(names)),
                "no_right", "no admin signed it; or, its member having devices, neither one of these nor the quorum")
        require(self.is_active(member, place), "unknown_member", f"{member} is no active member at this place")
        require(invitation == identifier("inv-", statement["key"]), "wrong_identifier", "its id is not its key's")
        life = milliseconds(statement["expires"]) - milliseconds(statement["at"])
        require(0 < life <= 7 * DAY, "bad_expiry", "the invitation does not expire within 7 days")
        key = Key(invitation, statement["key"])
        self.use(key.public)
        self.invitations[invitation] = Invitation(member, key, statement["expires"])

    def enrol(self, place: int, time: str, text: bytes, statement: Statement, signatures: Signatures):
        device, invitation = statement["device"], self.invitations.get(statement["invitation"])
        require(invitation, "unknown_invitation", f"{device} enrols with an invitation that nobody gave")
        require(not invitation.spent, "spent_invitation", f"{device} enrols; its invitation was {invitation.spent}")
        require(invitation.member == statement["member"], "wrong_member", f"{device} was invited as another member")
        require(time < invitation.expires, "expired_invitation", f"{device} enrols after its invitation's expiry")
        require(self.is_active(invitation.member, place), "unknown_member", f"{device} enrols for no active member")
        check_signatures(text, signatures, [Key(device, statement["key"]), invitation.key])
        self.add_device(place, device, statement["member"], statement["key"])
        invitation.spent = "used before"

    def add_device(self, place: int, device: str, member: str, public: bytes):
        require(device == identifier("dev-", public), "wrong_identifier", f"{device} is not its key's id")
        self.use(public)
        self.devices[device] = Device(member, Key(device, public), place)
        self.devices_of.setdefault(member, set()).add(device)

    def judge_revoke(self, place: int, statement: Statement, names: list[str]):
        target = statement["revokes"]
        is_invitation = target in self.invitations
        require(self.is_admin(names) or names == [target] or names == ["recovery"] and not is_invitation, "no_right",
                "neither an admin signed it, nor the device itself, nor, of anything but an invitation, the recovery key")
        if target in self.devices:
            require(self.devices[target].revoked is None, "unknown_target", f"{target} was revoked before")
            self.devices[target].revoked = place
        elif is_invitation:
            spent = self.invitations[target].spent
            require(not spent, "unknown_target", f"it revokes an invitation that was {spent}")
            self.invitations[target].spent = "revoked before"
        else:
            voided = [key.void(target, place, self.now) for key in (self.audit_key, self.recovery_key)]
            require(any(voided), "unknown_target", "it revokes what the roster log does not know, or no key of which waits")

    def judge_admins(self, place: int, statement: Statement, names: list[str]):
        require(self.is_quorum(names) or names == ["recovery"], "no_right", "neither quorum nor recovery key signed it")
        for device, member in statement.rows["admin"]:
            require(self.is_live(device, place) and self.devices[device].member == member, "bad_admin",
                    f"{device} is no live device of {member}")
        witnesses = [row[0] for row in statement.rows["witness"] if row]
        self.check_witnesses(statement, witnesses)
        self.check_replaces("admins", statement)
        self.set_admins(place, statement)
        by_recovery, is_first = names == ["recovery"], self.audit_key.key(place, self.now) is None
        self.audit_key.name(statement["audit"], place, self.now, statement.hash, is_first)
        self.recovery_key.name(tuple(statement.rows["recovery"][0][:2]) or None, place, self.now, statement.hash, by_recovery)
        self.witnesses, self.cosignatures = witnesses, statement["cosignatures"] or 0

    def check_witnesses(self, statement: Statement, witnesses: list[Witness]):
        """Ordered by their vkeys; no key twice, for a cosignature does not name its cosigner; no name twice with one key id,
        for a line of a note would not say whose it is; none that signs here."""
        order, keys = [witness.vkey.encode() for witness in witnesses], {witness.public for witness in witnesses}
        require(order == sorted(order) and len(keys) == len(witnesses) <= 16, "malformed", "its witnesses lack order")
        require(len({(witness.name, witness.id) for witness in witnesses}) == len(witnesses), "malformed",
                "two of its witnesses have one name and one key id")
        require(len(statement.rows["witness"]) == max(1, len(witnesses)), "malformed", "it names witnesses and none")
        require(bool(statement.rows["cosignatures"]) == bool(witnesses)
                and (statement["cosignatures"] or 0) <= len(witnesses), "malformed",
                "it demands more cosignatures than it names witnesses")
        require(not keys & self.used, "key_used_twice", "a witness's key was used before")

    def set_admins(self, place: int, statement: Statement):
        """What `genesis` and `admins` both set: admin devices, quorum, recovery and audit keys. Nothing of what is refused."""
        admins = {row[0]: row[1] for row in statement.rows["admin"]}
        require(1 <= statement["quorum"] <= len(set(admins.values())), "bad_quorum", "its quorum exceeds its admins")
        audit, sealing = ({*statement.rows[name][0][-2:]} for name in ("audit", "recovery"))
        require(not (audit & (sealing | self.halves["recovery"]) or sealing & self.halves["audit"]), "key_used_twice",
                "its audit key is, or was, a recovery key, or the other way round")
        if recovery := tuple(statement.rows["recovery"][0][:2]):  # id, and Ed25519 key
            # One that was replaced or voided does not come back, nor its signing key with another for sealing.
            waiting = place and self.recovery_key.waiting(place, self.now)
            if not place or recovery not in (self.recovery_key.key(place, self.now), waiting and waiting[0]):
                self.use(Key("recovery", recovery[1]).public)
        self.halves["audit"] |= audit
        self.halves["recovery"] |= sealing
        if statement["audit"]:
            self.audit_keys.setdefault(statement["audit"], place)
        self.admins, self.quorum, self.current["admins"] = admins, statement["quorum"], statement.hash
        self.admins_of.append((place, admins))
