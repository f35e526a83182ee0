"""Requests as they arrive: parameters read once, strictly.

A repeated parameter is refused (RFC 6749 §3.1, §3.2): two parties reading one request differently is an attack
(CVE-2026-9689). Only `resource` may occur several times at the authorization endpoint (RFC 8707 §2.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from idp.oidc.errors import InvalidRequest

MAX_BODY = 65_536
MAX_PARAMETERS = 64
MAX_VALUE = 16_384
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Params:
    """Single-valued parameters; empty ones count as absent (RFC 6749 §3.1). `repeated` names what occurred twice."""

    values: dict[str, str]
    resources: tuple[str, ...] = ()
    repeated: frozenset[str] = frozenset()

    def get(self, name: str) -> str:
        """The value, or an empty string."""
        return self.values.get(name, "")


@dataclass(frozen=True, slots=True)
class EndpointRequest:
    """A POST to a back-channel endpoint: the form as sent and the Authorization header, empty when absent."""

    params: Params
    authorization: str = ""


def collect(pairs: Sequence[tuple[str, str]]) -> Params:
    """Sorts name-value pairs. Raises InvalidRequest when there are too many or one is too long."""
    if len(pairs) > MAX_PARAMETERS:
        raise InvalidRequest("too many parameters")
    values: dict[str, str] = {}
    resources: list[str] = []
    repeated: set[str] = set()
    for name, value in pairs:
        if len(value) > MAX_VALUE:
            raise InvalidRequest("a parameter is too long")
        if "\x00" in value or "\x00" in name:
            raise InvalidRequest("a parameter holds a null character")
        if name == "resource":
            if value:
                resources.append(value)
        elif name in values:
            repeated.add(name)
        else:
            values[name] = value
    return Params(values, tuple(resources), frozenset(repeated))


def read_form(body: bytes, content_type: str) -> Params:
    """The parameters of a form body. Raises InvalidRequest for other types, bad encoding, repeats and excess."""
    if content_type.partition(";")[0].strip().lower() != FORM:
        raise InvalidRequest(f"the body must be {FORM}")
    params = collect(read_pairs(body))
    if params.repeated:
        raise InvalidRequest("a parameter occurs twice")
    return params


def read_pairs(body: bytes) -> list[tuple[str, str]]:
    """Decoded name-value pairs of a query or form. Raises InvalidRequest for bad encoding and excess."""
    if len(body) > MAX_BODY:
        raise InvalidRequest("the request is too large")
    try:
        return parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS, separator="&"
        )
    except ValueError as error:
        raise InvalidRequest("the request is not well-formed") from error
