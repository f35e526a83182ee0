"""What each table says about people, why, who reads it and how long it stays: the facts of docs/reference/data-map.md.

Law № 94-V art. 7(8), 12(2), 24(1): no excess data, kept no longer than the purpose, and the person may know all of it.
One entry a table, beside the models and not in them, so that the whole map can be read at once. Columns come from the
models; a test fails for a table without an entry, and for one that points to a person and says it holds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

NOBODY = "none"
"""For a table without personal data; more words may follow."""


@dataclass(frozen=True, slots=True)
class Facts:
    """`people`: personal data in words, `none…` without any. `keep` names the rule of retention where there is one."""

    people: str
    why: str
    who: str
    keep: str


_IDS = "ids of people"
_STAYS = "kept"
_OURS = "(retention)"

TABLES: dict[str, Facts] = {
    "people": Facts(
        "name, patronymic, birth date, sex, language, e-mail, phone; ИИН sealed, with a keyed hash beside it; since "
        "when processing is blocked",
        "to know whom to sign in and what to release",
        "the person and who may act for them; their school; clients, only approved claims",
        "emptied in place `IDP_RETENTION_PEOPLE_DAYS` after the last role ended, or on request (retention)",
    ),
    "person_words": Facts("words of names, folded", "search", "who may search at the school", "goes with the name"),
    "photos": Facts(
        "a photo, without metadata", "cards and lists", "the school, the person", f"30 days after leaving {_OURS}"
    ),
    "merges": Facts(f"{_IDS}: which record turned out to be which", "to undo a mistake", "the school", _STAYS),
    "memberships": Facts(
        "role of a person at a school, grade, term",
        "rights; claims `roles`, `school`, `grade`",
        "the person, the school, clients with the scope",
        "ended by date, kept without a name once the person is emptied",
    ),
    "enrolments": Facts(
        "who is in which class", "claims `classes`, `children`; lists", "as memberships", "as memberships"
    ),
    "guardianships": Facts(
        "who may act for which child, basis in words, block and its reason",
        "to let guardians act, and nobody else (Code on Marriage and Family art. 71, 73)",
        "the two people, the school; claims `children`, `guardians`",
        "ended or blocked, kept; words are emptied with either person",
    ),
    "invitations": Facts(
        "which child a code is for; the code only as a keyed hash", "to link parents", "the school", f"30 days {_OURS}"
    ),
    "credentials": Facts(
        "argon2id hash of the password, and when a code by mail set it; public keys of passkeys, sealed "
        "secrets of apps, hashed recovery codes; of an ЭЦҚ the names in the last certificate; when each was last used",
        "to check who signs in",
        "sign-in, the person",
        "until replaced or removed; goes with the person",
    ),
    "sessions": Facts(
        "hash of the cookie, times, level, active role, shortened user agent; no address",
        "to stay signed in; list «devices and sessions»",
        "the person",
        f"30 days after the absolute end {_OURS}",
    ),
    "one_time_values": Facts(
        "what a step has to remember: a waiting request, a challenge, a verified signature (sealed: it holds an ИИН), "
        "a photo between its report and the word to keep it, whom a transfer code is for",
        "steps that may happen once",
        "the server",
        f"until they expire: minutes to an hour, a sent form a day, a transfer code 14 days {_OURS}",
    ),
    "phone_errands": Facts(
        "what a phone is to sign, for which browser (a keyed hash); the signature it brought, sealed",
        "to sign in or to sign by eGov Mobile",
        "the browser that began, the app",
        f"three to five minutes {_OURS}",
    ),
    "throttles": Facts(
        "none: keyed hashes of account and place, with a count", "to slow guessing", "sign-in", f"ten minutes {_OURS}"
    ),
    "cards": Facts(
        "whose card it is, keyed hashes of its number, its last four characters, state and reason",
        "entry, canteen and badge use one register (order 456 R1)",
        "the school; modules through the feed",
        "closed with the role; the number is emptied with the person",
    ),
    "consent_texts": Facts("none: texts of the school", "what is asked, in which version", "who is asked", _STAYS),
    "consent_records": Facts(
        f"{_IDS}: about whom, by whom, for which purpose, how, with a sealed proof "
        "that has the names as the document has them, without ИИН",
        "consent must be provable (art. 25(2)(5))",
        "the two people, the school",
        f"three years after it stopped holding {_OURS}",
    ),
    "consent_campaigns": Facts(
        "none: which texts are asked of which classes", "to ask a school at once", "the school", _STAYS
    ),
    "subject_requests": Facts(
        "who demands what about whom, in their words; the answer",
        "rights of the subject (art. 24, 25)",
        "the two people, who is responsible for personal data",
        f"five years after the answer; words are emptied with the person {_OURS}",
    ),
    "breaches": Facts(
        "name and contact of the responsible person, in words",
        "to tell the authorised body (art. 25(2)(8))",
        "the school; an authority sees no list of people",
        _STAYS,
    ),
    "breach_people": Facts(f"{_IDS} a breach is about", "the notice the law demands", "the school", _STAYS),
    "retention_runs": Facts("none: numbers of rows", "to show that rules run", "the school", f"three years {_OURS}"),
    "announcements": Facts("none", "planned work, told beforehand", "everybody", f"a year after its end {_OURS}"),
    "outages": Facts("none", "times when the worker found nothing to work with", "everybody", f"three years {_OURS}"),
    "clients": Facts(
        "names of owners, contacts",
        "who may ask for what",
        "everybody it asks sees name, owner, purpose; the operator",
        "until replaced",
    ),
    "client_schools": Facts(
        "none",
        "where a client is switched on and what the school withholds from it",
        "the school; claim `licences`",
        "until replaced",
    ),
    "consents": Facts(
        "which client a person allowed which scopes and claims, in which role, when",
        "proof of the answer",
        "the person",
        _STAYS,
    ),
    "grants": Facts(
        "person, client, session, scopes, level, hashes of code and refresh token",
        "to redeem a code once, rotate refresh tokens, end them",
        "the server",
        f"until nothing of it can be good {_OURS}",
    ),
    "revoked_tokens": Facts("none: ids of tokens", "to refuse a revoked token", "the server", f"ten minutes {_OURS}"),
    "keys": Facts(
        "none; sealed keys", "to sign, seal and tag", "the server", "signing keys go after rotation; secrets stay"
    ),
    "audit_events": Facts(
        f"{_IDS}, clients, schools; what happened, when; no name, no ИИН",
        "who did what, and who has seen my data (Order № 179/НҚ)",
        "the person about themselves, who is responsible for personal data",
        "kept: the chain over it would break; ids lead to nobody once a person is emptied",
    ),
    "audit_links": Facts("none: hashes", "to find changes of the trail", "`idp audit verify`", "as the trail"),
    "audit_checkpoints": Facts("none: signed hashes", "the same", "`idp audit verify`", "as the trail"),
    "export_counts": Facts(
        "how many rows somebody took out on a day", "limits against mass download", "the operator", f"90 days {_OURS}"
    ),
    "changes": Facts(
        f"{_IDS} and records that changed", "the feed for modules", "clients with `feed:…`", f"31 days {_OURS}"
    ),
    "organisations": Facts(
        "none; contacts of schools", "schools and authorities", "everybody signed in sees the own school", _STAYS
    ),
    "academic_sessions": Facts("none", "school years and terms", "the school", _STAYS),
    "calendar_days": Facts("none", "holidays, breaks, working days", "everybody at the school", _STAYS),
    "bells": Facts("none", "when lessons begin", "everybody at the school", _STAYS),
    "courses": Facts("none", "what is taught", "imports", _STAYS),
    "classes": Facts("none", "title, grade, language, shift", "claims `classes`, `children`", _STAYS),
    "year_promotions": Facts(
        f"{_IDS} who stay or leave, in the plan", "to move a school into the next year", "the school", _STAYS
    ),
    "year_changes": Facts(f"{_IDS}: roles and classes as they were", "to take the move back", "the school", _STAYS),
    "roster_records": Facts(
        "foreign ids of imported people, a digest of each record",
        "so that importing twice changes nothing",
        "imports",
        "goes with the person",
    ),
    "imports": Facts("none: numbers, a file's name", "what was imported when", "the school", _STAYS),
    "import_changes": Facts(
        "rows as they were before an import: names, contacts", "to undo an import", "the school", f"90 days {_OURS}"
    ),
    "import_uploads": Facts(
        "a file with names and ИИН, sealed", "between preview and import", "who uploaded it", f"an hour {_OURS}"
    ),
    "outbox": Facts(
        "ids of person, session and client to tell; an address a code was sent to",
        "to send after the commit",
        "the worker",
        f"14 days after sending; given-up items stay for the operator {_OURS}",
    ),
    "signing_requests": Facts(
        "a document that a client wants signed, which may speak of people; who may sign it, who did",
        "to show it, have it signed, and prove what was signed",
        "who may sign it, its client",
        f"unsigned ones 90 days after their time; signed ones stay as evidence {_OURS}",
    ),
    "signatures": Facts(
        "name, organisation, БИН, roles of the signer; sealed: the CMS with the certificate, which holds the ИИН",
        "proof of a signature after the certificate has expired (E4, E5)",
        "the signer; without the sealed part, who else may sign it, and the client",
        "kept: the law gives the document its own term, which the school ends",
    ),
    "revocation_lists": Facts("none", "to refuse revoked certificates", "checks of signatures", "until the next list"),
    "revocation_shards": Facts("none: serial numbers of certificates", "the same", "the same", "until the next list"),
    "saml_entities": Facts(
        "none: names of services, addresses, certificates; contacts are not kept",
        "to know a SAML service provider and its addresses",
        "people see name and purpose of those they use; the operator",
        "until its source no longer names it, or it is replaced",
    ),
    "saml_sources": Facts("none", "where metadata is read again", "the operator", "until removed"),
    "saml_participants": Facts(
        "person, service, session, the NameID the service was told",
        "to tell the service that the session has ended (SAML Profiles §4.4)",
        "the server; the person's copy",
        "until the session has ended and all were told, at most as long as the session's row",
    ),
    "leases": Facts("none", "which worker runs a job; when all was well last", "the worker", _STAYS),
}

CLIENT_TABLES: dict[tuple[str, str], Facts] = {
    ("every", "sessions"): Facts(
        "`sub`, tokens sealed under a key of the client's secret, a few claims of the ID token; "
        "`lms`: name, roles, school and classes as of the sign-in",
        "to stay signed in", "the person", "2 hours idle, 12 hours at most",
    ),
    ("every", "login_states"): Facts("a login under way, sealed", "one login", "the client", "until it expires"),
    ("every", "logout_tokens"): Facts(
        "none: ids of seen logout tokens", "to refuse a token twice", "the client", "until they expire"
    ),
    ("every", "feed_records"): Facts(
        "a copy of what the feed tells this client, within its approved fields",
        "to serve while the provider is away",
        "the client",
        "until a tombstone or a new snapshot takes it out; people whose data was blocked or destroyed get a tombstone",
    ),
    ("every", "feed_cursors"): Facts("none", "where reading goes on", "the client", "as long as the client runs"),
    ("textbooks", "readers"): Facts(
        "pairwise `sub`, the name if approved and only of those who learn in a class",
        "to show a class teacher who has read", "the class teacher", "kept by the client, no rule yet",
    ),
    ("textbooks", "reader_classes"): Facts(
        "in which classes the reader learns", "the same", "the class teacher", "follows the `classes` claim"
    ),
    ("textbooks", "places"): Facts(
        "how far, when", "to go on reading", "the reader, the class teacher", "kept by the client, no rule yet"
    ),
    ("textbooks", "results"): Facts(
        "quiz answers, best count", "to show what was learnt", "the reader, the class teacher",
        "kept by the client, no rule yet",
    ),
    ("lms", "pupils"): Facts(
        "pairwise id and name of pupils who have signed in", "to show a teacher whose work it is",
        "the teachers of the course", "kept by the client, no rule yet",
    ),
    ("lms", "course_pupils"): Facts(
        "in which courses the pupil is", "the same", "the teachers of the course",
        "follows the `classes` of the last sign-in",
    ),
    ("lms", "assignments"): Facts(
        "who set it, by pairwise id", "to know what is to be done", "pupils and teachers of the course",
        "until a teacher removes it",
    ),
    ("lms", "works"): Facts(
        "what a pupil handed in and when, mark, remark, who marked", "to learn from it",
        "the pupil, the teachers of the course", "kept by the client, no rule yet",
    ),
    ("lms", "saml_messages"): Facts(
        "none: hashes of ids of assertions and logout requests", "to refuse one twice", "the client",
        "until they expire",
    ),
}  # fmt: skip
"""Of clients that come with the provider: (client, or `every`; table)."""
