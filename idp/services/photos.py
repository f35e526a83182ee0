"""Photos of people: one on the person's page, many in an archive that is reported on before anything is kept."""

from __future__ import annotations

import base64
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath
from typing import IO

from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, Invalid, NotFound
from idp.core.ids import new_secret
from idp.core.scope import Scope
from idp.services.acting import Actor
from idp.services.directory import reached
from idp.services.pictures import LARGEST_FILE, portrait
from idp.store import audit, directory, feed, one_time, photos
from idp.store.session import Tx, UnitOfWork

LARGEST_ARCHIVE = 64 * 1024 * 1024
MOST_PICTURES = 500
PURPOSE = "photos"
KEEP = timedelta(hours=1)
"""How long pictures wait between the report and the word to keep them."""


@dataclass(frozen=True, slots=True)
class ArchiveReport:
    """File names by what becomes of them. `ticket` keeps what is good; empty when nothing is."""

    new: tuple[str, ...]
    replaced: tuple[str, ...]
    unknown: tuple[str, ...]
    spoiled: tuple[str, ...]
    ticket: str


class Photos:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def put(self, actor: Actor, scope: Scope, person_id: str, data: bytes) -> None:
        """Raises Invalid (`photo`), NotFound, Conflict (`person_left`)."""
        image = portrait(data)
        now = self._clock.now()
        with self._uow.write() as tx:
            self._check(tx, scope, person_id)
            photos.put(tx, person_id, image, by=actor.person_id, now=now)
            self._tell(tx, actor, scope, person_id, "put")

    def remove(self, actor: Actor, scope: Scope, person_id: str) -> None:
        """Raises NotFound, Conflict (`person_left`)."""
        with self._uow.write() as tx:
            self._check(tx, scope, person_id)
            if photos.remove(tx, person_id):
                self._tell(tx, actor, scope, person_id, "removed")

    def one(self, scope: Scope, person_id: str) -> bytes:
        """The JPEG. Raises NotFound for who does not belong to the scope today, and where there is none."""
        with self._uow.read() as tx:
            if not directory.within(tx, scope, person_id, today=local_date(self._clock.now())):
                raise NotFound("no such person")
            image = photos.one(tx, person_id)
        if image is None:
            raise NotFound("no photo")
        return image

    def examine(self, actor: Actor, scope: Scope, archive: IO[bytes]) -> ArchiveReport:
        """What an archive would do: file names are usernames or ids. Nothing is changed; good pictures wait an hour.

        Raises Invalid (`archive`) for what is no archive, or one too large.
        """
        now = self._clock.now()
        new: list[str] = []
        replaced: list[str] = []
        unknown: list[str] = []
        spoiled: list[str] = []
        waiting: dict[str, str] = {}
        with _opened(archive) as (opened, files):
            with self._uow.read() as tx:
                known = photos.named(tx, scope, list(files), today=local_date(now))
            for name, entry in files.items():
                if name not in known:
                    unknown.append(name)
                    continue
                person_id, has_photo = known[name]
                try:
                    image = portrait(_read(opened, entry))
                except Invalid:
                    spoiled.append(name)
                    continue
                (replaced if has_photo else new).append(name)
                waiting[person_id] = new_secret()
                kept = {"image": base64.b64encode(image).decode()}
                with self._uow.write() as tx:
                    one_time.put(tx, waiting[person_id], purpose=PURPOSE, data=kept, now=now, ttl=KEEP)
        ticket = new_secret()
        if waiting:
            about = {"actor": actor.person_id, "school": list(scope.schools), "people": waiting}
            with self._uow.write() as tx:
                one_time.put(tx, ticket, purpose=PURPOSE, data=about, now=now, ttl=KEEP)
        return ArchiveReport(tuple(new), tuple(replaced), tuple(unknown), tuple(spoiled), ticket if waiting else "")

    def keep(self, actor: Actor, scope: Scope, ticket: str) -> int:
        """Keeps the pictures of a report; returns how many. Raises NotFound for one that is over or somebody else's."""
        now, kept = self._clock.now(), 0
        with self._uow.write() as tx:
            about = one_time.peek(tx, ticket, purpose=PURPOSE, now=now)
            if about is None or about.get("actor") != actor.person_id or about.get("school") != list(scope.schools):
                raise NotFound("no such report")
            one_time.consume(tx, ticket, purpose=PURPOSE, now=now)
        for person_id, key in about["people"].items():
            with self._uow.write() as tx:
                found = one_time.consume(tx, key, purpose=PURPOSE, now=now)
                if found and directory.within(tx, scope, person_id, today=local_date(now), for_writing=True):
                    photos.put(tx, person_id, base64.b64decode(found["image"]), by=actor.person_id, now=now)
                    self._tell(tx, actor, scope, person_id, "put")
                    kept += 1
        return kept

    def _check(self, tx: Tx, scope: Scope, person_id: str) -> None:
        today = local_date(self._clock.now())
        reached(tx, scope, person_id, today=today)
        if not directory.within(tx, scope, person_id, today=today, for_writing=True):
            raise Conflict("who has left is not changed here", code="person_left")

    def _tell(self, tx: Tx, actor: Actor, scope: Scope, person_id: str, what: str) -> None:
        now = self._clock.now()
        at = [(school_id, person_id) for school_id in directory.schools_anywhere(tx, person_id)]
        feed.append(tx, "people", "changed", at, now=now)
        audit.record(
            tx, event="photo_changed", now=now, actor_id=actor.person_id, person_id=person_id,
            school_id=scope.schools[0], data={"what": what},
        )  # fmt: skip


@contextmanager
def _opened(archive: IO[bytes]) -> Iterator[tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]]:
    """The archive and its files by name without ending. One is read at a time: what they unpack to may be much."""
    try:
        with zipfile.ZipFile(archive) as opened:
            files = [one for one in opened.infolist() if not one.is_dir() and not _is_litter(one.filename)]
            if len(files) > MOST_PICTURES:
                raise Invalid(f"more than {MOST_PICTURES} pictures", code="archive")
            yield opened, {PurePosixPath(one.filename).stem.lower(): one for one in files}
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, OSError) as error:
        raise Invalid("this is no archive", code="archive", detail=str(error)[:100]) from None


def _read(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The octets of one file. What the archive says of sizes is not trusted. Raises Invalid (`photo`)."""
    try:
        with opened.open(entry) as file:
            data = file.read(LARGEST_FILE + 1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise Invalid("the file cannot be unpacked", code="photo", detail=type(error).__name__) from None
    if len(data) > LARGEST_FILE:
        raise Invalid("the file is too large", code="photo")
    return data


def _is_litter(name: str) -> bool:
    """What Macs and Windows put in by themselves."""
    path = PurePosixPath(name)
    return "__MACOSX" in path.parts or path.name.startswith(".") or path.name.lower() == "thumbs.db"
