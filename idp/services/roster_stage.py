"""First half of an import: a bundle read once, as a stream, onto the scratch table; its source found out on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from idp.core import iin
from idp.core.ids import new_id
from idp.oneroster.errors import Problems, Unreadable
from idp.oneroster.ports import Bundle, IinVault
from idp.oneroster.records import KIND_OF, KINDS, Class, Course, Demographic, Enrollment, Record, Role, User
from idp.store import rosters, staging_checks
from idp.store.session import UnitOfWork
from idp.store.staging import Staging

_BATCH = 2000
_PEEK = 200
_NAMES: dict[type[Record], tuple[tuple[str, str], ...]] = {
    Course: (("org", "orgs"),),
    Class: (("org", "orgs"), ("sourced_id", "classes")),
    Role: (("org", "orgs"), ("user", "users")),
    User: (("sourced_id", "users"),),
    Demographic: (("sourced_id", "users"),),
    Enrollment: (("org", "orgs"), ("klass", "classes"), ("user", "users")),
}
Progress = Callable[[str, int], None]
"""Called with the name of a step and how many rows it has seen."""


def open_staging() -> Staging:
    return Staging({kind: record._fields for kind, record in KINDS.items()})


def digest(record: Record) -> str:
    """What an unchanged record has in common with itself: everything but where it stood and whether it ends."""
    parts = "\x1f".join(map(str, record[3:]))
    return hashlib.blake2b(parts.encode(), digest_size=12).hexdigest()


class Stager:
    """Stages one bundle. `is_complete` is False when some file could not be read to its end."""

    def __init__(
        self, uow: UnitOfWork, vault: IinVault, staging: Staging, problems: Problems, progress: Progress
    ) -> None:
        self._uow = uow
        self._vault = vault
        self._staging = staging
        self._problems = problems
        self._progress = progress
        self._school = ""
        self.source = ""
        self.is_new_source = False
        self.generation = ""
        self.is_complete = True

    def run(self, bundle: Bundle, school: str, again: Callable[[], Bundle]) -> None:
        """`school` is our id of the one school everything belongs to, or empty.

        `again` opens the bundle a second time with its problems kept to itself, to look ahead for organisations.
        """
        self._school = school
        with self._uow.read() as tx:
            self.generation = rosters.generation(tx)
        if "orgs" in bundle.modes:
            if school:
                self._problems.add("school_unexpected", bundle.label)
            self._load(bundle, "orgs")
        self._find_source(bundle, again)
        self._load_known()
        for file in bundle.modes:
            if file != "orgs":
                self._load(bundle, file)
        self._staging.index()

    def _find_source(self, bundle: Bundle, again: Callable[[], Bundle]) -> None:
        """The organisation the bundle is rooted in; a delta without organisations goes by those it names."""
        if self._school:
            self.source = self._school
            return
        own = [str(row[0]) for row in staging_checks.roots(self._staging)]
        # Only a delta may be recognised by less than its root: two districts whose systems both number schools from
        # one must never become one source, or one's children would overwrite the other's.
        is_whole = bundle.modes.get("orgs") == "bulk"
        named = {"orgs": own[:1] if is_whole else own} if own else _named(again())
        sources: list[str] = []
        with self._uow.read() as tx:
            for kind, ids in [("orgs", own[:1]), *named.items()]:
                sources = sources or rosters.sources_of(tx, kind, ids)
        if len(sources) == 1:
            self.source = sources[0]
        elif sources:
            raise self._problems.fatal("source_ambiguous", bundle.label, value=", ".join(sources[:3]))
        elif own or not bundle.modes:
            self.source = new_id()
            self.is_new_source = True
        else:
            raise self._problems.fatal("school_needed", bundle.label)

    def _load_known(self) -> None:
        if self.is_new_source:
            return
        with self._uow.read() as tx:
            for page in rosters.known(tx, self.source):
                self._staging.add_known(page)
        if self._school:
            self._staging.add_known([("orgs", self._school, self._school, "", 0)])

    def _load(self, bundle: Bundle, file: str) -> None:
        buffers: dict[type[Record], list[tuple[object, ...]]] = {}
        seen = 0
        try:
            for record in self._placed(bundle.records(file)):
                row = self._sealed(record) if isinstance(record, User) else record
                buffer = buffers.setdefault(type(record), [])
                buffer.append((*row, digest(row)))
                seen += 1
                if len(buffer) >= _BATCH:
                    self._flush(buffers)
                    self._progress(file, seen)
        except Unreadable:
            self.is_complete = False
        self._flush(buffers)
        self._progress(file, seen)

    def _flush(self, buffers: dict[type[Record], list[tuple[object, ...]]]) -> None:
        for record, rows in buffers.items():
            self._staging.add(KIND_OF[record], rows)
            rows.clear()

    def _placed(self, records: Iterator[Record]) -> Iterable[Record]:
        """With --school every organisation named anywhere is that school."""
        if not self._school:
            return records
        return (
            r._replace(org=self._school) if isinstance(r, Course | Class | Role | Enrollment) else r for r in records
        )

    def _sealed(self, user: User) -> User:
        """Puts the keyed hash in place of the ИИН and keeps the sealed number: it must not reach the disk in clear."""
        if not user.iin:
            return user
        person = self._staging.known_target("users", user.sourced_id) or new_id()
        born = iin.birth_date(user.iin)
        seal = self._vault.seal(person, user.iin)
        self._staging.add_seal(user.sourced_id, person, seal, born.isoformat() if born else "")
        lookup, *others = (lookup.hex() for lookup in self._vault.lookups(user.iin))
        self._staging.add_aliases(lookup, others)
        return user._replace(iin=lookup)


def _named(bundle: Bundle) -> dict[str, list[str]]:
    """Ids in the first rows of a bundle's files, by kind: organisations tell best, then classes, then people."""
    named: dict[str, dict[str, None]] = {"orgs": {}, "classes": {}, "users": {}}
    for file in bundle.modes:
        try:
            for record in islice(bundle.records(file), _PEEK):
                for field, kind in _NAMES.get(type(record), ()):
                    named[kind][getattr(record, field)] = None
        except Unreadable:
            return {}
    return {kind: [name for name in ids if name] for kind, ids in named.items()}
