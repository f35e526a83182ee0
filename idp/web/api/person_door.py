"""The door of /api/v1/me: in whose name a client calls, and for which child it may ask at this very moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, g, jsonify, request

from idp.core.errors import Denied, NotFound
from idp.oidc.client import Client
from idp.oidc.ports import GrantRecord
from idp.oidc.protected_resource import bearer, denied, person_of, released
from idp.oidc.scopes import ME, PERSON_SCOPES, split
from idp.services import person_members
from idp.services.acting import Actor
from idp.services.consent_signers import Hand
from idp.services.guardians import Child
from idp.services.rights import RECENT
from idp.web import i18n
from idp.web.house import house


@dataclass(frozen=True, slots=True)
class Caller:
    """A client with a person's token. People and records have the names that this client's sector knows them by."""

    client: Client
    grant: GrantRecord
    told: dict[str, set[str]] = field(default_factory=dict)
    """What this answer tells, by person: words for the log."""

    @property
    def person_id(self) -> str:
        return self.grant.person_id

    def sub(self, person_id: str) -> str:
        return house().oidc.subjects.sub(self.client.record.sector, person_id)

    def id_of(self, kind: str, record_id: str) -> str:
        return house().oidc.subjects.record(self.client.record.sector, kind, record_id)

    def hand(self, language: str = "") -> Hand:
        """Who signs, as surely known and as recently as the grant says. Whoever is asked for more, is told how old
        a sign-in may be."""
        g.needed_recent = RECENT
        grant = self.grant
        return Hand(
            grant.person_id, grant.acr, tuple(grant.amr), grant.auth_time, grant.session_id,
            language or i18n.language(),
        )  # fmt: skip

    def actor(self) -> Actor:
        """Raises Denied for who has no role at an organisation today."""
        grant = self.grant
        return house().acting.actor(
            person_id=grant.person_id, membership_id=grant.membership_id, acr=grant.acr, amr=grant.amr,
            auth_time=grant.auth_time, session_id=grant.session_id,
        )  # fmt: skip

    @property
    def allowed(self) -> set[str]:
        """Claims that are approved for this client, and scopes of a person that the grant holds.

        No other scope: `roles` asked for is not `roles` approved.
        """
        granted = self.client.approved_scopes.intersection(split(self.grant.scope), PERSON_SCOPES)
        return {*self.client.approved_claims, *granted}

    def shows(self, shape: str, person_id: str, value: Mapping[str, Any]) -> dict[str, Any]:
        """What this client may have of an answer about somebody (`services/person_members.py`)."""
        shown, words = person_members.shape(shape, value, self.allowed)
        self.told.setdefault(person_id, set()).update(words)
        return shown

    def answers(self, value: Mapping[str, Any]) -> Response:
        """The answer, once it is written down what it tells of whom."""
        released(house().oidc, house().oidc_stores, self.client, self.grant, self.told)
        return jsonify(value)

    def refused(self, why: str) -> None:
        """Writes down a refusal that is no matter of the token."""
        denied(house().oidc, house().oidc_stores, self.client, why)

    def children(self) -> list[Child]:
        """Children whom this app may know: of who is here as a guardian, for a client approved for `children`.

        A teacher acting as a teacher does not bring their own along.
        """
        if "children" not in self.allowed:
            return []
        held = house().sessions.memberships(self.person_id)
        role = next((one.role for one in held if one.id == self.grant.membership_id), "")
        return house().guardians.children(self.person_id) if role in ("guardian", "") else []

    def child(self, sub: str) -> Child:
        """The child whom the client knows by this subject. Raises NotFound for any but who may be acted for now."""
        known = next((one for one in self.children() if self.sub(one.person_id) == sub), None)
        if known is None:
            self.refused("child")
            raise NotFound("no such child")
        return house().guardians.child(self.person_id, known.person_id)

    def open_child(self, sub: str) -> Child:
        """As `child`. Raises Denied (`child_restricted`): of whose data are blocked nothing goes to another system."""
        found = self.child(sub)
        if found.is_restricted:
            self.refused("child_restricted")
            raise Denied("processing of the child's data is blocked", code="child_restricted")
        return found


def caller(scope: str = ME) -> Caller:
    """Raises InvalidToken and InsufficientScope."""
    g.needed_scope = scope
    unverified_token = bearer(request.headers.get("Authorization", ""))
    return Caller(*person_of(house().oidc, house().oidc_stores, unverified_token, scope=scope))
