"""What the database keeps of a service provider comes back as it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from idp.saml.entity import AttributeService, Endpoint, RequestedAttribute, ServiceProvider, Settings

_TEXT = st.text(max_size=12)
_BY_LANGUAGE = st.dictionaries(st.sampled_from(("kk", "ru", "en")), _TEXT.filter(bool), max_size=2)
_TEXTS = st.lists(_TEXT, max_size=2).map(tuple)
_KEYS = st.lists(st.binary(max_size=20), max_size=2).map(tuple)
_DEFAULT = st.sampled_from((None, True, False))
_ENDPOINTS = st.lists(st.builds(Endpoint, _TEXT, _TEXT, _TEXT, st.integers(0, 65_535), _DEFAULT), max_size=2).map(tuple)
_ATTRIBUTES = st.builds(RequestedAttribute, _TEXT, _TEXT, _TEXT, st.booleans(), _TEXTS)
_SERVICES = st.builds(
    AttributeService, st.integers(0, 65_535), _DEFAULT, _BY_LANGUAGE, st.lists(_ATTRIBUTES, max_size=2).map(tuple)
)
_PROVIDERS = st.builds(
    ServiceProvider,
    entity_id=_TEXT.filter(bool),
    acs=_ENDPOINTS,
    slo=_ENDPOINTS,
    name_id_formats=_TEXTS,
    signing_certificates=_KEYS,
    encryption_certificates=_KEYS,
    encryption_methods=_TEXTS,
    signing_methods=_TEXTS,
    signs_requests=st.booleans(),
    wants_assertions_signed=st.booleans(),
    attribute_services=st.lists(_SERVICES, max_size=2).map(tuple),
    entity_categories=_TEXTS,
    subject_id_req=st.sampled_from(("", "any", "pairwise-id")),
    names=_BY_LANGUAGE,
    descriptions=_BY_LANGUAGE,
    information_urls=_BY_LANGUAGE,
    privacy_urls=_BY_LANGUAGE,
    organization=_BY_LANGUAGE,
    valid_until=st.none() | st.datetimes(timezones=st.just(UTC)),
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(_PROVIDERS)
def test_a_service_provider_survives_json(provider: ServiceProvider) -> None:
    assert ServiceProvider.from_json(json.loads(json.dumps(provider.as_json()))) == provider


def test_what_is_empty_is_not_kept() -> None:
    bare = ServiceProvider(entity_id="urn:x", acs=(Endpoint("urn:post", "https://x.example/acs"),))
    assert set(bare.as_json()) == {"entity_id", "acs"}
    dated = ServiceProvider(entity_id="urn:x", acs=(), valid_until=datetime(2027, 1, 1, tzinfo=UTC))
    assert dated.as_json() == {"entity_id": "urn:x", "valid_until": "2027-01-01T00:00:00+00:00"}


def test_settings_keep_only_what_differs_from_the_careful_default() -> None:
    assert Settings().as_json() == {}
    chosen = Settings(name_id="email", relay_states=("https://x.example/",), renamed={"mail": "email"}, encrypt="never")
    kept = json.loads(json.dumps(chosen.as_json()))
    assert set(kept) == {"name_id", "relay_states", "renamed", "encrypt"}
    assert Settings.from_json(kept) == chosen
