"""Everything the tables hold about one person, by a declared list: a table that is not declared fails a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, select

from idp.store.base import Base
from idp.store.models.people import Enrolment, SchoolClass
from idp.store.session import Tx

MOST_EVENTS = 5_000


@dataclass(frozen=True, slots=True)
class Kept:
    """`by`: columns with the person's id. `secret`: columns that open something or protect somebody, never copied.

    `group` says what the rows are for; `account` ones go to the person alone, not to who acts for a child. Of rows in
    which `owner` names somebody else than who asks, `private` columns are left out.
    """

    group: str
    by: tuple[str, ...] = ("person_id",)
    secret: tuple[str, ...] = ()
    owner: str = ""
    private: tuple[str, ...] = ()


KEPT: dict[str, Kept] = {
    "people": Kept("person", ("id",), ("iin_sealed", "iin_lookup", "sort_key", "search_key")),
    "photos": Kept("person"),
    "memberships": Kept("school"),
    "enrolments": Kept("school"),
    "guardianships": Kept(
        "guardians", ("child_id", "guardian_id"), owner="guardian_id",
        private=("basis", "evidence", "blocked_reason", "block_basis", "blocked_by", "verified_by"),
    ),
    "cards": Kept("cards", secret=("number_hash", "short_hash")),
    "consent_records": Kept("consents", ("person_id", "signer_id"), ("seal",), "signer_id", ("proof",)),
    "consents": Kept("services"),
    "subject_requests": Kept(
        "rights", ("person_id", "requester_id"), owner="requester_id", private=("text", "details", "answer")
    ),
    "breach_people": Kept("rights"),
    "credentials": Kept("account", secret=("data", "handle", "counter")),
    "sessions": Kept("account", secret=("token_hash",)),
    "grants": Kept("account", secret=("nonce", "code_challenge", "code_hash", "refresh_hash")),
    "saml_participants": Kept("account", secret=("name_hash", "request_hash")),
    "signing_requests": Kept("account", secret=("document", "signers", "return_uri")),
    "signatures": Kept("account", secret=("evidence_sealed",)),
    "audit_events": Kept("log", secret=("request_id",)),
}  # fmt: skip
LEFT_OUT: dict[str, str] = {
    "academic_sessions": "days of a school",
    "announcements": "works on the service itself",
    "audit_checkpoints": "hashes of the log",
    "audit_links": "hashes of the log",
    "bells": "hours of a school",
    "breaches": "incidents; whom they are about is in breach_people",
    "calendar_days": "days of a school",
    "changes": "that a record changed, without what",
    "classes": "named beside enrolments",
    "client_schools": "which services a school uses",
    "clients": "services",
    "consent_campaigns": "whom a school asks, by class",
    "consent_texts": "texts; what was answered is in consent_records",
    "courses": "what is taught",
    "export_counts": "a number by day, against copying of many people's data; gone with its day's purpose",
    "import_changes": "values before an import, for undoing it, gone with the import",
    "import_uploads": "sealed files of a school, gone within days",
    "imports": "numbers of an import",
    "invitations": "hashes of codes on paper for a child's guardians, gone when used",
    "keys": "keys",
    "leases": "which worker works",
    "merges": "which rows of two records were joined; the rows themselves are copied",
    "one_time_values": "steps under way, gone within minutes, a transfer code within 14 days",
    "organisations": "schools and authorities",
    "outages": "whether the service worked",
    "outbox": "letters under way, gone within days",
    "person_words": "the words of the name again, for search",
    "phone_errands": "a signature under way, gone within minutes",
    "retention_runs": "numbers of a clean-up",
    "revocation_lists": "certificates of the NCA",
    "revocation_shards": "certificates of the NCA",
    "revoked_tokens": "random numbers of tokens",
    "saml_entities": "services",
    "saml_sources": "where services are described",
    "roster_records": "which row a record of a file became",
    "throttles": "hashes of guesses",
    "year_changes": "values before a year's end, for undoing it",
    "year_promotions": "plans of a year's end",
}
"""Tables without a copy, and why."""


def rows(tx: Tx, person_id: str, name: str, kept: Kept) -> Iterator[Mapping[str, Any]]:
    """The rows of one declared table about a person, without its secret columns."""
    table = Base.metadata.tables[name]
    shown = [column for column in table.c if column.name not in kept.secret]
    query = select(*shown).where(or_(*(table.c[column] == person_id for column in kept.by)))
    if name == "audit_events":
        query = query.order_by(table.c.at.desc()).limit(MOST_EVENTS)
    for row in tx.connection.execute(query):
        yield row._asdict()


def class_titles(tx: Tx, person_id: str) -> dict[str, str]:
    """Titles of the classes a person is or was in."""
    query = (
        select(SchoolClass.id, SchoolClass.title)
        .join(Enrolment, and_(Enrolment.class_id == SchoolClass.id, Enrolment.school_id == SchoolClass.school_id))
        .where(Enrolment.person_id == person_id)
    )
    return {row[0]: row[1] for row in tx.connection.execute(query)}


def iin_sealed(tx: Tx, person_id: str) -> bytes | None:
    people = Base.metadata.tables["people"]
    return tx.connection.execute(select(people.c.iin_sealed).where(people.c.id == person_id)).scalar()
