"""Who may see personal data at a school today (Order № 179/НҚ; order-456 reference D18)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import func, select

from idp.core.names import full_name
from idp.core.scope import Scope
from idp.store.directory import holds
from idp.store.models.org import Organisation
from idp.store.models.people import Credential, Membership, Person
from idp.store.models.sessions import LoginSession
from idp.store.session import Tx

SECOND_FACTORS = ("passkey", "totp", "eds")
"""Credentials that lift a sign-in above a password."""


def staff(tx: Tx, scope: Scope, *, today: date) -> list[dict[str, Any]]:
    """`id name role school school_ru begin last_seen second_factor` of every role held today by who is no pupil and no
    guardian, in Kazakh order."""
    last = select(func.max(LoginSession.created_at)).where(LoginSession.person_id == Person.id).scalar_subquery()
    second = select(Credential.id).where(Credential.person_id == Person.id, Credential.method.in_(SECOND_FACTORS))
    query = (
        select(
            Person.id, Person.family_name, Person.given_name, Person.middle_name, Person.username, Membership.role,
            Organisation.name, Organisation.name_ru, Membership.begin, last, second.exists(),
        )
        .join(Membership, Membership.person_id == Person.id)
        .join(Organisation, Organisation.id == Membership.school_id)
        .where(Membership.school_id.in_(scope.schools), Membership.role.not_in(("pupil", "guardian")))
        .where(holds(Membership, today), Person.status == "active")
        .order_by(Person.sort_key, Person.id, Membership.role)
    )  # fmt: skip
    return [
        {
            "id": row[0], "name": full_name(*row[1:4]) or row[4], "role": row[5], "school": row[6],
            "school_ru": row[7] or row[6], "begin": row[8], "last_seen": row[9], "second_factor": bool(row[10]),
        }
        for row in tx.connection.execute(query)
    ]  # fmt: skip
