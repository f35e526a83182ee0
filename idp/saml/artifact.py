"""ArtifactResolve and ArtifactResponse: the message behind an artifact, fetched by its addressee (SAML Core §3.5)."""

from __future__ import annotations

from datetime import datetime

from idp.saml import names, status
from idp.saml.errors import PageError, RequestInvalid, SamlError
from idp.saml.identifiers import new_identifier
from idp.saml.message import PREFIXES, Message, opening, reading
from idp.saml.names import q
from idp.saml.server import Server
from idp.xml.build import element
from idp.xml.parser import Element, children, parse, text_of


def read_resolve(message: Message) -> str:
    """The artifact, from a message that is authenticated. Raises RequestInvalid."""
    try:
        with reading("ArtifactResolve"):
            found = children(message.root, q(names.SAMLP, "Artifact"))
            if len(found) != 1:
                raise ValueError("one Artifact")
            return text_of(found[0])
    except PageError as error:
        raise RequestInvalid(error.description, detail=error.detail) from error


def build_response(
    server: Server, *, in_response_to: str, now: datetime, message: bytes | None, error: SamlError | None = None
) -> Element:
    """Without a message when the artifact is spent, unknown or another's, and still a success (§3.5.3). Unsigned:
    `idp.xml.signature.sign` at position 1 before the message is put in an envelope, where it has none itself."""
    attributes, issuer = opening(server, message_id=new_identifier(), now=now, in_response_to=in_response_to)
    carried = [parse(message)] if message is not None else []
    return element(
        q(names.SAMLP, "ArtifactResponse"), attributes, issuer, status.build(error), *carried, nsmap=PREFIXES
    )
