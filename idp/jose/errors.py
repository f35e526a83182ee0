"""What goes wrong with JOSE objects. The engine above turns these into its own errors; `detail` is for the log.

JoseError
  BadToken      malformed, forbidden header, wrong type, wrong signature
  UnknownKey    no key with this `kid`: the caller may fetch a fresh set once
  BadKey        a key or key set that cannot be used
  NoSigningKey  our own ring has no active key of the algorithm
"""

from __future__ import annotations


class JoseError(Exception):
    """Base of everything this room raises on purpose."""


class BadToken(JoseError):
    pass


class UnknownKey(BadToken):
    pass


class BadKey(JoseError):
    pass


class NoSigningKey(JoseError):
    pass
