"""Signing a document: who may, what they see first, how their signature is checked, and what is kept of it (E4, E5).

The signature is checked outside any transaction, for it asks the NCA; then one short write decides who was first.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from idp.core import iin
from idp.core.clock import Clock
from idp.core.errors import BilimError, Conflict, Denied, NotFound, Unavailable
from idp.core.ids import new_id
from idp.eds.certificate import Certificate
from idp.eds.errors import WrongHolder
from idp.eds.signed_by import Evidence, SignedBy
from idp.oidc.subjects import Subjects
from idp.services.eds import Eds
from idp.services.keys import IinVault
from idp.services.signature_facts import facts, fingerprint_of
from idp.services.signing_papers import Paper, Papers, policy_of
from idp.services.throttle import Throttle
from idp.store import audit, signing
from idp.store.session import Tx, UnitOfWork
from idp.store.signing import RequestRow, SchoolRow, SignerRow


@dataclass(frozen=True, slots=True)
class Kept:
    """A signed document with everything that proves it."""

    paper: Paper
    document: bytes
    evidence: Evidence

    @property
    def signer(self) -> dict[str, Any]:
        assert self.paper.signature is not None
        return dict(self.paper.signature.signer)

    @property
    def authorities(self) -> list[str]:
        """Common names along the chain, the signer's own certificate left out."""
        return [Certificate.parse(one).common_name for one in self.evidence.chain[1:]]

    @property
    def received_at(self) -> datetime:
        assert self.paper.signature is not None
        return self.paper.signature.created_at


