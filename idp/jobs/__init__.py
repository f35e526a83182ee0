"""Work without a visitor: the outbox, key rotation, clean-up. `idp worker` runs them under leases."""
