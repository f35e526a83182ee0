"""Routes whose addresses are put together at the first link to them, not at the start.

Werkzeug compiles two functions for every route when it is added: for some three hundred routes that is a tenth of the
time to a ready worker, and most of them are never linked to by it.
"""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.routing import Rule


class LateRule(Rule):
    """A werkzeug that names its builder otherwise makes this a plain, eager `Rule`."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled: list[Callable[..., tuple[str, str]]] = []
        compile_now = super()._compile_builder

        def build(rule: Rule, /, **values: object) -> tuple[str, str]:
            if not compiled:
                compiled.append(compile_now(append_unknown))
            return compiled[0](rule, **values)

        return build
