from __future__ import annotations

import pytest

from desktop.common.byte_sizes import format_bytes


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (491_400_032, "491 MB"),
        (999_499_999, "999 MB"),
        (999_500_000, "1 GB"),
        (1_117_320_736, "1.12 GB"),
        (4_683_074_240, "4.68 GB"),
        (2_000_000_000_000, "2 TB"),
    ],
)
def test_three_figures_and_a_unit(count: int, text: str) -> None:
    assert format_bytes(count) == text
