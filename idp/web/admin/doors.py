"""Every blueprint of the console, for `app.py`."""

from __future__ import annotations

from flask import Blueprint

from idp.web.admin import overview

BLUEPRINTS: tuple[Blueprint, ...] = (overview.bp,)
