"""saml/authn_context: our levels as context classes, and each comparison against a simple model."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.core import levels
from idp.saml import names
from idp.saml.authn_context import CLASSES, COMPARISONS, RequestedContext, acr_values, read, satisfied
from idp.saml.errors import NoAuthnContext
from idp.xml.build import element
from idp.xml.parser import Element

_SAMLP, _SAML = f"{{{names.SAMLP}}}", f"{{{names.SAML}}}"
UNKNOWN = "urn:oasis:names:tc:SAML:2.0:ac:classes:Kerberos"


def _asked(*classes: str, comparison: str | None = None, declarations: tuple[str, ...] = ()) -> Element:
    refs = [element(f"{_SAML}AuthnContextClassRef", None, one) for one in classes]
    declared = [element(f"{_SAML}AuthnContextDeclRef", None, one) for one in declarations]
    return element(f"{_SAMLP}RequestedAuthnContext", {"Comparison": comparison}, *refs, *declared)


def _parent(*asked: Element) -> Element:
    return element(f"{_SAMLP}AuthnRequest", None, *asked)


def test_what_is_asked_is_read_in_its_order() -> None:
    assert read(_parent()) is None
    assert read(_parent(_asked("b", " a\n"))) == RequestedContext("exact", ("b", "a"))
    for comparison in COMPARISONS:
        assert read(_parent(_asked("a", comparison=comparison))) == RequestedContext(comparison, ("a",))


def test_an_empty_request_asks_for_nothing_and_declarations_for_what_we_do_not_have() -> None:
    assert read(_parent(_asked())) is None
    declared = read(_parent(_asked(declarations=("urn:x",))))
    assert declared == RequestedContext("exact", ())
    for decide in (acr_values, lambda asked: satisfied(asked, levels.EDS)):
        with pytest.raises(NoAuthnContext):
            decide(declared)


def test_what_is_malformed_is_refused() -> None:
    for wrong in (
        _parent(_asked("a"), _asked("a")),
        _parent(_asked("a", comparison="Exact")),
        _parent(_asked("a", comparison="")),
        _parent(_asked("a", declarations=("b",))),
        _parent(_asked(*map(str, range(33)))),
        _parent(_asked("a" * 513)),
    ):
        with pytest.raises(ValueError, match=r".+"):
            read(wrong)


@pytest.mark.parametrize(
    ("held", "usual"),
    [
        (levels.PUPIL, levels.PUPIL),
        (levels.PASSWORD, names.CONTEXT_PPT),
        (levels.MFA, names.CONTEXT_MFA),
        (levels.EDS, names.CONTEXT_X509),
        ("urn:unknown", names.CONTEXT_UNSPECIFIED),
    ],
)
def test_without_a_request_the_usual_class_of_the_level_is_stated(held: str, usual: str) -> None:
    assert satisfied(None, held) == usual
    assert acr_values(None) == ()


def test_what_python3_saml_always_asks_for_is_met_by_stronger_sign_ins_too() -> None:
    asked = RequestedContext("exact", (names.CONTEXT_PPT,))
    assert acr_values(asked) == (levels.PASSWORD,)
    for held in (levels.PASSWORD, levels.MFA, levels.EDS):
        assert satisfied(asked, held) == names.CONTEXT_PPT
    with pytest.raises(NoAuthnContext):
        satisfied(asked, levels.PUPIL)


def test_the_first_class_that_is_reached_is_stated() -> None:
    """REFEDS MFA profile: an SP lists what it would accept, the best first."""
    asked = RequestedContext("exact", (names.CONTEXT_MFA, UNKNOWN, names.CONTEXT_SFA, names.CONTEXT_PPT))
    assert acr_values(asked) == (levels.MFA, levels.PASSWORD)
    assert satisfied(asked, levels.MFA) == satisfied(asked, levels.EDS) == names.CONTEXT_MFA
    assert satisfied(asked, levels.PASSWORD) == names.CONTEXT_SFA


def test_a_smart_card_is_stated_only_for_a_key_in_hardware() -> None:
    asked = RequestedContext("exact", (names.CONTEXT_SMARTCARD_PKI,))
    assert satisfied(asked, levels.EDS, ("hwk",)) == names.CONTEXT_SMARTCARD_PKI
    with pytest.raises(NoAuthnContext):
        satisfied(asked, levels.EDS, ("swk",))
    either = RequestedContext("minimum", asked.classes)
    assert satisfied(either, levels.EDS, ("swk",)) == names.CONTEXT_X509
    assert satisfied(either, levels.EDS, ("hwk",)) == names.CONTEXT_SMARTCARD_PKI


def test_nobody_is_stronger_than_the_strongest() -> None:
    with pytest.raises(NoAuthnContext):
        acr_values(RequestedContext("better", (names.CONTEXT_X509,)))
    assert acr_values(RequestedContext("better", (names.CONTEXT_PPT, names.CONTEXT_MFA))) == (levels.EDS,)
    assert acr_values(RequestedContext("better", (names.CONTEXT_UNSPECIFIED,))) == (levels.PUPIL,)
    with pytest.raises(NoAuthnContext):
        acr_values(RequestedContext("better", (names.CONTEXT_PPT, UNKNOWN)))


def _model(asked: RequestedContext, held: int) -> bool:
    """SAML Core §3.3.2.2.1 in numbers, where a session has every class up to its level."""
    known = [CLASSES[one] for one in asked.classes if one in CLASSES]
    if asked.comparison == "better":
        return bool(known) and len(known) == len(asked.classes) and all(held > rank for rank in known)
    return bool(known) and (asked.comparison == "maximum" or any(held >= rank for rank in known))


def test_each_comparison_decides_as_the_model_does(
    effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    classes = st.lists(st.sampled_from([*CLASSES, UNKNOWN]), max_size=4).map(tuple)
    times = effort(300, 5_000)

    @settings(max_examples=times, deadline=None)
    @given(st.builds(RequestedContext, st.sampled_from(COMPARISONS), classes), st.integers(1, 4))
    def run(asked: RequestedContext, held: int) -> None:
        acr = levels.LEVELS[held - 1]
        try:
            stated = satisfied(asked, acr, ("hwk",))
        except NoAuthnContext:
            assert not _model(asked, held)
            return
        assert _model(asked, held)
        # Never more than the session has; nor, of a maximum, more than was named.
        assert CLASSES[stated] <= held
        if asked.comparison == "exact":
            assert stated in asked.classes
        elif asked.comparison == "maximum":
            assert CLASSES[stated] == min(held, max(CLASSES.get(one, 0) for one in asked.classes))
        else:
            assert CLASSES[stated] == held
        # And whom we would have let in is let in.
        assert levels.satisfies(acr, acr_values(asked))

    run()
    counted("requested contexts compared", times)


def test_whoever_reaches_a_level_asked_for_satisfies_the_request() -> None:
    """Else a person would sign in again and again."""
    for comparison in COMPARISONS:
        for first in CLASSES:
            for second in (first, names.CONTEXT_MFA, UNKNOWN):
                asked = RequestedContext(comparison, (first, second))
                try:
                    wanted = acr_values(asked)
                except NoAuthnContext:
                    continue
                for acr in wanted or levels.LEVELS:
                    assert satisfied(asked, acr, ("hwk",))
