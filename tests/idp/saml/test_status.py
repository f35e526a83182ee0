"""saml/status: how it went, in codes."""

from __future__ import annotations

import pytest

from idp.saml import names, status
from idp.saml.errors import (
    AuthnFailed,
    InvalidNameIdPolicy,
    NoPassive,
    PartialLogout,
    RequestInvalid,
    SamlError,
    VersionMismatch,
)
from idp.saml.names import q
from idp.saml.status import Status
from idp.xml.build import element


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (None, Status("Success")),
        (NoPassive(), Status("Responder", "NoPassive")),
        (AuthnFailed("x"), Status("Responder", "AuthnFailed")),
        (InvalidNameIdPolicy(), Status("Requester", "InvalidNameIDPolicy")),
        (RequestInvalid("x"), Status("Requester")),
        (VersionMismatch(), Status("VersionMismatch")),
        (PartialLogout(), Status("Success", "PartialLogout")),
    ],
)
def test_what_is_built_is_read(error: SamlError | None, expected: Status) -> None:
    assert status.read(element("response", None, status.build(error))) == expected


def test_the_message_is_the_public_description() -> None:
    built = status.build(RequestInvalid("the request is <odd>", detail="secret"))
    assert [one.text for one in built] == [None, "the request is <odd>"]
    assert "secret" not in "".join(built.itertext())


def test_a_code_of_somebody_elses_is_kept_whole() -> None:
    code = element(q(names.SAMLP, "StatusCode"), {"Value": "urn:x:Odd"})
    assert status.read(element("r", None, element(q(names.SAMLP, "Status"), None, code))) == Status("urn:x:Odd")


def test_what_has_no_code_is_refused() -> None:
    code = q(names.SAMLP, "StatusCode")
    for inside in ((), (element(code),), (element(code, {"Value": "x" * 513}),), (element(code, {"Value": "a"}),) * 2):
        told = element(q(names.SAMLP, "Status"), None, *(element(str(one.tag), dict(one.attrib)) for one in inside))
        with pytest.raises(ValueError, match="StatusCode"):
            status.read(element("response", None, told))
    with pytest.raises(ValueError, match="Status"):
        status.read(element("response", None, status.build(), status.build()))
