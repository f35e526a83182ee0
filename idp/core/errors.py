"""Errors that rooms above the store share.

    BilimError
      NotFound      nothing there, or nothing the asker may know of
      Denied        known, and not allowed
      Conflict      clashes with what is there
      Invalid       the request itself is wrong
      TooSoon       come back after `retry_after` seconds
      Unavailable   a part we need does not answer

`description` is public English for logs and machines; pages translate `code`. `detail` is for the log only.
"""


class BilimError(Exception):
    """`code` is a short snake_case word, stable, shown to people as the error code."""

    code = "error"

    def __init__(self, description: str = "", *, code: str | None = None, detail: str = "") -> None:
        super().__init__(description or self.code)
        self.description = description
        self.detail = detail
        if code is not None:
            self.code = code


class NotFound(BilimError):
    code = "not_found"


class Denied(BilimError):
    code = "denied"


class Conflict(BilimError):
    code = "conflict"


class Invalid(BilimError):
    code = "invalid"


class TooSoon(BilimError):
    code = "too_many_attempts"

    def __init__(self, description: str = "", *, retry_after: int, detail: str = "") -> None:
        super().__init__(description, detail=detail)
        self.retry_after = retry_after


class Unavailable(BilimError):
    code = "unavailable"
