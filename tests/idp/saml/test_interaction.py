"""saml/interaction: what waits for a person, bound to one browser and one protocol."""

from __future__ import annotations

import pytest

from idp.oidc import interaction as other
from idp.oidc.errors import PageError as OtherPageError
from idp.saml import authn_request, interaction
from idp.saml.errors import PageError
from idp.saml.message import read
from idp.saml.names import INTERACTION_PREFIX
from tests.factories.saml_sign_on import BROWSER, SignOnGround


def test_a_request_comes_back_as_it_was_kept_to_its_browser_alone() -> None:
    ground = SignOnGround()
    request = authn_request.read(read(ground.received(ForceAuthn="true"), allowed=("AuthnRequest",)))
    now = ground.clock.now()
    with ground.unit.write() as stores:
        kept = interaction.keep(
            stores.one_time, request=request, relay_state="back", client_id="lms", acr_values=["a"],
            origin="https://lms.example", browser=BROWSER, now=now,
        )  # fmt: skip
    assert kept.startswith(INTERACTION_PREFIX)
    with ground.unit.read() as stores:
        found = interaction.load(stores.one_time, kept, BROWSER, now=now)
        assert (found.request, found.relay_state, found.client_id, found.created_at) == (request, "back", "lms", now)
        for interaction_id, browser in ((kept, "another"), (kept, ""), (kept + "x", BROWSER), ("", BROWSER)):
            with pytest.raises(PageError):
                interaction.load(stores.one_time, interaction_id, browser, now=now)
        # The other protocol's endpoint makes nothing of it.
        with pytest.raises(OtherPageError):
            other.load(stores.one_time, kept, BROWSER, now=now)
    ground.clock.advance(hours=2)
    with ground.unit.read() as stores, pytest.raises(PageError):
        interaction.load(stores.one_time, kept, BROWSER, now=ground.clock.now())
