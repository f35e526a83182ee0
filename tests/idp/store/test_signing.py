"""store/signing: a request ends once, and its signature is found again."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from idp.core.clock import FixedClock
from idp.core.ids import new_id
from idp.services.scope import of_operator
from idp.store import clients, retention, signing
from idp.store.session import Tx, UnitOfWork
from tests.factories.rows import add_person, add_school
from tests.idp.store.test_grants import add_client

DOCUMENT = "Есеп".encode()


def add_request(tx: Tx, clock: FixedClock, **changes: Any) -> str:
    row = {
        "id": new_id(),
        "client_id": "textbooks",
        "title": {"kk": "Есеп", "ru": "Отчёт", "en": "Report"},
        "media_type": "text/plain",
        "document": DOCUMENT,
        "document_sha256": "00" * 32,
        "signers": {"subs": [], "roles": []},
        "return_uri": "",
        "state": "waiting",
        "person_id": None,
        "created_at": clock.now(),
        "expires_at": clock.now() + timedelta(days=1),
        "closed_at": None,
    } | changes
    signing.add(tx, row)
    return str(row["id"])


def add_signature(tx: Tx, clock: FixedClock, request_id: str, person: str, **changes: Any) -> None:
    row = {
        "id": new_id(),
        "request_id": request_id,
        "person_id": person,
        "cms_sha256": "ab" * 32,
        "evidence_sealed": b"sealed",
        "signer": {"name": "Сәуле"},
        "created_at": clock.now(),
    } | changes
    signing.add_signature(tx, row)


def test_a_request_is_read_without_its_document(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        add_client(tx, clock)
        request_id = add_request(tx, clock)
    with uow.read() as tx:
        row = signing.find(tx, request_id)
        assert row is not None
        assert (row.size, row.title["ru"], row.state_at(clock.now())) == (len(DOCUMENT), "Отчёт", "waiting")
        assert row.state_at(clock.now() + timedelta(days=1)) == "expired"
        assert signing.document(tx, request_id) == DOCUMENT
        assert signing.find(tx, "f" * 32) is None


def test_a_request_ends_once_and_in_time(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        add_client(tx, clock)
        person = add_person(tx)
        first, late = add_request(tx, clock), add_request(tx, clock)
        assert signing.close(tx, first, state="signed", person_id=person, now=clock.now())
        assert not signing.close(tx, first, state="declined", person_id=None, now=clock.now())
        row = signing.find(tx, first)
        assert row is not None
        assert (row.state, row.person_id, row.closed_at) == ("signed", person, clock.now())
        clock.advance(days=1)
        assert not signing.close(tx, late, state="signed", person_id=person, now=clock.now())


def test_a_signature_is_found_by_its_octets_and_the_first_record_counts(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        add_client(tx, clock)
        person = add_person(tx)
        first, second = add_request(tx, clock), add_request(tx, clock)
        add_signature(tx, clock, first, person)
        add_signature(tx, clock, second, person, created_at=clock.now() + timedelta(hours=1))
        found = signing.signature_by_cms(tx, "ab" * 32)
        assert found is not None
        assert (found.request_id, found.evidence_sealed) == (first, b"sealed")
        assert signing.signature_by_cms(tx, "cd" * 32) is None
        of_second = signing.signature_of(tx, second)
        assert of_second is not None
        assert of_second.person_id == person


def test_a_client_is_on_where_its_licence_runs(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        add_client(tx, clock)
        one, other = add_school(tx, identifier="140240000018"), add_school(tx)
        clients.switch_on(tx, of_operator((one,)), "textbooks", begin=date(2026, 9, 1), by="test")
        both = of_operator((one, other))
        assert signing.schools_on(tx, both, "textbooks", today=date(2026, 9, 1)) == {one}
        assert signing.schools_on(tx, both, "textbooks", today=date(2026, 8, 31)) == set()
        assert signing.schools(tx, [one])[one].identifier == "140240000018"


def test_a_signer_is_known_by_a_hash(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        person = add_person(tx, family_name="Сейітқазы", iin_lookup=b"hash")
        row = signing.signer(tx, person)
        assert row is not None
        assert (row.status, row.iin_lookup, row.family_name) == ("active", b"hash", "Сейітқазы")
        assert signing.signer(tx, "f" * 32) is None


def _over(tx: Tx, before: datetime) -> int:
    return retention.delete_some(tx, retention.UNSIGNED_REQUESTS, before=before, limit=10)


def test_unsigned_documents_go_and_signed_ones_stay(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        add_client(tx, clock)
        person = add_person(tx)
        kept, gone = add_request(tx, clock), add_request(tx, clock, state="cancelled")
        signing.close(tx, kept, state="signed", person_id=person, now=clock.now())
        add_signature(tx, clock, kept, person)
        ended = clock.now() + timedelta(days=1)
        assert _over(tx, ended - timedelta(seconds=1)) == 0
        assert _over(tx, ended) == 1
        assert signing.find(tx, gone) is None
        assert signing.find(tx, kept) is not None
