"""The only generator of people: a made-up region for tests, benchmarks and sandboxes, the same for the same seed.

Written as a OneRoster 1.2 bundle, one family after another, so that a million people need no more memory than ten.
Every made-up ИИН fails its checksum: it can be nobody's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from idp.core.iin import check_digit
from idp.oneroster.writer import BundleWriter
from idp.services import region_names as names
from idp.services.usernames import from_name

YEAR = 2026
_STAFF_SHARE = 0.06
_CLASS_SIZE = 24
_KINDS = (
    ("secondary", "жалпы орта мектебі", 11),
    ("secondary", "мектеп-гимназия", 11),
    ("basic", "негізгі мектебі", 9),
    ("secondary", "мектеп-лицей", 11),
    ("primary", "бастауыш мектебі", 4),
)
_OFFICES = ("principal", "ext:deputy", "ext:social_pedagogue", "ext:nurse", "ext:canteen", "ext:guard")


@dataclass(frozen=True, slots=True)
class Made:
    """Somebody made up."""

    id: str
    family: str
    given: str
    middle: str
    sex: str
    birth: date
    language: str


@dataclass(frozen=True, slots=True)
class MadeClass:
    id: str
    grade: int
    language: str


class Region:
    """Makes `people` persons in `schools` schools under one district."""

    def __init__(self, writer: BundleWriter, *, people: int, schools: int, seed: int) -> None:
        self._out = writer
        # Not chance: the same seed must make the same people, and nothing here is secret.
        self._random = Random(seed)  # noqa: S311
        self._people = people
        self._schools = max(1, min(schools or people // 1400, people))
        self._prefix = f"r{seed}"
        self._made = 0
        self._serials: dict[tuple[date, str], int] = {}
        self._usernames: dict[str, int] = {}

    def write(self, progress: Callable[[str, int], None]) -> None:
        """Writes everything; `progress` hears how many people there are so far."""
        district = f"{self._prefix}-district"
        self._out.write("orgs", {"sourcedId": district, "name": "Көктөбе ауданының білім бөлімі", "type": "district"})
        year = {"type": "schoolYear", "startDate": f"{YEAR}-09-01", "endDate": f"{YEAR + 1}-05-25"}
        session = f"{self._prefix}-year"
        self._out.write(
            "academicSessions",
            {"sourcedId": session, "title": f"{YEAR}–{YEAR + 1} оқу жылы", "schoolYear": str(YEAR + 1), **year},
        )
        for number in range(1, self._schools + 1):
            quota = self._people * number // self._schools - self._people * (number - 1) // self._schools
            self._school(number, quota, district, session)
            progress("people", self._made)

    def _school(self, number: int, quota: int, district: str, session: str) -> None:
        kind, words, top = _KINDS[(number - 1) % len(_KINDS)] if self._schools > 1 else _KINDS[0]
        school = f"{self._prefix}-s{number}"
        place = names.PLACES[number % len(names.PLACES)]
        self._out.write(
            "orgs",
            {
                "sourcedId": school,
                "name": f"{place} № {number} {words}",
                "type": f"ext:{kind}",
                "identifier": f"9{number:05d}",
                "parentSourcedId": district,
            },
        )
        staff_count = min(quota, max(2, round(quota * _STAFF_SHARE)))
        pupils = max(1, (quota - staff_count) * 53 // 100)
        classes = list(self._classes(school, pupils, top, session))
        staff = [self._staff(school, place_) for place_ in range(staff_count)]
        teachers = staff[len(_OFFICES) :] or staff[:1]
        for place_, klass in enumerate(classes if teachers else []):
            for lesson in range(min(3, len(teachers))):
                teacher = teachers[(place_ + lesson) % len(teachers)]
                self._enrol(school, klass.id, teacher, "teacher", is_primary=lesson == 0)
        left = quota - staff_count
        while left > 0:
            left -= self._family(school, classes, left)

    def _classes(self, school: str, pupils: int, top: int, session: str) -> Iterator[MadeClass]:
        letters = max(1, min(len(names.LETTERS), round(pupils / top / _CLASS_SIZE)))
        for grade in range(1, top + 1):
            for place in range(letters):
                language = "ru" if place == 2 else "kk"
                klass = MadeClass(f"{school}-c{grade}-{place}", grade, language)
                self._out.write(
                    "classes",
                    {
                        "sourcedId": klass.id,
                        "title": f"{grade} «{names.LETTERS[place]}»",
                        "grades": f"{grade:02d}",
                        "classType": "homeroom",
                        "schoolSourcedId": school,
                        "termSourcedIds": session,
                        "metadata.language": language,
                        "metadata.shift": "1" if grade in (1, 5, 9, 11) or letters < 3 else "2",
                    },
                )
                yield klass

    def _staff(self, school: str, place: int) -> str:
        sex = self._random.choice(("female", "female", "female", "male"))
        language = self._random.choice(("kk", "kk", "kk", "ru"))
        person = self._person(school, self._stem(language), sex, language, self._grown(25, 62), "")
        role = _OFFICES[place] if place < len(_OFFICES) else "teacher"
        self._write_person(person, school, role, grade="", agents=())
        return person.id

    def _family(self, school: str, classes: list[MadeClass], room: int) -> int:
        """One household of at most `room` people: one or two guardians, one to three children."""
        language = self._random.choice(("kk", "kk", "kk", "ru"))
        stem = self._stem(language)
        children = min(self._random.choice((1, 1, 2, 2, 3)), max(1, room - 1))
        guardians = min(self._random.choice((1, 2, 2)), room - children) if room > 1 else 0
        sexes = ("female", "male") if guardians == 2 else ("female",)
        parents = [self._person(school, stem, sexes[n], language, self._grown(28, 52), "") for n in range(guardians)]
        fathers = [parent.given for parent in parents if parent.sex == "male"]
        men = names.KK_MEN if language == "kk" else names.RU_MEN
        father = fathers[0] if fathers else self._random.choice(men)
        for parent in parents:
            role = "parent" if self._random.random() < 0.97 else "guardian"
            self._write_person(parent, school, role, grade="", agents=())
        for _ in range(children):
            klass = self._random.choice(classes)
            sex = self._random.choice(("female", "male"))
            birth = date(YEAR - 6 - klass.grade, 1, 1) + timedelta(self._random.randrange(365))
            child = self._person(school, stem, sex, language, birth, names.patronymic(father, sex, language))
            agents = tuple(parent.id for parent in parents)
            self._write_person(child, school, "student", grade=f"{klass.grade:02d}", agents=agents)
            self._enrol(school, klass.id, child.id, "student", is_primary=False)
        return guardians + children

    def _stem(self, language: str) -> str:
        return self._random.choice((*names.KK_STEMS, *names.KK_UNCHANGED) if language == "kk" else names.RU_FAMILIES)

    def _grown(self, youngest: int, oldest: int) -> date:
        return date(YEAR - self._random.randint(youngest, oldest), 1, 1) + timedelta(self._random.randrange(365))

    def _person(self, school: str, stem: str, sex: str, language: str, birth: date, middle: str) -> Made:
        women = names.KK_WOMEN if language == "kk" else names.RU_WOMEN
        men = names.KK_MEN if language == "kk" else names.RU_MEN
        self._made += 1
        given = self._random.choice(women if sex == "female" else men)
        family = names.family_name(stem, sex, language)
        return Made(f"{school}-p{self._made}", family, given, middle, sex, birth, language)

    def _write_person(self, person: Made, school: str, role: str, *, grade: str, agents: tuple[str, ...]) -> None:
        username = self._username(person)
        grown = role != "student"
        self._out.write(
            "users",
            {
                "sourcedId": person.id,
                "enabledUser": "true",
                "username": username,
                "givenName": person.given,
                "familyName": person.family,
                "email": f"{username}@koktobe.example" if grown else "",
                "sms": f"+77000{self._made % 1_000_000:06d}" if grown else "",
                "agentSourcedIds": ",".join(agents),
                "grades": grade,
                "primaryOrgSourcedId": school,
                "metadata.iin": self.iin(person.birth, person.sex),
                "metadata.patronymic": person.middle,
                "metadata.language": person.language,
            },
        )
        self._out.write(
            "roles",
            {
                "sourcedId": f"{person.id}-r",
                "userSourcedId": person.id,
                "roleType": "primary",
                "role": role,
                "beginDate": f"{YEAR}-09-01",
                "orgSourcedId": school,
            },
        )
        birth = {"sourcedId": person.id, "birthDate": person.birth.isoformat(), "sex": person.sex}
        self._out.write("demographics", birth)

    def _enrol(self, school: str, klass: str, user: str, role: str, *, is_primary: bool) -> None:
        self._out.write(
            "enrollments",
            {
                "sourcedId": f"{klass}-{user}",
                "classSourcedId": klass,
                "schoolSourcedId": school,
                "userSourcedId": user,
                "role": role,
                "primary": "true" if is_primary else "false",
                "beginDate": f"{YEAR}-09-01",
            },
        )

    def _username(self, person: Made) -> str:
        base = from_name(person.given, person.family)
        number = self._usernames.get(base, 0) + 1
        self._usernames[base] = number
        return base if number == 1 else f"{base}{number}"

    def iin(self, birth: date, sex: str) -> str:
        """Twelve digits with a real date and a wrong check digit, never the same twice."""
        number = self._serials.get((birth, sex), 0)
        self._serials[birth, sex] = number + 1
        century = (5 if birth.year >= 2000 else 3) + (sex == "female")
        first = f"{birth:%y%m%d}{century}{(number * 7919 + birth.toordinal()) % 10_000:04d}"
        right = check_digit(first)
        return f"{first}{(5 if right is None else right + 1 + number // 10_000) % 10}"
