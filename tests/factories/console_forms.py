"""Every form of the console and of the account, as the pages show them to somebody who may use them.

with console_targets(database_url, folder, clock) as (targets, bases): right requests of a director and of a guardian.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from idp.core.clock import FixedClock
from tests.factories.console_ground import ConsoleSite, filled
from tests.factories.spoilable import Spoilable
from tests.factories.targets import Targets

_OWN = ("", "/children", "/consents", "/data", "/requests", "/services", "/security", "/password")


@contextmanager
def console_targets(database_url: str, folder: Path, clock: FixedClock) -> Iterator[tuple[Targets, list[Spoilable]]]:
    """`database_url` is migrated."""
    site = filled(database_url, folder, clock)
    tokens = {name: site.token(name) for name in ("director", "guardian")}
    targets = Targets(site.ground.app, {f"session of the {name}": token for name, token in tokens.items()}, {})
    bases = _asked(site, tokens["director"], site.pages().values())
    bases += _asked(site, tokens["guardian"], [f"/account{path}" for path in _OWN])
    yield targets, list({(base.method, base.path, _names(base)): base for base in bases}.values())
    targets.close()


def _names(base: Spoilable) -> tuple[str, ...]:
    return tuple(name for name, _ in base.pairs)


def _asked(site: ConsoleSite, token: str, pages: Iterable[str]) -> list[Spoilable]:
    """Each page, and each form on it."""
    client = site.ground.app.test_client()
    client.set_cookie("bilim_id", token)
    held = {"Cookie": f"bilim_id={token}"}
    found = []
    for page in pages:
        answer = client.get(page)
        assert answer.status_code in (200, 302, 303), (page, answer.status_code)
        shown = urlsplit(page)
        found.append(Spoilable("GET", shown.path, tuple(parse_qsl(shown.query)), held))
        forms = _Forms(shown.path)
        forms.feed(answer.text)
        found += [Spoilable(method, path, tuple(pairs), held) for method, path, pairs in forms.found]
    return found


class _Forms(HTMLParser):
    """What a form would send with every box ticked: `found` is method, path, pairs."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._page = page
        self._choice = ""
        self.found: list[tuple[str, str, list[tuple[str, str]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {key: value or "" for key, value in attrs}
        if tag == "form":
            action = urlsplit(has.get("action", ""))
            self.found.append((has.get("method", "get").upper(), action.path or self._page, parse_qsl(action.query)))
        elif not self.found:
            return
        elif tag == "select":
            self._choice = has.get("name", "")
        elif tag == "option" and self._choice:
            self._put(self._choice, has.get("value", ""))
            self._choice = ""
        elif tag in ("input", "textarea", "button") and has.get("name"):
            self._put(has["name"], has.get("value", "x"))

    def _put(self, name: str, value: str) -> None:
        self.found[-1][2].append((name, value))
