"""`idp dev`: the IdP, the clients that exist and a demo school on this machine. Never in production."""

from idp.cli.dev.command import dev

__all__ = ["dev"]
