"""Numbers about many people and about nobody (Law № 94-V art. 17): counted in the database, by group."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise

from sqlalchemy import ColumnElement, and_, case, distinct, func, select

from idp.core.scope import Scope
from idp.store import consent_records, guardianships
from idp.store.directory import holds
from idp.store.models.audit import AuditEvent
from idp.store.models.consents import ConsentRecord
from idp.store.models.people import Enrolment, Guardianship, Membership, SchoolClass
from idp.store.session import Tx


def by_role(tx: Tx, scope: Scope, *, today: date) -> dict[str, int]:
    """People by role today; somebody with two roles counts in both."""
    query = (
        select(Membership.role, func.count(distinct(Membership.person_id)))
        .where(Membership.school_id.in_(scope.schools), holds(Membership, today))
        .group_by(Membership.role)
    )
    return {row[0]: row[1] for row in tx.connection.execute(query)}


def pupils_by_grade(tx: Tx, scope: Scope, *, today: date) -> dict[str, int]:
    query = (
        select(Membership.grade, func.count(distinct(Membership.person_id)))
        .where(Membership.school_id.in_(scope.schools), Membership.role == "pupil", holds(Membership, today))
        .group_by(Membership.grade)
    )
    return {row[0]: row[1] for row in tx.connection.execute(query)}


def pupils_by_class(tx: Tx, scope: Scope, column: str, *, today: date) -> dict[str, int]:
    """Pupils by `language` or `shift` of their homeroom class."""
    value = {"language": SchoolClass.language, "shift": SchoolClass.shift}[column]
    query = (
        select(value, func.count(distinct(Enrolment.person_id)))
        .join(SchoolClass, and_(SchoolClass.id == Enrolment.class_id, SchoolClass.school_id == Enrolment.school_id))
        .where(Enrolment.school_id.in_(scope.schools), Enrolment.role == "pupil", SchoolClass.kind == "homeroom")
        .where(holds(Enrolment, today))
        .group_by(value)
    )
    return {row[0]: row[1] for row in tx.connection.execute(query)}


def pupils_by_guardians(tx: Tx, scope: Scope, *, today: date) -> dict[str, int]:
    """Pupils with `0`, `1`, `2` guardians who may act for them today; `2` stands for two and more."""
    links = (
        select(func.count())
        .select_from(Guardianship)
        .where(Guardianship.child_id == Membership.person_id, guardianships.holds(today))
        .correlate(Membership)
        .scalar_subquery()
    )
    pupils = (
        select(Membership.person_id, links.label("links"))
        .where(Membership.school_id.in_(scope.schools), Membership.role == "pupil", holds(Membership, today))
        .distinct()
        .subquery()
    )
    group = case((pupils.c.links == 0, "0"), (pupils.c.links == 1, "1"), else_="2")
    query = select(group, func.count()).select_from(pupils).group_by(group)
    return {row[0]: row[1] for row in tx.connection.execute(query)}


def consents_by_purpose(tx: Tx, scope: Scope, *, today: date) -> dict[str, int]:
    """People about whom a consent holds today, by purpose; who has left is not among them."""
    query = (
        select(ConsentRecord.purpose, func.count(distinct(ConsentRecord.person_id)))
        .where(ConsentRecord.school_id.in_(scope.schools), consent_records.holds(today))
        .group_by(ConsentRecord.purpose)
    )
    return {row[0]: row[1] for row in tx.connection.execute(query)}


def sign_ins(tx: Tx, scope: Scope, edges: Sequence[datetime]) -> dict[str, list[int]]:
    """Sign-ins by method, for each span between two `edges`, of people who ever had a role at the schools."""
    method = AuditEvent.data["method"].as_string()
    of_schools = select(Membership.person_id).where(Membership.school_id.in_(scope.schools))
    spans: list[ColumnElement[int]] = [
        func.sum(case((and_(AuditEvent.at >= begin, AuditEvent.at < end), 1), else_=0))
        for begin, end in pairwise(edges)
    ]
    query = (
        select(method, *spans)
        .where(AuditEvent.event == "login", AuditEvent.at >= edges[0], AuditEvent.at < edges[-1])
        .where(AuditEvent.person_id.in_(of_schools))
        .group_by(method)
    )
    return {row[0] or "": [int(value) for value in row[1:]] for row in tx.connection.execute(query)}
