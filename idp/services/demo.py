"""Made-up people: the demo school of `make run`, and regions of any size. Both come in by the ordinary import."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from idp.core.clock import Clock
from idp.core.errors import Denied
from idp.core.iin import check_digit
from idp.oneroster.writer import BundleWriter, bundle_writer
from idp.services.claims_input import Claims
from idp.services.demo_calendar import make_calendar
from idp.services.people import People
from idp.services.region import Region
from idp.services.rosters import Report, Rosters
from idp.store import credentials, people
from idp.store.session import UnitOfWork

ACCOUNTS = ("aigerim", "nurlan", "gulnara", "marat", "asel", "saule", "admin")
"""Who gets a password; roles in `_PEOPLE`, `admin` is the operator."""

SCHOOL_BIN = "960940000011"
"""БИН of the gymnasium: made up, fails its check digit."""
_VILLAGE_BIN = "720640000015"

_DISTRICT = "demo-district"
_GYMNASIUM = "demo-school-12"
_VILLAGE = "demo-school-5"
_YEAR = "demo-year"

_ORGS = (
    (_DISTRICT, "Көктөбе ауданының білім бөлімі", "district", "", ""),
    (_GYMNASIUM, "№ 12 мектеп-гимназия", "ext:secondary", _DISTRICT, SCHOOL_BIN),
    (_VILLAGE, "№ 5 ауыл мектебі", "ext:basic", _DISTRICT, _VILLAGE_BIN),
)
_CLASSES = (
    ("demo-12-1a", "1 «А»", "01", _GYMNASIUM),
    ("demo-12-7ae", "7 «Ә»", "07", _GYMNASIUM),
    ("demo-5-1a", "1 «А»", "01", _VILLAGE),
    ("demo-5-7a", "7 «А»", "07", _VILLAGE),
)
_PEOPLE = (
    # username, family, given, middle, role, school, grade, class, agents, birth, sex, language
    ("saule", "Омарова", "Сәуле", "", "principal", _GYMNASIUM, "", "", "", "1975-04-12", "female", "kk"),
    ("zhanar", "Қасымова", "Жанар", "", "ext:deputy", _GYMNASIUM, "", "", "", "1981-02-03", "female", "kk"),
    ("marat", "Ахметов", "Марат", "", "teacher", _GYMNASIUM, "", "demo-12-7ae", "", "1986-09-30", "male", "kk"),
    ("dinara", "Есенғалиева", "Динара", "", "teacher", _GYMNASIUM, "", "demo-12-1a", "", "1990-06-18", "female", "kk"),
    ("ulpan", "Дулат", "Ұлпан", "", "ext:social_pedagogue", _GYMNASIUM, "", "", "", "1988-11-02", "female", "kk"),
    ("olga", "Шевченко", "Ольга", "", "ext:nurse", _GYMNASIUM, "", "", "", "1979-03-21", "female", "ru"),
    ("asel", "Байжанова", "Әсел", "", "ext:canteen", _GYMNASIUM, "", "", "", "1992-12-08", "female", "kk"),
    ("talgat", "Оспанов", "Талғат", "", "ext:guard", _GYMNASIUM, "", "", "", "1970-01-15", "male", "kk"),
    ("gulnara", "Серікова", "Гүлнара", "", "parent", _GYMNASIUM, "", "", "", "1985-05-25", "female", "kk"),
    ("bolat", "Серіков", "Болат", "", "parent", _GYMNASIUM, "", "", "", "1983-10-10", "male", "kk"),
    ("elena", "Ким", "Елена", "", "parent", _GYMNASIUM, "", "", "", "1987-07-07", "female", "ru"),
    ("aigerim", "Серікова", "Айгерім", "Болатқызы", "student", _GYMNASIUM, "07", "demo-12-7ae", "gulnara,bolat",
     "2013-05-17", "female", "kk"),
    ("alikhan", "Тоқтар", "Әлихан", "Ерланұлы", "student", _GYMNASIUM, "07", "demo-12-7ae", "", "2013-08-02",
     "male", "kk"),
    ("tomiris", "Сатыбалды", "Томирис", "", "student", _GYMNASIUM, "07", "demo-12-7ae", "", "2013-11-23",
     "female", "kk"),
    ("ilyas", "Қыдыр", "Ілияс", "Мұратұлы", "student", _GYMNASIUM, "07", "demo-12-7ae", "", "2014-01-30", "male", "kk"),
    ("polina", "Ким", "Полина", "Андреевна", "student", _GYMNASIUM, "07", "demo-12-7ae", "elena",
     "2013-09-14", "female",
     "ru"),
    ("nurlan", "Серіков", "Нұрлан", "Болатұлы", "student", _GYMNASIUM, "01", "demo-12-1a", "gulnara,bolat",
     "2019-09-09",
     "male", "kk"),
    ("aisha", "Жақсылықова", "Айша", "", "student", _GYMNASIUM, "01", "demo-12-1a", "", "2019-12-01", "female", "kk"),
    ("miras", "Рахымов", "Мирас", "Асхатұлы", "student", _GYMNASIUM, "01", "demo-12-1a", "", "2020-02-11",
     "male", "kk"),
    ("kuat", "Молдағалиев", "Қуат", "", "principal", _VILLAGE, "", "", "", "1968-08-08", "male", "kk"),
    ("perizat", "Үсенова", "Перизат", "", "teacher", _VILLAGE, "", "demo-5-7a", "", "1994-04-04", "female", "kk"),
    ("raushan", "Кәрімова", "Раушан", "", "teacher", _VILLAGE, "", "demo-5-1a", "", "1977-05-19", "female", "kk"),
    ("daniyar", "Мұқан", "Данияр", "", "student", _VILLAGE, "07", "demo-5-7a", "", "2013-03-03", "male", "kk"),
    ("inzhu", "Төлегенова", "Інжу", "Қайратқызы", "student", _VILLAGE, "01", "demo-5-1a", "", "2019-10-20",
     "female", "kk"),
    ("gauhar", "Өтегенова", "Гауһар", "Маратқызы", "ext:secretary", _GYMNASIUM, "", "", "", "1989-01-09",
     "female", "kk"),
    ("sanzhar", "Жүнісов", "Санжар", "", "ext:data_protection", _GYMNASIUM, "", "", "", "1984-06-26", "male", "kk"),
)  # fmt: skip


def pupils() -> list[str]:
    """Usernames of the gymnasium's pupils."""
    return [person[0] for person in _PEOPLE if person[4] == "student" and person[5] == _GYMNASIUM]


