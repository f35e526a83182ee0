"""The engine on fake stores."""

import pytest

from tests.factories.oidc import Provider


@pytest.fixture
def provider() -> Provider:
    return Provider()
