"""Snapshots as files; the native state is played by a few bytes here, the real one is in test_nap.py."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.snapshots.store import MIN_TOKENS, Identity, SnapshotStore, model_identity

IDENTITY = Identity("model:1:2", "b1", 2048, "f16", "auto", "t")
TOKENS = tuple(range(MIN_TOKENS))


def saver(size: int = 1000) -> object:
    def save(path: Path, tokens: Sequence[int]) -> bool:
        path.write_bytes(bytes(n % 251 for n in range(size)))
        return True

    return save


class Loader:
    def __init__(self, takes: bool = True) -> None:
        self.takes = takes
        self.loaded: list[bytes] = []

    def __call__(self, path: Path, tokens: Sequence[int]) -> bool:
        self.loaded.append(path.read_bytes())
        return self.takes


def save(store: SnapshotStore, conversation: str, size: int = 1000) -> bool:
    return store.save(conversation, IDENTITY, TOKENS, saver(size))  # type: ignore[arg-type]


def test_a_state_comes_back_as_it_was(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path / "s", 10_000)
    assert save(store, "c")
    loader = Loader()
    assert store.restore("c", IDENTITY, loader) == TOKENS
    assert len(loader.loaded[0]) == 1000
    if os.name == "posix":
        assert all(file.stat().st_mode & 0o077 == 0 for file in (tmp_path / "s").iterdir())


def test_too_short_to_be_worth_it(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path / "s", 10_000)
    assert not store.save("c", IDENTITY, TOKENS[:-1], saver())  # type: ignore[arg-type]
    assert store.size() == 0


@pytest.mark.parametrize(
    "other",
    [
        replace(IDENTITY, model="model:1:3"),
        replace(IDENTITY, computed_by="Vulkan0, driver 1, -1 layers"),
        replace(IDENTITY, llama_build="b2"),
        replace(IDENTITY, n_ctx=1024),
        replace(IDENTITY, kv_type="q8_0"),
        replace(IDENTITY, flash_attention="off"),
        replace(IDENTITY, template="u"),
    ],
)
def test_another_identity_is_refused_and_removed(tmp_path: Path, other: Identity) -> None:
    store = SnapshotStore(tmp_path / "s", 10_000)
    save(store, "c")
    loader = Loader()
    assert store.restore("c", other, loader) is None
    assert loader.loaded == []
    assert store.size() == 0


@pytest.mark.parametrize("damage", ["cut", "flip", "gone", "header cut", "header of another", "not taken"])
def test_damage_is_refused_and_removed(tmp_path: Path, damage: str) -> None:
    store = SnapshotStore(tmp_path / "s", 10_000)
    save(store, "c")
    state = next((tmp_path / "s").glob("*.state"))
    header = next((tmp_path / "s").glob("*.json"))
    content = state.read_bytes()
    if damage == "cut":
        state.write_bytes(content[:-1])
    elif damage == "flip":
        state.write_bytes(content[:500] + bytes([content[500] ^ 1]) + content[501:])
    elif damage == "gone":
        state.unlink()
    elif damage == "header cut":
        header.write_text(header.read_text()[:40])
    elif damage == "header of another":
        header.write_text(header.read_text().replace('"conversation": "c"', '"conversation": "d"'))
    loader = Loader(takes=damage != "not taken")
    assert store.restore("c", IDENTITY, loader) is None
    assert store.size() == 0


def test_the_least_recently_used_goes_first(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path / "s", 2_500)
    save(store, "old")
    save(store, "new")
    for age, state in enumerate(sorted((tmp_path / "s").glob("*.state"), key=lambda f: f.stat().st_mtime_ns)):
        os.utime(state, (1000 + age, 1000 + age))
    # WHEN the older one is used again and a third arrives
    assert store.restore("old", IDENTITY, Loader())
    save(store, "third")
    # THEN the one not used for longest is gone
    assert store.peek("new", IDENTITY) is None
    assert store.peek("old", IDENTITY) == TOKENS
    assert store.peek("third", IDENTITY) == TOKENS


def test_a_state_over_the_budget_is_not_kept(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path / "s", 500)
    assert not save(store, "c", size=600)
    assert store.size() == 0


def test_leftovers_are_swept(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path / "s", 10_000)
    save(store, "c")
    (tmp_path / "s" / "x.tmp").write_bytes(b"half")
    (tmp_path / "s" / "y.state").write_bytes(b"no header")
    store.sweep()
    assert sorted(file.suffix for file in (tmp_path / "s").iterdir()) == [".json", ".state"]
    store.erase("c")
    assert list((tmp_path / "s").iterdir()) == []


def test_whose_states_lie_there_is_known(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path / "s", 10_000)
    assert store.owners() == ()
    for owner in ("c" * 32, "persona:own-1", "document:d/1", "a b"):
        save(store, owner)
    (tmp_path / "s" / "0.json").write_bytes(b"noise")
    assert sorted(store.owners()) == sorted(("c" * 32, "persona:own-1", "a b"))


def test_a_folder_that_cannot_be_written_costs_only_the_state(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    store = SnapshotStore(blocked / "s", 10_000)
    assert not save(store, "c")
    assert store.restore("c", IDENTITY, Loader()) is None


def test_model_identity_changes_with_the_file(tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(b"1")
    before = model_identity(file)
    file.write_bytes(b"12")
    assert model_identity(file) != before


def test_a_disk_that_turns_read_only_costs_only_the_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path, missing_ok: bool = False) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    store = SnapshotStore(tmp_path, 10_000)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        assert not save(store, "a")
    assert save(store, "a")
