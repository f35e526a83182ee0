"""What the cabinet shows to whom, by the active membership; claims in a shape that templates may trust."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from clients.kit.person import Person

_TEACHING = frozenset({"teacher", "class_teacher"})


@dataclass(frozen=True, slots=True)
class Resource:
    """A service the school has switched on. `start` opens it with no second password."""

    client_id: str
    name: str
    start: str
    logo: str
    """The picture itself (`data:image/…`), or empty: pages load nothing from another host."""


@dataclass(frozen=True, slots=True)
class Child:
    sub: str
    """Empty when the IdP did not say: then there is no page of its own."""
    name: str
    initial: str
    relation: str
    school: str
    classes: tuple[str, ...]


def sections_for(person: Person) -> tuple[str, ...]:
    """Names of the pages this person has, the main one first, at most four."""
    roles = set(person.roles)
    shown = []
    if "guardian" in roles or (person.records("children") and "pupil" not in roles):
        shown.append("children")
    if roles & _TEACHING or person.taught_classes:
        shown.append("classes")
    if "pupil" in roles or person.records("licences") or not shown:
        # A pupil's or anybody's list; for others it stands after what they came for.
        shown.insert(0 if "pupil" in roles else len(shown), "resources")
    return (*shown, "me")


def resources_of(person: Person, language: str, issuer: str, own_client_id: str) -> list[Resource]:
    """The `licences` claim as tiles, by name. Left out: the cabinet itself, and what has no web address to start at."""
    found = []
    for entry in person.records("licences"):
        client_id = entry.get("client_id")
        start = _start_address(entry, issuer, language)
        if isinstance(client_id, str) and client_id != own_client_id and start:
            name, logo = _in_language(entry.get("name"), language), _text(entry.get("logo_uri"))
            picture = logo if logo.startswith("data:image/") else ""
            found.append(Resource(client_id, name or client_id, start, picture))
    return sorted(found, key=lambda resource: resource.name.casefold())


def children_of(person: Person) -> list[Child]:
    """The `children` claim as cards. Blocked and ended links never reach us: the IdP leaves them out."""
    return [
        Child(
            sub=_text(entry.get("sub")),
            name=_text(entry.get("name")) or _text(entry.get("given_name")),
            initial=(_text(entry.get("given_name")) or _text(entry.get("name")))[:1].upper(),
            relation=_text(entry.get("relation")),
            school=_text(_object(entry.get("school")).get("name")),
            classes=tuple(_text(_object(one).get("title")) for one in _list(entry.get("classes"))),
        )
        for entry in person.records("children")
    ]


@dataclass(frozen=True, slots=True)
class ChildPage:
    """One child as the IdP tells it now. `card` is `active`, `blocked` or empty; `waiting` consents need an answer."""

    name: str
    initial: str
    relation: str
    school: str
    class_title: str
    teacher: str
    card: str
    waiting: int


def child_page(told: dict[str, Any]) -> ChildPage:
    """The answer of `me/children/<sub>`; what has a wrong shape is left out."""
    school_class, waiting = _object(told.get("class")), _object(told.get("consents")).get("waiting")
    card = _text(_object(told.get("card")).get("state"))
    return ChildPage(
        name=_text(told.get("name")),
        initial=(_text(told.get("given_name")) or _text(told.get("name")))[:1].upper(),
        relation=_text(told.get("relation")),
        school=_text(_object(told.get("school")).get("name")),
        class_title=_text(school_class.get("title")),
        teacher=_text(school_class.get("teacher")),
        card=card if card in ("active", "blocked") else "",
        waiting=waiting if isinstance(waiting, int) and not isinstance(waiting, bool) else 0,
    )


def _start_address(entry: dict[str, Any], issuer: str, language: str) -> str:
    """OIDC Core §4: `initiate_login_uri` with our issuer begins the login at once; else the service's own page.

    `lang` carries the language chosen here along; who does not know it passes it over.
    """
    address = _text(entry.get("initiate_login_uri"))
    if _is_web(address):
        return f"{address}{'&' if '?' in address else '?'}{urlencode({'iss': issuer, 'lang': language})}"
    home = _text(entry.get("client_uri"))
    return home if _is_web(home) else ""


def _is_web(address: str) -> bool:
    """An address that a link may carry: `javascript:` and the like would run in our page."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "#" not in address


def _in_language(value: object, language: str) -> str:
    if isinstance(value, str):
        return value
    names = _object(value)
    return _text(names.get(language)) or next((_text(name) for name in names.values() if _text(name)), "")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
