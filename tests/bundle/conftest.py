"""The desktop and the models of the end-to-end tests, for the tests of the bundle."""

from __future__ import annotations

from tests.e2e.conftest import desktop, offer, pictures

__all__ = ["desktop", "offer", "pictures"]
