"""Signed tokens, forged and spoiled: none is accepted where a token is believed.

Five places believe one: UserInfo and introspection (access tokens), `id_token_hint`, client assertions, and the
receiver of logout tokens in the clients' kit. A forgery takes a right token and changes who signed it or how it says
so; a spoiled one has a letter, a claim or a header changed, or is signed by somebody else.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.core.ids import new_id
from tests.factories import token_places
from tests.factories.forgeries import MALLORY, NONES, forgeries, part, signed, taken_apart
from tests.factories.token_places import Place

_NAMES = ("typ", "alg", "kid", "jwk", "jku", "x5c", "x5u", "x5t", "crit", "zip", "enc", "cty", "b64", "p2c", "nonce")
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_PLACES = ("UserInfo", "introspection", "id_token_hint", "client_assertion", "logout_token")


@pytest.fixture
def places() -> dict[str, Place]:
    return token_places.places()


@pytest.mark.parametrize("name", _PLACES)
def test_a_right_token_is_accepted(places: dict[str, Place], name: str) -> None:
    """Else everything below would prove nothing."""
    place = places[name]
    assert place.accepts(place.token())
    header, claims, _ = taken_apart(place.token())
    assert header["typ"] == place.typ
    assert place.accepts(signed(place.key, header, claims | ({"jti": new_id()} if name == "client_assertion" else {})))


@pytest.mark.parametrize("name", _PLACES)
def test_no_classic_forgery_is_accepted(
    places: dict[str, Place], name: str, effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    place, tried = places[name], 0
    for _ in range(effort(1, 20)):
        for forged in forgeries(place.token(), place.key, place.types):
            assert not place.accepts(forged), forged[:400]
            tried += 1
    counted("forged tokens", tried)


@pytest.mark.parametrize("name", _PLACES)
def test_a_genuine_signature_does_not_excuse_wrong_claims(places: dict[str, Place], name: str) -> None:
    place = places[name]
    header, claims, _ = taken_apart(place.token())
    for change in place.wrong_claims:
        changed = {key: value for key, value in (claims | dict(change)).items() if value is not None}
        assert not place.accepts(signed(place.key, header, changed)), change


@pytest.mark.parametrize("name", _PLACES)
def test_a_token_is_believed_in_one_place_only(places: dict[str, Place], name: str) -> None:
    """An ID token is no access token, a logout token no hint, and so on, whichever way they are exchanged."""
    readers_of_access = ("UserInfo", "introspection")
    for shown, place in places.items():
        is_same_kind = shown == name or (shown in readers_of_access and name in readers_of_access)
        assert is_same_kind or not places[name].accepts(place.token()), shown


@pytest.mark.parametrize("name", _PLACES)
def test_no_spoiled_token_is_accepted(
    places: dict[str, Place], name: str, effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    place, tried = places[name], 0
    examples = effort(60, 3000)

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples == 60,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def spoil(data: st.DataObject) -> None:
        nonlocal tried
        tried += 1
        token = place.token()
        header, claims, tail = taken_apart(token)
        kind = data.draw(st.sampled_from(("text", "claims", "header", "stolen")))
        if kind == "text":
            at, drop = data.draw(st.integers(0, len(token) - 1)), data.draw(st.integers(0, 4))
            spoiled = token[:at] + data.draw(st.text(max_size=4)) + token[at + drop :]
        elif kind == "claims":
            # Changed claims under the old signature.
            changed = claims | {data.draw(st.sampled_from(sorted(claims)) | st.text(max_size=6)): data.draw(_JSON)}
            spoiled = f"{part(header)}.{part(changed)}.{tail}"
        elif kind == "header":
            changed = header | {data.draw(st.sampled_from(_NAMES)): data.draw(_JSON | st.sampled_from(NONES))}
            spoiled = f"{part(changed)}.{part(claims)}.{tail}"
        else:
            changed = header | data.draw(st.dictionaries(st.sampled_from(_NAMES), _JSON, max_size=3))
            spoiled = signed(MALLORY, changed, claims)
        assert spoiled == token or not place.accepts(spoiled), spoiled

    spoil()
    counted("spoiled tokens", tried)
