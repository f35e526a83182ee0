"""What a verified signature says, in the words that pages, cards and clients are given. Never the ИИН in full."""

from __future__ import annotations

import hashlib
from typing import Any

from idp.core.names import full_name
from idp.eds import signed_by as oids
from idp.eds.signed_by import SignedBy

_ROLES = {
    oids.HEAD: "head",
    oids.SIGNS_FOR: "signs_for",
    oids.SIGNS_FINANCE: "signs_finance",
    oids.PERSONNEL: "personnel",
    oids.EMPLOYEE: "employee",
    oids.PERSON: "person",
}


def facts(signed_by: SignedBy) -> dict[str, Any]:
    """`name organisation bin roles key_storage algorithm is_production timestamp`; roles are words, the weightiest
    first; `timestamp` is the moment that the NCA vouches for, or None."""
    names, stamp = signed_by.names, signed_by.evidence.timestamp
    return {
        "name": full_name(names.family_name, names.given_name, names.middle_name) or names.common_name,
        "organisation": signed_by.organisation,
        "bin": signed_by.bin,
        "roles": [word for oid, word in _ROLES.items() if oid in signed_by.roles],
        "key_storage": signed_by.key_storage,
        "algorithm": signed_by.algorithm,
        "is_production": signed_by.is_production,
        "timestamp": stamp.at.isoformat() if stamp else None,
    }


def fingerprint_of(certificate: bytes) -> str:
    """SHA-256 in hex of a DER certificate or CMS."""
    return hashlib.sha256(certificate).hexdigest()
