"""Examples printed in the specifications, to be replayed."""
