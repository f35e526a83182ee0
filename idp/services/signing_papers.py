"""A signing request as one person sees it: whether they may know of it, in which roles they may sign it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from idp.core.clock import Clock, local_date
from idp.core.errors import Denied, NotFound
from idp.core.names import full_name
from idp.eds.signed_by import ORGANISATION, PERSON
from idp.eds.verifier import Policy
from idp.methods.eds_ncalayer import OIDS
from idp.oidc.client import Client
from idp.oidc.subjects import Subjects
from idp.services.interactions import ClientFace, face_of
from idp.services.scope import of_person
from idp.store import clients, sessions, signing
from idp.store.session import Tx
from idp.store.signing import RequestRow, SchoolRow, SignatureRow, SignerRow


@dataclass(frozen=True, slots=True)
class Capacity:
    """A role in which somebody may sign, and where."""

    role: str
    school: SchoolRow


@dataclass(frozen=True, slots=True)
class Paper:
    """A request as one visitor sees it who may see it. `state` is that of `RequestRow.state_at`."""

    row: RequestRow
    state: str
    client: ClientFace
    person_name: str
    capacities: tuple[Capacity, ...]
    is_named: bool
    """The visitor is named in person, not only by a role."""
    is_mine: bool
    """The visitor is who signed or declined it."""
    has_iin: bool
    signature: SignatureRow | None

    @property
    def certificate(self) -> str:
        return str(self.row.signers.get("certificate", "any"))

    @property
    def proven_at(self) -> datetime | None:
        """The moment that the NCA's timestamp vouches for."""
        at = self.signature.signer["timestamp"] if self.signature else None
        return datetime.fromisoformat(at) if at else None

    @property
    def may_sign(self) -> bool:
        return self.is_named or bool(self.capacities)


class Papers:
    def __init__(self, clock: Clock, subjects: Subjects) -> None:
        self._clock = clock
        self._subjects = subjects

    def read(self, tx: Tx, request_id: str, person_id: str, language: str = "") -> tuple[Paper, SignerRow]:
        row = signing.find(tx, request_id)
        signer = signing.signer(tx, person_id)
        record = clients.find(tx, row.client_id) if row else None
        if row is None or record is None:
            raise NotFound("no such signing request")
        if signer is None or signer.status != "active":
            raise Denied("the session has ended", code="session_ended")
        client, now = Client(record), self._clock.now()
        capacities = self._capacities(tx, row, client, person_id)
        is_named = self._subjects.sub(record.sector, person_id) in row.signers["subs"]
        is_mine = row.person_id == person_id
        if not (is_named or capacities or is_mine):
            raise Denied("this document is for somebody else", code="not_for_you")
        state = row.state_at(now)
        if state == "waiting" and not client.is_in_force(local_date(now)):
            raise Denied("the client is switched off or past its end date", code="client_disabled")
        name = full_name(signer.family_name, signer.given_name, signer.middle_name)
        signature = signing.signature_of(tx, row.id) if state == "signed" else None
        paper = Paper(
            row=row,
            state=state,
            client=face_of(client, language),
            person_name=name,
            capacities=capacities,
            is_named=is_named,
            is_mine=is_mine,
            has_iin=signer.iin_lookup is not None,
            signature=signature,
        )
        return paper, signer

    def _capacities(self, tx: Tx, row: RequestRow, client: Client, person_id: str) -> tuple[Capacity, ...]:
        """The roles asked for that the person holds today, at schools where the client is switched on today."""
        wanted = {(one["role"], one["school_id"]) for one in row.signers["roles"]}
        if not wanted:
            return ()
        today = local_date(self._clock.now())
        memberships = sessions.memberships_of_person(tx, person_id, today=today)
        held = [(one.role, one.school_id) for one in memberships if one.school_id]
        held = [pair for pair in held if pair in wanted]
        if not held:
            return ()
        schools = tuple(dict.fromkeys(school for _, school in held))
        scope = of_person(person_id, held[0][0], schools)
        if client.record.all_schools:
            on = set(schools) - clients.schools_off(tx, client.client_id, today=today)
        else:
            on = signing.schools_on(tx, scope, client.client_id, today=today)
        found = signing.schools(tx, schools)
        return tuple(Capacity(role, found[school]) for role, school in held if school in on)


def policy_of(paper: Paper) -> Policy:
    """An organisation's certificate is good only for who signs in a role at it."""
    return Policy(
        persons=paper.certificate != "organisation",
        organisations=paper.certificate != "person" and bool(paper.capacities),
    )


def oids_of(paper: Paper) -> tuple[str, ...]:
    """Extended key usage by which NCALayer offers certificates to choose from; it shows those that have all of them."""
    kind = {"person": (PERSON,), "organisation": (ORGANISATION,)}.get(paper.certificate, ())
    return (*OIDS, *kind)
