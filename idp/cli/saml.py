"""`idp saml`: service providers, where their metadata comes from, and our own metadata."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from dataclasses import replace as replaced
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from idp.cli import Work

if TYPE_CHECKING:
    from idp.saml.entity import Settings

_CERTIFICATES = click.option(
    "--certificate",
    "certificate",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="PEM or DER; the metadata must be signed with its key. More than one while a key is replaced.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def saml() -> None:
    """Services that people sign in to by SAML 2.0."""


@saml.command("add-sp")
@click.argument("place", metavar="FILE_OR_URL")
@click.option(
    "--preset", default="", help="Settings and attributes of a well-known product; an unknown name lists them."
)
@click.option(
    "--attribute", multiple=True, help="Approve this attribute; without any, what preset or metadata ask for."
)
@click.option("--no-attributes", is_flag=True, help="Approve none.")
@click.option("--name-id", help="persistent, transient, email, unspecified or none; else as asked.")
@click.option("--name-id-source", help="The attribute that an email or unspecified NameID holds.")
@click.option("--owner", default="", help="Who is responsible for the service; else its organisation.")
@click.option("--purpose", default="", help="What the data are for; else its description.")
@click.option("--end-date", type=click.DateTime(["%Y-%m-%d"]), help="The last day it is served.")
@click.option("--school", multiple=True, help="The id of a school it is switched on at.")
@click.option("--all-schools", is_flag=True, help="On everywhere, until a school switches it off.")
@click.option("--consent", type=click.Choice(["ask", "implicit"]), default="ask", show_default=True)
@_CERTIFICATES
@click.option("--idp-initiated", is_flag=True, default=None, help="It takes sign-ons that it did not ask for.")
@click.option("--relay-state", multiple=True, help="A RelayState that such a sign-on may carry.")
@click.option("--sign", help="assertion, response or both.")
@click.option("--algorithm", help="rsa-sha256 or ecdsa-sha256; else as the metadata says.")
@click.option("--encrypt", help="auto, always or never.")
@click.option("--encrypt-name-id", is_flag=True, default=None, help="Encrypt the NameID by itself, too.")
@click.option("--must-sign-requests", is_flag=True, default=None, help="Refuse requests of it that are not signed.")
@click.option("--attribute-names", help="uri, basic or friendly.")
@click.option("--rename", multiple=True, metavar="OURS=THEIRS", help="Send an attribute under another name.")
@click.option("--acr", help="A level that every sign-on must reach.")
@click.option("--start", default="", metavar="URL", help="Where a sign-on begins at the service, for its tile.")
@click.option("--logo", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A small SVG or PNG.")
@click.option("--plain-http", is_flag=True, help="Take addresses of a FILE that are not https: for a closed network.")
@click.option("--client-id", default="", help="Instead of one made from the entityID.")
@click.option("--replace", is_flag=True, help="Overwrite what is registered for the same entityID.")
@_JSON
@click.pass_obj
def add_sp(work: Work, /, place: str, certificate: tuple[Path, ...], as_json: bool, **given: Any) -> None:
    """Register the service provider that FILE_OR_URL describes; prints what was stored.

    An address is read again from then on. An entityID that a source knows will do as well.
    """
    settings, attributes = _chosen(given)
    terms = {name: given[name] for name in ("owner", "purpose", "consent", "client_id", "replace")}
    terms |= {
        "settings": settings,
        "attributes": attributes,
        "schools": "all" if given["all_schools"] else given["school"],
        "end_date": given["end_date"].date() if isinstance(given["end_date"], datetime) else None,
        "start_url": given["start"],
        "logo_uri": picture(given["logo"]) if given["logo"] else "",
    }
    if given["all_schools"] and given["school"]:
        raise click.UsageError("--all-schools and --school exclude one another")
    enrolment, pinned = work.parts.saml_enrolment, _read(certificate)
    if Path(place).is_file():
        records = enrolment.from_file(Path(place).read_bytes(), pinned, plain_http=given["plain_http"], **terms)
    elif given["plain_http"]:
        raise click.UsageError("--plain-http is for a FILE: nothing proves what an address sends from then on")
    elif ":" not in place:
        raise click.UsageError(f"{place}: no such file, and neither an address nor an entityID")
    else:
        records = enrolment.from_somewhere(place, pinned, **terms)
    for record in records:
        _print(record, as_json=as_json)


@saml.command("list")
@_JSON
@click.pass_obj
def list_(work: Work, as_json: bool) -> None:
    """List the service providers that are registered."""
    rows = work.parts.saml_providers.list()
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        state = "off" if row["is_disabled"] else f"until {row['end_date']}" if row["end_date"] else "on"
        click.echo(f"{row['client_id']:32}  {state:16}  {row['entity_id']}  {row['client_name']} ({row['owner']})")


@saml.command()
@click.argument("name", metavar="ID")
@_JSON
@click.pass_obj
def show(work: Work, name: str, as_json: bool) -> None:
    """Show what is stored about a service provider, by client_id or entityID."""
    _print(work.parts.saml_providers.show(name), as_json=as_json)


@saml.command()
@click.argument("name", metavar="ID")
@click.pass_obj
def disable(work: Work, name: str) -> None:
    """Switch a service provider off: it is refused from now on."""
    click.echo(f"{work.parts.saml_providers.disable(name)} is switched off")


@saml.command()
@click.argument("name", metavar="ID")
@click.pass_obj
def remove(work: Work, name: str) -> None:
    """Switch a service provider off and forget its metadata; consents and the log stay."""
    click.echo(f"{work.parts.saml_providers.remove(name)} is switched off, its metadata forgotten")


@saml.command()
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Into this file.")
@click.pass_obj
def metadata(work: Work, output: Path | None) -> None:
    """Print our own signed metadata, for service providers that cannot fetch it."""
    document = work.parts.saml_metadata()
    if output is None:
        click.echo(document.decode())
    else:
        output.write_bytes(document)
        click.echo(f"{output}: {work.parts.saml.entity_id}")
        for one in work.parts.saml.signing():
            click.echo(f"{one.algorithm} certificate, SHA-256: {hashlib.sha256(one.certificate).hexdigest()}")


@saml.command("add-source")
@click.argument("url")
@click.option("--kind", type=click.Choice(["aggregate", "mdq", "entity"]), required=True)
@_CERTIFICATES
@click.option("--admit", type=click.Choice(["category"]), help="Serve its entities by what their category allows.")
@click.option("--all-schools", is_flag=True, help="Those are on everywhere, until a school switches one off.")
@click.option("--replace", is_flag=True, help="Other certificates and terms for a source that is there.")
@_JSON
@click.pass_obj
def add_source(
    work: Work, /, url: str, kind: str, certificate: tuple[Path, ...], admit: str | None, as_json: bool, **terms: bool
) -> None:
    """Read metadata from URL, now and from then on. Nothing is stored when it cannot be read now."""
    source_id, done = work.parts.saml_enrolment.source(kind, url, _read(certificate), admits=admit or "", **terms)
    _print({"source": source_id, **asdict(done)}, as_json=as_json)


@saml.command()
@_JSON
@click.pass_obj
def sources(work: Work, as_json: bool) -> None:
    """List where metadata is read from, and how the last reading went."""
    rows = work.parts.saml_sources.list()
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        known = f"{row['entities']} known, {row['registered']} registered"
        until = f"valid until {row['valid_until']}" if row["valid_until"] else "not limited in time"
        click.echo(f"{row['id']}  {row['kind']:9}  {row['url']}  {known}  {until}  {row['last_error']}".rstrip())


@saml.command()
@click.argument("source_id", metavar="ID", required=False)
@_JSON
@click.pass_obj
def refresh(work: Work, source_id: str | None, as_json: bool) -> None:
    """Read one source again now, or every one; exit 1 when one cannot be read."""
    from idp.core.errors import BilimError

    if source_id:
        _refresh(work, source_id, as_json=as_json)
        return
    failed = 0
    for row in work.parts.saml_sources.list():
        try:
            _refresh(work, row["id"], as_json=as_json)
        except BilimError as error:
            failed += 1
            click.echo(f"{row['url']}: {error.code}: {error}", err=True)
    if failed:
        raise click.exceptions.Exit(1)


@saml.command("remove-source")
@click.argument("source_id", metavar="ID")
@click.pass_obj
def remove_source(work: Work, source_id: str) -> None:
    """Read a source no more."""
    stay = work.parts.saml_sources.remove(source_id)
    click.echo(f"{source_id} is removed; {stay} of its services stay registered until their metadata expires")


def _refresh(work: Work, source_id: str, *, as_json: bool) -> None:
    _print({"source": source_id, **asdict(work.parts.saml_sources.refresh(source_id))}, as_json=as_json)


def _chosen(given: Mapping[str, Any]) -> tuple[Settings, Sequence[str] | None]:
    """Settings and approved attributes: those of the preset, but where an option says otherwise."""
    from idp.saml.entity import Settings
    from idp.saml.presets import PRESETS

    name = given["preset"]
    if name and name not in PRESETS:
        raise click.UsageError("--preset is one of: " + ", ".join(PRESETS))
    settings = PRESETS[name].settings if name else Settings()
    named = (
        "name_id", "name_id_source", "idp_initiated", "sign", "algorithm", "encrypt", "encrypt_name_id",
        "must_sign_requests", "attribute_names", "acr",
    )  # fmt: skip
    changes = {member: given[member] for member in named if given[member] is not None}
    if given["relay_state"]:
        changes["relay_states"] = given["relay_state"]
    if given["rename"]:
        pairs = [pair.partition("=") for pair in given["rename"]]
        changes["renamed"] = {**settings.renamed, **{ours: theirs for ours, _, theirs in pairs}}
    if given["no_attributes"] or given["attribute"]:
        return replaced(settings, **changes), given["attribute"]
    return replaced(settings, **changes), PRESETS[name].attributes if name else None


def picture(path: Path) -> str:
    """The file as a `data:` address, the way pages show a logo."""
    kind = "svg+xml" if path.suffix == ".svg" else "png"
    return f"data:image/{kind};base64," + base64.b64encode(path.read_bytes()).decode()


def _read(files: Sequence[Path]) -> list[bytes]:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    found = []
    for path in files:
        data = path.read_bytes()
        try:
            is_pem = b"-----BEGIN" in data
            loaded = x509.load_pem_x509_certificates(data) if is_pem else [x509.load_der_x509_certificate(data)]
        except ValueError as error:
            raise click.ClickException(f"{path} holds no certificate") from error
        found += [one.public_bytes(Encoding.DER) for one in loaded]
    return found


def _print(record: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(record, ensure_ascii=False, indent=2))
        return
    for name, value in record.items():
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        click.echo(f"{name}: {shown}")
