"""What single settings refuse beyond their types and bounds."""

from __future__ import annotations

import pytest

from desktop.common.errors import UserFacingError
from desktop.settings.options import option_for


@pytest.mark.parametrize(("tokens", "allowed"), [(0, True), (1, False), (255, False), (256, True), (32768, True)])
def test_the_context_is_automatic_or_long_enough_for_a_question(tokens: int, allowed: bool) -> None:
    if allowed:
        assert option_for("n_ctx").validate(tokens) == tokens
    else:
        with pytest.raises(UserFacingError, match="at least 256 tokens"):
            option_for("n_ctx").validate(tokens)


@pytest.mark.parametrize(
    "address",
    ["", "https://models.example", "https://models.example:8443/hf", "http://127.0.0.1:8000", "http://[::1]:80/a"],
)
def test_own_host_takes_addresses(address: str) -> None:
    assert option_for("own_host").validate(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "models.example", "ftp://models.example", "https://", "https://models.example/?a=1", "https://models.example#a",
        "http://models.example", "http://127.0.0.1.example", "https://[::1", "https://models.example:port",
        "https://models.example:99999", "https://models .example", "https://models.example/\nX-Header: 1", " https://a.b",
    ],
)  # fmt: skip
def test_own_host_refuses_what_would_not_work_or_not_be_safe(address: str) -> None:
    with pytest.raises(UserFacingError):
        option_for("own_host").validate(address)