class Signing:
    def __init__(
        self,
        uow: UnitOfWork,
        clock: Clock,
        subjects: Subjects,
        eds: Eds,
        vault: IinVault,
        throttle: Callable[[], Throttle],
        on_signed: Callable[[Tx, RequestRow, str], None] = lambda _tx, _request, _signature_id: None,
    ) -> None:
        """`on_signed` runs in the transaction that keeps a signature, with its request and its id."""
        self._uow = uow
        self._clock = clock
        self._papers = Papers(clock, subjects)
        self._eds = eds
        self._vault = vault
        self._throttle = throttle
        self._on_signed = on_signed

    def why_off(self) -> str:
        return self._eds.why_off()

    def look(self, request_id: str, person_id: str, *, language: str = "") -> Paper:
        """The request for a visitor. Raises NotFound, Denied `not_for_you`, or Denied `client_disabled`."""
        with self._uow.read() as tx:
            return self._papers.read(tx, request_id, person_id, language)[0]

    def document(self, request_id: str, person_id: str, *, language: str = "") -> tuple[Paper, bytes]:
        """The same with the octets to be signed."""
        with self._uow.read() as tx:
            paper, _ = self._papers.read(tx, request_id, person_id, language)
            return paper, signing.document(tx, request_id)

    def check_open(self, request_id: str, person_id: str) -> None:
        """Raises what `sign` would raise before it looks at any signature."""
        paper = self.look(request_id, person_id)
        if not self._may_close(paper):
            raise Conflict("the request is over", code="signing_closed")
        if not paper.has_iin:
            raise Denied("the account has no IIN to compare with", code="eds_account_without_iin")

    def kept(self, request_id: str, person_id: str, *, language: str = "") -> Kept:
        """What was signed, for whoever may see it. Raises as `look`, and NotFound while it is not signed.

        The evidence holds the signer's ИИН: it leaves the house by `own` alone.
        """
        with self._uow.read() as tx:
            paper, _ = self._papers.read(tx, request_id, person_id, language)
            if paper.signature is None:
                raise NotFound("not signed")
            document = signing.document(tx, request_id)
        return Kept(paper, document, self._eds.open(paper.signature.evidence_sealed, request_id))

    def own(self, request_id: str, person_id: str, *, language: str = "") -> Kept:
        """The same for who signed it, to be taken home whole. Raises Denied `not_for_you` for anybody else."""
        kept = self.kept(request_id, person_id, language=language)
        if not kept.paper.is_mine:
            raise Denied("the evidence is the signer's", code="not_for_you")
        return kept

    def sign(self, request_id: str, person_id: str, unverified_cms: str, *, place: str) -> None:
        """Checks a signature and keeps it with its evidence; a second click of the signer changes nothing.

        Raises `eds.errors` and TooSoon, Denied `eds_account_without_iin` or `eds_wrong_organisation`, Conflict
        `signing_closed` when it is over, and what `look` raises.
        """
        with self._uow.read() as tx:
            paper, signer = self._papers.read(tx, request_id, person_id)
            document = signing.document(tx, request_id)
        if self._is_over(paper):
            return
        ticket = self._throttle().enter(f"sign:{person_id}", place)
        try:
            signed_by = self._checked(paper, signer, document, unverified_cms)
            self._finish(paper, signer, signed_by, done=lambda tx: self._throttle().passed(tx, ticket))
        except Unavailable:
            with self._uow.write() as tx:
                self._throttle().forgive(tx, ticket)
            raise
        except Denied as error:
            self._audit_refusal(paper, person_id, error)
            raise

    def accept(self, request_id: str, person_id: str, brought: SignedBy) -> None:
        """Keeps a signature that a phone brought and that was verified when it came. Raises as `sign`.

        It is held against the document once more: an errand for one document must not be confirmed for another.
        """
        with self._uow.read() as tx:
            paper, signer = self._papers.read(tx, request_id, person_id)
            document = signing.document(tx, request_id)
        if self._is_over(paper):
            return
        try:
            signed_by = self._eds.verifier().again(brought.evidence, document)
            self._match(paper, signer, signed_by)
            self._finish(paper, signer, signed_by)
        except Denied as error:
            self._audit_refusal(paper, person_id, error)
            raise

    def decline(self, request_id: str, person_id: str) -> None:
        """The person will not sign. Raises Conflict when it is over otherwise, and what `look` raises."""
        with self._uow.write() as tx:
            paper, _ = self._papers.read(tx, request_id, person_id)
            now = self._clock.now()
            if not self._may_close(paper) or not signing.close(
                tx, request_id, state="declined", person_id=person_id, now=now
            ):
                again, _ = self._papers.read(tx, request_id, person_id)
                if again.state == "declined" and again.is_mine:
                    return
                raise Conflict("the request is over", code="signing_closed")
            audit.record(
                tx,
                event="document_declined",
                now=now,
                person_id=person_id,
                client_id=paper.row.client_id,
                data={"request": request_id, "sha256": paper.row.document_sha256},
            )

    def _is_over(self, paper: Paper) -> bool:
        """True when this very person has signed; raises Conflict when the request is over otherwise."""
        if paper.state == "signed" and paper.is_mine:
            return True
        if not self._may_close(paper):
            raise Conflict("the request is over", code="signing_closed")
        return False

    def _may_close(self, paper: Paper) -> bool:
        return paper.state == "waiting" and paper.may_sign

    def _checked(self, paper: Paper, signer: SignerRow, document: bytes, unverified_cms: str) -> SignedBy:
        if signer.iin_lookup is None:
            raise Denied("the account has no IIN to compare with", code="eds_account_without_iin")
        signed_by = self._eds.verifier().verify(unverified_cms, document, policy_of(paper))
        self._match(paper, signer, signed_by)
        return signed_by

    def _match(self, paper: Paper, signer: SignerRow, signed_by: SignedBy) -> None:
        """The certificate is the account's own, and an organisation's only that of the school it is signed for."""
        if signer.iin_lookup is None:
            raise Denied("the account has no IIN to compare with", code="eds_account_without_iin")
        known = signer.iin_lookup
        if not any(hmac.compare_digest(lookup, known) for lookup in self._vault.lookups(signed_by.iin)):
            raise WrongHolder("the certificate is somebody else's")
        policy = policy_of(paper)
        if not (policy.organisations if signed_by.is_organisation else policy.persons):
            raise WrongHolder("another kind of certificate is asked for")
        if signed_by.is_organisation and not any(_is_of(signed_by, one.school) for one in paper.capacities):
            raise Denied("the certificate is another organisation's", code="eds_wrong_organisation")

    def _finish(
        self, paper: Paper, signer: SignerRow, signed_by: SignedBy, done: Callable[[Tx], None] = lambda _tx: None
    ) -> None:
        row, evidence, now = paper.row, signed_by.evidence, self._clock.now()
        signature = {
            "id": new_id(),
            "request_id": row.id,
            "person_id": signer.id,
            "cms_sha256": hashlib.sha256(evidence.cms).hexdigest(),
            "evidence_sealed": self._eds.seal(evidence, row.id),
            "signer": facts(signed_by),
            "created_at": now,
        }
        schools = [one.school for one in paper.capacities if not signed_by.bin or _is_of(signed_by, one.school)]
        with self._uow.write() as tx:
            done(tx)
            # Rights may have ended, or somebody may have been faster, while the NCA was asked.
            again, signer = self._papers.read(tx, row.id, signer.id)
            if self._is_over(again):
                return
            self._match(again, signer, signed_by)
            if not signing.close(tx, row.id, state="signed", person_id=signer.id, now=now):
                # Another transaction ended it since the line above; it decides whether this was a second click.
                if self._is_over(self._papers.read(tx, row.id, signer.id)[0]):
                    return
                raise Conflict("the request is over", code="signing_closed")
            signing.add_signature(tx, signature)
            audit.record(
                tx,
                event="document_signed",
                now=now,
                person_id=signer.id,
                client_id=row.client_id,
                school_id=schools[0].id if schools and not paper.is_named else "",
                data={
                    "request": row.id,
                    "sha256": row.document_sha256,
                    "certificate": fingerprint_of(evidence.chain[0]),
                },
            )
            self._on_signed(tx, row, str(signature["id"]))

    def _audit_refusal(self, paper: Paper, person_id: str, error: BilimError) -> None:
        with self._uow.write() as tx:
            audit.record(
                tx,
                event="signature_refused",
                now=self._clock.now(),
                person_id=person_id,
                client_id=paper.row.client_id,
                data={"request": paper.row.id, "why": error.code},
            )


def _is_of(signed_by: SignedBy, school: SchoolRow) -> bool:
    """The certificate's organisation is this school, however its БИН is written there."""
    return iin.bare(signed_by.bin) == iin.bare(school.identifier)
