"""The personal cabinet: a pupil's resources, a parent's children, a teacher's classes (R13 of order 456).

Keeps nothing of its own but sessions: every page shows what UserInfo says at that moment. What a page shows of a
child is the parent's own list; anything that acts for a child is another service's work, asked of the IdP each time.
"""

from clients.cabinet.client import create_app

__all__ = ["create_app"]
