"""The page on which a developer chooses the key and the next answer of the NCALayer stand-in."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs, urlsplit

from idp.cli.dev.ncalayer import OUTCOMES, NcaLayer

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>NCALayer stand-in</title>
<style>body{{font:16px/1.5 sans-serif;max-width:44em;margin:2em auto;padding:0 1em}}fieldset{{margin:1em 0}}
label{{display:block;padding:.2em 0}}button{{font:inherit;padding:.5em 1.5em}}</style>
<h1>NCALayer stand-in</h1>
<p>Development only: keys of made-up people. It answers pages at {origin} at once, without a dialog.</p>
<p id="last">Last: {last}</p>
<form method="get"><fieldset><legend>Key</legend>{keys}</fieldset>
<fieldset><legend>The next answer</legend>{outcomes}</fieldset>
<fieldset><legend>Version</legend>{versions}</fieldset><button>Set</button></form></html>
"""


def page(layer: NcaLayer, target: str, origin: str) -> str:
    """Takes the choices in the query of `target` (`/?key=saule&next=cancel&old=1`) and shows what is chosen now."""
    asked = parse_qs(urlsplit(target).query)
    if (key := asked.get("key", [""])[0]) in layer.demo.keys:
        layer.choose(key=key)
    if (outcome := asked.get("next", [""])[0]) in OUTCOMES:
        layer.choose(outcome=outcome)
    if "old" in asked:
        layer.choose(is_old=asked["old"][0] == "1")
    choice = layer.choice
    return _PAGE.format(
        origin=escape(origin),
        last=escape(choice.last),
        keys=_radios("key", {one.name: one.title for one in layer.demo.keys.values()}, choice.key),
        outcomes=_radios("next", OUTCOMES, choice.outcome),
        versions=_radios(
            "old", {"0": "new, with the module basics", "1": "old, commonUtils only"}, "01"[choice.is_old]
        ),
    )


def _radios(name: str, choices: dict[str, str], chosen: str) -> str:
    return "".join(
        f'<label><input type="radio" name="{name}" value="{escape(value)}"{" checked" * (value == chosen)}> '
        f"{escape(words)}</label>"
        for value, words in choices.items()
    )
