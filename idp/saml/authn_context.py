"""How strongly a person signed in: our levels, and the context classes that products know (SAML Core §3.3.2.2.1).

A session states every class that its level reaches: who entered with a second factor has also entered with a password,
so a request for exactly PasswordProtectedTransport, which several products always send, does not ask anybody to sign in
more weakly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from idp.core import levels
from idp.saml import names
from idp.saml.errors import NoAuthnContext
from idp.saml.names import q
from idp.xml.parser import Element, children, text_of

COMPARISONS = ("exact", "minimum", "maximum", "better")
CLASSES = {
    names.CONTEXT_UNSPECIFIED: 0,
    levels.PUPIL: levels.rank(levels.PUPIL),
    names.CONTEXT_PPT: levels.rank(levels.PASSWORD),
    names.CONTEXT_PASSWORD: levels.rank(levels.PASSWORD),
    names.CONTEXT_SFA: levels.rank(levels.PASSWORD),
    levels.PASSWORD: levels.rank(levels.PASSWORD),
    names.CONTEXT_MFA: levels.rank(levels.MFA),
    levels.MFA: levels.rank(levels.MFA),
    "http://schemas.microsoft.com/claims/multipleauthn": levels.rank(levels.MFA),
    names.CONTEXT_X509: levels.rank(levels.EDS),
    names.CONTEXT_SMARTCARD_PKI: levels.rank(levels.EDS),
    levels.EDS: levels.rank(levels.EDS),
}
"""Class URI → the rank of the level that reaches it (`idp.core.levels.rank`), 0 for any."""
_USUAL = (names.CONTEXT_UNSPECIFIED, levels.PUPIL, names.CONTEXT_PPT, names.CONTEXT_MFA, names.CONTEXT_X509)
"""What is stated for a rank when no class was named that fits."""
_MOST = 32
_LONGEST = 512


@dataclass(frozen=True, slots=True)
class RequestedContext:
    """`classes` in the order of preference; empty when only declarations were named, which nothing here satisfies."""

    comparison: str
    classes: tuple[str, ...]


def read(parent: Element) -> RequestedContext | None:
    """The RequestedAuthnContext in `parent`; None when there is none or it asks for nothing. Raises ValueError."""
    found = children(parent, q(names.SAMLP, "RequestedAuthnContext"))
    if not found:
        return None
    comparison = found[0].get("Comparison", "exact").strip()
    classes = tuple(text_of(one) for one in children(found[0], q(names.SAML, "AuthnContextClassRef")))
    declarations = children(found[0], q(names.SAML, "AuthnContextDeclRef"))
    if len(found) > 1 or comparison not in COMPARISONS or (classes and declarations):
        raise ValueError("one RequestedAuthnContext of classes or of declarations")
    if len(classes) > _MOST or any(len(one) > _LONGEST for one in classes):
        raise ValueError("too many classes, or too long ones")
    return RequestedContext(comparison, classes) if classes or declarations else None


def acr_values(requested: RequestedContext | None) -> tuple[str, ...]:
    """Levels, any of which would do, the preferred first; empty when any sign-in does. Raises NoAuthnContext for what
    nobody could reach."""
    if requested is None:
        return ()
    ranks = _ranks(requested)
    if requested.comparison == "maximum" or (0 in ranks and requested.comparison != "better"):
        return ()
    if requested.comparison == "better":
        ranks = (max(ranks) + 1,)
    if ranks[0] > len(levels.LEVELS):
        raise NoAuthnContext("there is no stronger sign-in")
    return tuple(dict.fromkeys(levels.LEVELS[rank - 1] for rank in ranks))


def satisfied(requested: RequestedContext | None, held_acr: str, amr: Sequence[str] = ()) -> str:
    """The class to state for a session of this level: one that was named, where one fits. SmartcardPKI only for a key
    in hardware, so `amr` must say `hwk`. Raises NoAuthnContext when the session does not do."""
    held = levels.rank(held_acr)
    if requested is None:
        return _stated((), held, amr)
    ranks = _ranks(requested)
    if requested.comparison == "exact":
        return _exact(requested.classes, held, amr)
    if requested.comparison == "maximum":
        return _stated(requested.classes, min(held, max(ranks)), amr)
    if held > max(ranks) if requested.comparison == "better" else held >= min(ranks):
        return _stated(requested.classes, held, amr)
    raise NoAuthnContext("the sign-in is too weak for the requested context")


def _exact(classes: Sequence[str], held: int, amr: Sequence[str]) -> str:
    for one in classes:
        if CLASSES.get(one, held + 1) <= held and _is_true(one, amr):
            return one
    raise NoAuthnContext("no requested context is reached by this sign-in")


def _stated(classes: Sequence[str], rank: int, amr: Sequence[str]) -> str:
    named = (one for one in classes if CLASSES.get(one) == rank and _is_true(one, amr))
    return next(named, _USUAL[rank])


def _is_true(context_class: str, amr: Sequence[str]) -> bool:
    return context_class != names.CONTEXT_SMARTCARD_PKI or "hwk" in amr


def _ranks(requested: RequestedContext) -> tuple[int, ...]:
    """Of the classes we know. A class we do not know has no strength to compare with."""
    known = tuple(CLASSES[one] for one in requested.classes if one in CLASSES)
    if not known or (requested.comparison == "better" and len(known) < len(requested.classes)):
        raise NoAuthnContext("the requested context is not known here")
    return known
