"""Who has a demo key: every adult of the demo school, two for the school, and some that must be refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from idp.cli.dev.demo_nca import DemoKey, DemoNca
from idp.cli.dev.nca import Holder, MiniNca
from idp.services.demo import SCHOOL_BIN, adults, made_up_iin

_SCHOOL = "№ 12 мектеп-гимназия"
_YEAR = timedelta(days=365)
_VALID = timedelta(days=3 * 365)
"""Longer than the NCA's year, so that a demo folder does not stop working."""


def make_demo_nca(now: datetime) -> DemoNca:
    """Both hierarchies and every demo key, anew."""
    demo = DemoNca({name: MiniNca.make(now, name) for name in ("gost2015", "rsa")}, {})
    for name, title, authority, holder in _holders():
        _add(demo, name, title, authority, holder, now - timedelta(days=1), now + _VALID)
    old = now - timedelta(days=400)
    gulnara = _holder_of("gulnara")
    _add(demo, "expired", f"{_full(gulnara)}, expired", "gost2015", gulnara, old, old + _YEAR)
    _add(demo, "revoked", f"{_full(gulnara)}, revoked", "gost2015", gulnara, now - timedelta(days=1), now + _VALID)
    demo.authorities["gost2015"].revoke(demo.keys["revoked"].key, now)
    return demo


def _add(
    demo: DemoNca, name: str, title: str, authority: str, holder: Holder, since: datetime, until: datetime
) -> None:
    key = demo.authorities[authority].issue(holder, not_before=since, not_after=until)
    demo.keys[name] = DemoKey(name, title, authority, key)


def _holders() -> Iterator[tuple[str, str, str, Holder]]:
    for adult in adults():
        holder = _holder_of(adult.username)
        yield adult.username, f"{_full(holder)} ({adult.username})", "gost2015", holder
    director = _holder_of("saule")
    school = Holder(
        director.iin, director.family_name, director.given_name, director.middle_name, _SCHOOL, SCHOOL_BIN, "head"
    )
    yield "saule-school", f"{_full(school)}, head of {_SCHOOL}", "gost2015", school
    teacher = _holder_of("marat")
    employee = Holder(teacher.iin, teacher.family_name, teacher.given_name, "", _SCHOOL, SCHOOL_BIN, "employee")
    yield "marat-school", f"{_full(employee)}, employee of {_SCHOOL}", "gost2015", employee
    stranger = Holder(made_up_iin("1984-03-08", "female", 4321), "ТАШЕНОВА", "АЙСҰЛУ", "ЕРЛАНҚЫЗЫ")
    yield "stranger", f"{_full(stranger)}, a parent who has never been here", "gost2015", stranger
    yield "gulnara-rsa", f"{_full(_holder_of('gulnara'))}, an old RSA key", "rsa", _holder_of("gulnara")
    system = Holder(stranger.iin, "", "ИС МЕКТЕП", organisation=_SCHOOL, bin=SCHOOL_BIN, role="infosystem")
    yield "system", "an information system, no person", "gost2015", system


def _holder_of(username: str) -> Holder:
    """Names in capitals, as the NCA writes them."""
    one = next(adult for adult in adults() if adult.username == username)
    family = one.family_name or "БАСҚАРУШЫ"
    return Holder(one.iin, family.upper(), one.given_name.upper(), one.middle_name.upper())


def _full(holder: Holder) -> str:
    return " ".join(part.title() for part in (holder.family_name, holder.given_name, holder.middle_name) if part)
