"""Claims an operator gives."""

from __future__ import annotations

from datetime import date

import pytest

from idp.core.errors import Invalid
from idp.services.claims_input import read_claims


def test_standard_claims_find_their_columns() -> None:
    claims = read_claims(
        {
            "given_name": "Айгерім", "email": "a@b.example", "email_verified": True, "phone_number": "8 701 123 45 67",
            "birthdate": "2013-05-17", "gender": "female", "locale": "kk", "website": "https://a.example",
            "address": {"country": "KZ"},
        }
    )  # fmt: skip
    assert claims.columns == {
        "given_name": "Айгерім", "email": "a@b.example", "email_verified": True, "phone": "+77011234567",
        "birth_date": date(2013, 5, 17), "sex": "female", "language": "kk",
    }  # fmt: skip
    assert claims.further == {"website": "https://a.example", "address": {"country": "KZ"}}


@pytest.mark.parametrize(
    "wrong",
    [{"iin": "1"}, {"sub": "x"}, {"email": "nobody"}, {"email_verified": "true"}, {"birthdate": "17.05.2013"},
     {"birthdate": 2013}, {"website": "javascript:alert(1)"}, {"address": {"planet": "Mars"}}, {"phone_number": "12"},
     {"locale": "kk; DROP"}, {"given_name": ""}, {"given_name": "x" * 300}, {"nickname": "a\nb"}, [], "text"],
)  # fmt: skip
def test_anything_else_is_refused(wrong: object) -> None:
    with pytest.raises(Invalid):
        read_claims(wrong)


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(Invalid, match="email, foo"):
        read_claims({"foo": 1, "email": "x", "name": "Ә"})
