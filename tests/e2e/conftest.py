"""What the end-to-end tests share: a desktop, a served model, a catalogue, and where the pictures go."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.desktop_session import DesktopSession, missing_programs
from tests.support.fault_server import serve
from tests.support.parrot import make_parrot

# Layers that do nothing but take KV cache: 4,096 tokens of context are some 12 MB that a nap gives back.
_LAYERS = 12
N_CTX = 4096


@dataclass(frozen=True)
class Offer:
    """Models on a server of this test.

    Attributes:
        catalog: The models.json that names them.
        parrot: The file of the one that says PARROT_TEXT.
        endless: The file of the one that never stops.
    """

    catalog: Path
    parrot: Path
    endless: Path


def spec_of(file: Path, model_id: str, url: str) -> dict[str, object]:
    """Returns a catalogue entry for a file."""
    content = file.read_bytes()
    return {
        "id": model_id,
        "name": model_id.capitalize(),
        "summary_en": "Repeats one sentence.",
        "summary_zh": "只会重复一句话。",
        "languages": ["en", "zh"],
        "licence": "MIT",
        "licence_must_be_shown": False,
        "repo": f"catnap/{model_id}",
        "revision": "main",
        "file": file.name,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "kv_bytes_per_token": 3072,
        "context_trained": 32768,
        "thinking": "no",
        "quality": 50 if model_id == "parrot" else 10,
        "mirrors": ["huggingface"],
        "url": url,
    }


@pytest.fixture
def offer(tmp_path: Path) -> Iterator[Offer]:
    """Parrot and its endless brother, served on loopback."""
    folder = tmp_path / "served"
    folder.mkdir()
    parrot = make_parrot(folder / "parrot.gguf", layers=_LAYERS)
    endless = make_parrot(folder / "endless.gguf", layers=_LAYERS, endless=True)
    with serve(folder) as server:
        entries = [spec_of(file, file.stem, f"{server.url}/{file.name}") for file in (parrot, endless)]
        catalog = tmp_path / "models.json"
        catalog.write_text(json.dumps({"version": 1, "default": "parrot", "models": entries}), encoding="utf-8")
        yield Offer(catalog, parrot, endless)


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[DesktopSession]:
    """A desktop with a tray."""
    assert missing_programs() == [], "run: sudo apt-get install $(packaging/debian-packages.txt)"
    with DesktopSession(tmp_path / "desktop") as session:
        yield session


@pytest.fixture
def pictures(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Folder for screenshots; ``CATNAP_E2E_PICTURES`` keeps them."""
    kept = os.environ.get("CATNAP_E2E_PICTURES")
    name: str = request.node.name
    return (Path(kept) if kept else tmp_path / "pictures") / name
