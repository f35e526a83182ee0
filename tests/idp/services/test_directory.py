"""The line above every page of a person."""

from __future__ import annotations

import pytest

from idp.core.errors import NotFound
from idp.core.scope import Scope
from tests.factories.console import Console


def test_a_face_says_name_role_and_class_and_stays_within_the_scope(console: Console) -> None:
    directory = console.parts.directory
    school = Scope("", "director", (console.school,))
    klass = Scope("", "class_teacher", (console.school,), classes=(console.klass,))
    pupil = directory.face(school, console.people["pupil"])
    assert (pupil.name, pupil.initials, pupil.note) == ("Серікова Айгерім Болатқызы", "АС", "Оқушы · 7 «Ә»")
    assert directory.face(klass, console.people["pupil"], language="ru").note == "Ученик · 7 «Ә»"
    assert directory.face(klass, console.people["guardian"]).note == "Ата-ана немесе заңды өкіл"
    with pytest.raises(NotFound):
        directory.face(klass, console.people["director"])
    with pytest.raises(NotFound):
        directory.face(school, console.people["other_pupil"])
