"""The token: made once, kept as a hash, compared in the same time whatever is wrong with it."""

from __future__ import annotations

import hmac
import stat
from pathlib import Path

import pytest

from desktop.api.access import TokenFile
from desktop.common.errors import UserFacingError
from desktop.settings.checks import check_origins, listed_origins


def test_a_token_opens_until_there_is_another(tmp_path: Path) -> None:
    tokens = TokenFile(tmp_path / "api.json")
    assert not tokens.exists and not tokens.opens("") and not tokens.opens("x")
    first = tokens.renew()
    assert first.startswith("catnap-") and len(first) > 40 and tokens.opens(first)
    second = tokens.renew()
    assert second != first and tokens.opens(second) and not tokens.opens(first)


def test_what_is_kept_does_not_open(tmp_path: Path) -> None:
    file = tmp_path / "api.json"
    token = TokenFile(file).renew()
    written = file.read_text(encoding="utf-8")
    assert token not in written and token.removeprefix("catnap-") not in written
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    later = TokenFile(file)
    assert later.exists and later.opens(token)
    assert not any(later.opens(word) for word in written.replace('"', " ").split())


def test_it_is_compared_in_one_way_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[int, int]] = []
    real = hmac.compare_digest

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return real(one, other)

    monkeypatch.setattr("desktop.api.access.hmac.compare_digest", compare)
    tokens = TokenFile(tmp_path / "api.json")
    token = tokens.renew()
    for given in (token, token[:-1], "", "x" * 100_000, "é\ud83d"):
        tokens.opens(given)
    assert compared == [(32, 32)] * 5  # of hashes, whatever is given


def test_one_that_another_start_has_made_is_taken_over(tmp_path: Path) -> None:
    here, there = TokenFile(tmp_path / "api.json"), TokenFile(tmp_path / "api.json")
    token = there.renew()
    assert not here.opens(token)
    here.look_again()
    assert here.opens(token)


@pytest.mark.parametrize(
    "content", ["", "{}", '{"version": 1}', '{"version": 1, "token_sha256": "ab"}', '{"version": 1, "token_sha256": 5}']
)
def test_a_damaged_file_opens_to_nobody(tmp_path: Path, content: str) -> None:
    file = tmp_path / "api.json"
    file.write_text(content, encoding="utf-8")
    tokens = TokenFile(file)
    assert not tokens.exists and not tokens.opens("") and not tokens.opens("ab")
    assert tokens.opens(tokens.renew())


def test_one_that_cannot_be_kept_is_none(tmp_path: Path) -> None:
    tokens = TokenFile(tmp_path / "gone" / "api.json")
    with pytest.raises(UserFacingError, match="could not be kept") as found:
        tokens.renew()
    assert "writable" in found.value.remedy  # there is room on the disk
    assert not tokens.exists


@pytest.mark.parametrize(
    "text", ["", "http://localhost:3000", "https://a.example, app://obsidian.md", "http://[::1]:5173/"]
)
def test_origins_are_listed(text: str) -> None:
    assert check_origins(text) is None
    assert not any(origin.endswith("/") for origin in listed_origins(text))


@pytest.mark.parametrize(
    "text", ["*", "null", "localhost:3000", "https://a.example/path", "https://", "x" * 500, "http://a b\x00"]
)
def test_what_is_no_origin_is_refused(text: str) -> None:
    assert check_origins(text)


def test_there_are_not_hundreds_of_origins() -> None:
    assert check_origins(" ".join(f"http://localhost:{port}" for port in range(100)))
