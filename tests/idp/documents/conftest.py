"""A house where a document has been signed, for what is written about it."""

from tests.idp.services.conftest import signing_ground

__all__ = ["signing_ground"]
