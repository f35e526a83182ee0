"""Courses with assignments for a school's classes; signs people in by SAML 2.0, through `saml/`.

Owns assignments, what pupils handed in, and marks, by pairwise id. Who learns and teaches where is the IdP's word, as
of the sign-in; a page shows a course only to who has it in that word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def create_app(*args: Any, **options: Any) -> Flask:
    """The WSGI app; see `client.create_app`. Imported late: who only needs the identity loads no XML library."""
    from clients.lms.client import create_app as made

    return made(*args, **options)


__all__ = ["create_app"]
