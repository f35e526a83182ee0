"""services/passwords: the rule of a new password typed twice."""

from idp.services.passwords import minimum_length, mistakes
from idp.store.account import Named

PERSON = Named("p1", "aigerim", "Оспанова", "Айгерім", "", "kk")


def test_both_must_be_the_same() -> None:
    assert mistakes("тау мен көл", "тау мен көл.", PERSON, role="pupil") == ["mismatch"]


def test_the_persons_own_name_is_refused() -> None:
    assert mistakes("Оспанова-2026", "Оспанова-2026", PERSON, role="pupil") == ["contains_name"]


def test_a_good_one_has_no_mistakes() -> None:
    assert mistakes("тау мен көл", "тау мен көл", PERSON, role="pupil") == []
    assert minimum_length("director") > minimum_length("pupil")
