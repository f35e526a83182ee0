"""Addresses that are put together late are the same, and no route waits for it."""

from __future__ import annotations

from unittest.mock import patch

from flask import Flask
from werkzeug.routing import Map, Rule

from idp.web.rules import LateRule


def test_every_route_of_the_app_is_built_as_an_eager_one_would_be(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        eager = Rule(rule.rule, endpoint=rule.endpoint, defaults=rule.defaults)
        Map([eager])
        values = {name: f"ә {place}" for place, name in enumerate(sorted(rule.arguments))} | {"q": "Әбді"}
        for with_query in (True, False):
            assert isinstance(rule, LateRule) or rule.endpoint == "static"
            assert rule.build(values, with_query) == eager.build(values, with_query), rule


def test_nothing_is_compiled_before_the_first_address_and_then_once() -> None:
    with patch.object(Rule, "_compile_builder", autospec=True, side_effect=Rule._compile_builder) as compiled:
        routes = Map([LateRule("/people/<person>", endpoint="person"), LateRule("/", endpoint="home")])
        assert compiled.call_count == 0
        adapter = routes.bind("localhost")
        assert adapter.match("/people/x") == ("person", {"person": "x"})
        assert [adapter.build("person", {"person": name}) for name in "ab"] == ["/people/a", "/people/b"]
        assert compiled.call_count == 1
