"""Wrong, repeated, oversized and odd requests at every endpoint; what must hold is said in `spoiling.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from tests.factories.oddities import FORM, HEADERS, ODD
from tests.factories.spoilable import Pairs, Spoilable
from tests.factories.targets import Targets
from tests.fuzz.spoiling import Spoiled, check, encoded, spoil


def _known(targets: Targets) -> list[Spoilable]:
    """Right requests, held by a session, a client or a token: what reaches the rules behind the doors."""
    return [base for bases in targets.bases.values() for base in bases]


def _bare(targets: Targets) -> list[Spoilable]:
    """Every other endpoint as a stranger finds it, what is served ahead of the app, and what is not there."""
    found: list[Spoilable] = []
    for rule in targets.app.url_map.iter_rules():
        if rule.endpoint not in targets.bases:
            path = rule.rule.replace("<", "").replace(">", "")
            found += [Spoilable(method, path) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    ahead = ("/.well-known/openid-configuration", "/oauth/jwks.json", "/.well-known/x", "/oauth/nothing", "/nothing")
    return found + [Spoilable("GET", path) for path in ahead]


def test_no_endpoint_breaks_tells_or_changes_anything(
    targets: Targets, effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    is_soak = effort(0, 1) > 0
    sent, refused = spoil(targets, _known(targets), effort(8, 100), derandomize=not is_soak)
    more, turned_away = spoil(targets, _bare(targets), effort(2, 10), derandomize=not is_soak)
    audited = targets.audited()
    assert [name for name, secret in targets.secrets.items() if secret in audited] == []
    assert refused > sent // 4
    assert turned_away > more // 4
    counted("spoiled requests", sent + more)
    counted("spoiled requests that were refused", refused + turned_away)


_DANGEROUS = ("a\x00b", "9" * 400, "A" * 20_000)


def _sweep(base: Spoilable, values: tuple[str, ...], headers: tuple[tuple[str, str], ...]) -> Iterator[Spoiled]:
    """Every parameter with every value, once instead of the right one and once beside it; then every header."""
    for at, (name, right) in enumerate(base.pairs):
        for value in values:
            for put in ((), ((name, right),)):
                yield _as_sent(base, (*base.pairs[:at], *put, (name, value), *base.pairs[at + 1 :]), {})
    for name, value in headers:
        yield _as_sent(base, base.pairs, {name: value})


def _as_sent(base: Spoilable, pairs: Pairs, headers: Mapping[str, str]) -> Spoiled:
    sent = "&".join(f"{encoded(name)}={encoded(text)}" for name, text in pairs).encode()
    in_body = base.method == "POST"
    body, query = (sent, b"") if in_body else (b"", sent)
    content_type = FORM if in_body else ""
    return Spoiled(base.method, base.path, query, body, content_type, tuple({**base.headers, **headers}.items()))


def test_no_parameter_and_no_header_is_the_weak_one(
    targets: Targets, effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    """One after the other, where chance might pass one by."""
    is_soak, sent = effort(0, 1) > 0, 0
    values, headers = (ODD, HEADERS) if is_soak else (_DANGEROUS, HEADERS[::9])
    before = targets.rows()
    for base in (*_known(targets), *_bare(targets)):
        swept = _sweep(base, values, headers) if base.headers or base.pairs else ()
        odd_path = replace(base, path=base.path.rpartition("/")[0] + "/a\x00b", headers={})
        for request in (*swept, _as_sent(odd_path, odd_path.pairs, {})):
            if not check(targets, request, before):
                targets.restore()
                before = targets.rows()
            sent += 1
    counted("parameters and headers spoiled one by one", sent)