@dataclass(frozen=True, slots=True)
class Adult:
    """Somebody of the demo school who may hold an ЭЦҚ."""

    username: str
    family_name: str
    given_name: str
    middle_name: str
    role: str
    iin: str


def adults() -> list[Adult]:
    """Everybody of the demo school but pupils, and the operator last."""
    found = [Adult(*person[:5], iin=_iin(person[0])) for person in _PEOPLE if person[4] != "student"]
    return [*found, Adult("admin", "", "Әкімші", "", "operator", made_up_iin("1980-01-01", "male", 999))]


def made_up_iin(birth: str, sex: str, serial: int) -> str:
    """A number that fits a date of birth (`1985-05-25`) and sex, with a wrong check digit, so that it is nobody's."""
    century = (5 if birth >= "2000" else 3) + (sex == "female")
    first = f"{birth[2:4]}{birth[5:7]}{birth[8:10]}{century}{serial:04d}"
    return f"{first}{((check_digit(first) or 0) + 1) % 10}"


def _iin(username: str) -> str:
    """Of an adult; pupils have none here."""
    for serial, person in enumerate(_PEOPLE, start=1):
        if person[0] == username and person[4] != "student":
            return made_up_iin(person[9], person[10], serial)
    return ""


def _quiet(_step: str, _rows: int) -> None:
    """No progress shown."""


