"""One file per family of tables. Importing this package registers every table on `Base.metadata`."""

from idp.store.models import (
    audit,
    calendar,
    cards,
    clients,
    consents,
    grants,
    invitations,
    keys,
    org,
    people,
    rosters,
    sessions,
    signing,
    subject_requests,
    work,
    years,
)

__all__ = [
    "audit",
    "calendar",
    "cards",
    "clients",
    "consents",
    "grants",
    "invitations",
    "keys",
    "org",
    "people",
    "rosters",
    "sessions",
    "signing",
    "subject_requests",
    "work",
    "years",
]
