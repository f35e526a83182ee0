"""Whatever table may point to a person: destruction empties it, or it is named here with why it stays."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, select

from idp.core.clock import FixedClock
from idp.services.erasure import erase
from idp.store import erasure, models, one_time, phone_errands
from idp.store.base import Base
from idp.store.data_map import TABLES
from idp.store.models.people import Merge, Person
from idp.store.models.signing import SigningRequest
from idp.store.session import UnitOfWork
from tests.factories.rows import add_membership, add_person, add_school
from tests.idp.store.test_grants import add_client
from tests.idp.store.test_signing import add_request

assert models
EMPTIED = {
    "people", "person_words", "photos", "credentials", "guardianships", "cards", "enrolments", "memberships",
    "roster_records", "import_changes", "sessions", "saml_participants", "invitations", "subject_requests",
}  # fmt: skip
KEPT = {
    "audit_events": "ids only; the trail must stay whole",
    "breach_people": "ids only; the notice must be provable",
    "breaches": "words of the responsible person, not of the subject",
    "changes": "ids only, a month",
    "clients": "owners of services",
    "consent_records": "proofs with the names in the document, three years (art. 25(2)(5))",
    "consents": "proofs by id",
    "export_counts": "ids only, ninety days",
    "grants": "end with the sessions; gone within a day",
    "import_uploads": "sealed, an hour",
    "merges": "ids only",
    "one_time_values": "gone within an hour; what waits for the state service goes at once",
    "outbox": "gone within two weeks",
    "phone_errands": "gone within minutes",
    "signatures": "signed documents: the law gives them a term of their own",
    "signing_requests": "the same; texts of consent that nobody signed go at once",
    "year_changes": "ids only",
    "year_promotions": "ids only",
}


def test_every_table_with_personal_data_is_emptied_or_stays_for_a_reason() -> None:
    personal = {table for table, facts in TABLES.items() if not facts.people.startswith("none")}
    assert personal == EMPTIED | KEPT.keys()
    assert set(Base.metadata.tables) >= EMPTIED | KEPT.keys()


def test_records_found_to_be_the_same_person_go_together(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        school = add_school(tx)
        kept = add_person(tx, "kept", given_name="Айгерім")
        merged = add_person(tx, "merged", given_name="Айгерим", status="merged", merged_into_id=kept)
        add_membership(tx, kept, school)
        row = {"merged_id": merged, "kept_id": kept, "moved": {}, "merged_by": "", "merged_at": clock.now()}
        tx.connection.execute(insert(Merge), row)
        assert erasure.same_person(tx, kept) == [kept, merged]
        assert erasure.schools(tx, kept) == [school]
        erase(tx, kept, by="", why="request", now=clock.now())
        assert set(tx.connection.execute(select(Person.given_name, Person.status))) == {("", "erased")}
        assert erasure.memberships_today(tx, kept, today=clock.now().date()) == []


def test_a_consent_that_was_never_signed_goes_with_its_names(uow: UnitOfWork, clock: FixedClock) -> None:
    """A text put to somebody holds two names, months before a term would end it."""
    now = clock.now()
    with uow.write() as tx:
        child, parent, other = (add_person(tx, name) for name in ("child", "parent", "other"))
        about = {"person": child, "signer": parent, "person_name": "Серікова Айгерім"}
        add_client(tx, clock)
        unsigned = add_request(tx, clock, signers={"about": about})
        add_request(tx, clock, signers={"about": about | {"person": other, "signer": child}}, state="declined")
        stays = {
            add_request(tx, clock, signers={"about": about}, state="signed"),
            add_request(tx, clock, signers={"about": about | {"person": other}}),
            add_request(tx, clock),
        }
        errand = {"purpose": "sign", "browser": "b", "request_id": unsigned, "document": b"t", "token_hash": "t"}
        phone_errands.add(tx, "errand", {**errand, "created_at": now, "expires_at": now})
        for name, said in (("gone", about), ("stays", about | {"person": other})):
            one_time.put(tx, name, purpose="consent_kdp", data=said, now=now, ttl=timedelta(days=14))
        erase(tx, child, by="", why="request", now=now)
        assert set(tx.connection.execute(select(SigningRequest.id)).scalars()) == stays
        assert phone_errands.find(tx, "errand") is None
        waiting = [one_time.peek(tx, name, purpose="consent_kdp", now=now) is None for name in ("gone", "stays")]
        assert waiting == [True, False]
