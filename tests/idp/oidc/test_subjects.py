"""oidc/subjects: nobody can match people of two vendors."""

from idp.oidc.subjects import Subjects

_SUBJECTS = Subjects(lambda use: use.encode() * 4)


def test_a_sector_sees_one_subject_and_another_sector_another() -> None:
    assert _SUBJECTS.sub("a.example", "p") == _SUBJECTS.sub("a.example", "p")
    assert len({_SUBJECTS.sub(sector, person) for sector in "ab" for person in "xy"}) == 4
    assert _SUBJECTS.sub("ab", "c") != _SUBJECTS.sub("a", "bc")


def test_a_session_has_another_sid_for_each_client() -> None:
    assert _SUBJECTS.sid("s", "one") != _SUBJECTS.sid("s", "two")
    assert _SUBJECTS.sid("s", "one") != _SUBJECTS.sub("one", "s")


def test_a_subject_is_short_opaque_ascii() -> None:
    sub = _SUBJECTS.sub("a.example", "p")
    assert sub.isascii()
    assert sub.isalnum()
    assert len(sub) == 52


def test_the_key_decides() -> None:
    assert Subjects(lambda use: b"other").sub("a", "p") != _SUBJECTS.sub("a", "p")


def test_records_are_pairwise_as_people_are() -> None:
    """Else two vendors would match people by the ids of their cards."""
    made = {_SUBJECTS.record(sector, kind, "x") for sector in "ab" for kind in ("cards", "consents")}
    assert len(made) == 4
    assert _SUBJECTS.record("a", "cards", "x") in made
    assert _SUBJECTS.sub("a", "x") not in made
