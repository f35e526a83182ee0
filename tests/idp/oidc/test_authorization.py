"""oidc/authorization: what a request knows on its way."""

import pytest

from idp.oidc.authorization import Authorization
from tests.factories.oidc import Provider


def test_nobody_reads_a_client_or_session_before_it_is_known(provider: Provider) -> None:
    with provider.unit.read() as stores:
        auth = Authorization(provider.server, provider.params(), stores, provider.clock.now())
    with pytest.raises(AssertionError):
        _ = auth.client
    with pytest.raises(AssertionError):
        _ = auth.session
    assert not auth.is_silent
