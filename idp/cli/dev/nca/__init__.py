"""A miniature of the National Certification Authority, made at run time for development and tests.

Here, and nowhere else in the product, something signs with GOST: `private_key`. `authority` is the door: it issues
certificates in the profile of the NCA, makes CMS as NCALayer does, answers OCSP, publishes lists and stamps time. Which
broken shapes it makes when asked stands in `departures`. Its names say TEST, so production never trusts it.
"""

from idp.cli.dev.nca.authority import MiniNca
from idp.cli.dev.nca.holder import Holder
from idp.cli.dev.nca.key import Key

__all__ = ["Holder", "Key", "MiniNca"]
