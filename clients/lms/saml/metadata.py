"""What this service provider says about itself: addresses, key, names in each language, the attributes it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from clients.lms.saml.attributes import WIRE
from clients.lms.saml.service_provider import ServiceProvider
from idp.core.ids import new_id

VALID = timedelta(days=14)
_REQUIRED = ("pairwise-id", "displayName", "roles", "classes")


@dataclass(frozen=True, slots=True)
class Described:
    """How the service is called and for what it asks, by language; `logo` is an address."""

    names: dict[str, str]
    descriptions: dict[str, str]
    logo: str
    template: Path


def own_metadata(provider: ServiceProvider, base_url: str, described: Described, *, ends: bool = True) -> bytes:
    """Signed XML. `ends=False` for a file that nobody reads again, so that it does not run out."""
    valid_until = provider.clock.now() + VALID
    environment = Environment(
        loader=FileSystemLoader(described.template.parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    document = environment.get_template(described.template.name).render(
        id=f"_{new_id()}",
        provider=provider,
        base_url=base_url,
        names=described.names,
        descriptions=described.descriptions,
        logo=described.logo,
        valid_until=f"{valid_until:%Y-%m-%dT%H:%M:%SZ}" if ends else "",
        certificate="".join(line for line in provider.certificate.splitlines() if "-----" not in line),
        attributes=WIRE,
        required=_REQUIRED,
    )
    return provider.signed(document)
