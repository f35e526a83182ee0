"""LTI 1.3 and Advantage, platform side. Empty until LTI arrives."""