def region(
    rosters: Rosters | None, *, people_count: int, schools: int, seed: int, out: Path | None,
    progress: Callable[[str, int], None] = _quiet,
) -> Report | None:  # fmt: skip
    """Writes a made-up region to the folder or zip `out`, or imports it at once. Never in production.

    Its ИИН all fail the checksum, so importing needs `Rosters(is_dev=True)`.
    """
    if out is not None:
        with bundle_writer(out) as writer:
            Region(writer, people=people_count, schools=schools, seed=seed).write(progress)
        return None
    if rosters is None:
        raise Denied("made-up people do not belong into a production database", code="not_in_production")
    with tempfile.TemporaryDirectory(prefix="bilim-id-region-") as scratch:
        with bundle_writer(Path(scratch)) as writer:
            Region(writer, people=people_count, schools=schools, seed=seed).write(progress)
        return rosters.import_path(Path(scratch), progress=progress)


def demo_school(
    rosters: Rosters, people_: People, uow: UnitOfWork, clock: Clock, *, passwords: Mapping[str, str],
    hash_password: Callable[[str], str],
) -> Report:  # fmt: skip
    """Makes «№ 12 мектеп-гимназия» and «№ 5 ауыл мектебі» with everybody in them; safe to call at every start.

    `passwords` holds one for each of ACCOUNTS; it is set where there is none yet, so a changed password stays changed.
    """
    with tempfile.TemporaryDirectory(prefix="bilim-id-demo-") as scratch:
        with bundle_writer(Path(scratch)) as writer:
            _write(writer)
        report = rosters.import_path(Path(scratch))
    missing = []
    with uow.read() as tx:
        for username in ACCOUNTS:
            person = people.by_username(tx, username)
            if person is None or credentials.by_person(tx, person, "password") is None:
                missing.append((username, person))
    new = []
    for username, person in missing:
        if person is None and username == "admin":
            names = Claims({"given_name": "Әкімші", "family_name": "", "middle_name": ""})
            people_.add(
                username=username, password=passwords[username], role="operator", school=report.source, claims=names
            )
        elif person is not None:
            new.append((person, {"hash": hash_password(passwords[username])}))
    if new:
        with uow.write() as tx:
            credentials.replace(tx, "password", new, must_change=False, now=clock.now())
    make_calendar(uow, clock, SCHOOL_BIN)
    return report


def _write(writer: BundleWriter) -> None:
    for sourced_id, name, kind, parent, number in _ORGS:
        writer.write(
            "orgs",
            {"sourcedId": sourced_id, "name": name, "type": kind, "parentSourcedId": parent, "identifier": number},
        )
    year = {"type": "schoolYear", "startDate": "2026-09-01", "endDate": "2027-05-25", "schoolYear": "2027"}
    writer.write("academicSessions", {"sourcedId": _YEAR, "title": "2026–2027 оқу жылы", **year})
    for sourced_id, title, grade, school in _CLASSES:
        klass = {"sourcedId": sourced_id, "title": title, "grades": grade, "classType": "homeroom"}
        place = {"schoolSourcedId": school, "termSourcedIds": _YEAR, "metadata.language": "kk", "metadata.shift": "1"}
        writer.write("classes", klass | place)
    for person in _PEOPLE:
        _write_person(writer, *person)


def _write_person(
    writer: BundleWriter, username: str, family: str, given: str, middle: str, role: str, school: str, grade: str,
    klass: str, agents: str, birth: str, sex: str, language: str,
) -> None:  # fmt: skip
    """Usernames serve as ids of the source too."""
    name = {"familyName": family, "givenName": given, "metadata.patronymic": middle, "metadata.language": language}
    name["metadata.iin"] = _iin(username)
    user = {"sourcedId": username, "enabledUser": "true", "username": username, "primaryOrgSourcedId": school}
    writer.write("users", user | name | {"grades": grade, "agentSourcedIds": agents})
    held = {"userSourcedId": username, "roleType": "primary", "role": role, "orgSourcedId": school}
    writer.write("roles", {"sourcedId": f"{username}-role", **held, "beginDate": "2026-09-01"})
    writer.write("demographics", {"sourcedId": username, "birthDate": birth, "sex": sex})
    if klass:
        is_teacher = role == "teacher"
        writer.write(
            "enrollments",
            {
                "sourcedId": f"{klass}-{username}", "classSourcedId": klass, "schoolSourcedId": school,
                "userSourcedId": username, "role": "teacher" if is_teacher else "student",
                "primary": "true" if is_teacher else "false", "beginDate": "2026-09-01",
            },
        )  # fmt: skip
