"""Photos of people."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from idp.core.errors import Conflict, Invalid, NotFound
from idp.core.scope import Scope
from idp.services import photos as service
from tests.factories.console import Console
from tests.idp.services.test_rank import actor


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (30, 40), "navy").save(out, "JPEG")
    return out.getvalue()


def _archive(*names: str) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in names:
            file.writestr(name, _picture())
    return out


def test_an_archive_waits_for_a_word_of_who_sent_it(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    photos, scope = console.parts.photos, Scope("", "director", (console.school,))
    director, secretary = actor(console, "director"), actor(console, "secretary")
    photos.put(director, scope, console.people["nurse"], _picture())
    sent = _archive("a/pupil.JPG", "nurse.jpg", "other_pupil.jpg", f"{console.people['guard']}.jpg", ".hidden", "b/")
    report = photos.examine(director, scope, sent)
    assert (report.new, report.replaced, report.unknown) == (
        ("pupil", console.people["guard"]), ("nurse",), ("other_pupil",),
    )  # fmt: skip
    with pytest.raises(NotFound):
        photos.one(scope, console.people["pupil"])
    with pytest.raises(NotFound):
        photos.keep(secretary, scope, report.ticket)
    assert photos.keep(director, scope, report.ticket) == 3
    with pytest.raises(NotFound):
        photos.keep(director, scope, report.ticket)
    assert photos.one(scope, console.people["pupil"]).startswith(b"\xff\xd8")
    late = photos.examine(director, scope, _archive("pupil.jpg"))
    console.clock.advance(hours=2)
    with pytest.raises(NotFound):
        photos.keep(director, scope, late.ticket)
    assert photos.examine(director, scope, _archive("nobody.jpg")).ticket == ""
    monkeypatch.setattr(service, "MOST_PICTURES", 1)
    for bad in (io.BytesIO(b"PK no zip"), _archive("a.jpg", "b.jpg")):
        with pytest.raises(Invalid):
            photos.examine(director, scope, bad)


def test_a_photo_is_put_and_removed_within_the_scope(console: Console) -> None:
    photos, director = console.parts.photos, actor(console, "director")
    scope, pupil = Scope("", "director", (console.school,)), console.people["pupil"]
    with pytest.raises(NotFound):
        photos.put(director, scope, console.people["other_pupil"], _picture())
    with pytest.raises(Invalid):
        photos.put(director, scope, pupil, b"x")
    photos.put(director, scope, pupil, _picture())
    photos.remove(director, scope, pupil)
    photos.remove(director, scope, pupil)
    console.parts.person_edits.end_membership(director, scope, pupil, console.memberships["pupil"])
    with pytest.raises(Conflict):
        photos.put(director, scope, pupil, _picture())
