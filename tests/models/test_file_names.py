"""Names from elsewhere that may become files here, and those that must not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.models.file_names import LONGEST_NAME, why_unusable
from tests.support.properties import PROPERTY


@pytest.mark.parametrize(
    "name",
    [
        *(
            "model.gguf",
            "Qwen2.5-0.5B-Instruct_Q4_K_M.gguf",
            "模型.gguf",
            "modèle (1).gguf",
            "console.gguf",
            "com10.gguf",
        ),
        *("a" * (LONGEST_NAME - 5) + ".gguf", ".hidden.gguf", "nul-and-void.gguf", "auxiliary.gguf"),
    ],
)
def test_usable(name: str) -> None:
    assert why_unusable(name) == ""


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "...", " ", "CON.gguf", "con", "NUL", "nul.gguf", "Aux.tar.gguf", "COM1.gguf", "lpt9.gguf"),
        *("COM¹.gguf", "CON .gguf", "conin$.gguf", "ＣＯＮ.gguf"),
        *(
            "model.gguf.",
            "model.gguf ",
            " model.gguf",
            "a/b.gguf",
            "a\\b.gguf",
            "../a.gguf",
            "c:a.gguf",
            "a.gguf:stream",
        ),
        *("a*.gguf", "a?.gguf", 'a".gguf', "a<b>.gguf", "a|b.gguf", "a\nb.gguf", "a\x00.gguf", "a\x7f.gguf"),
        *("a\u202egguf.exe", "a\u200b.gguf", "a\ud800.gguf", "-rf.gguf", "~root.gguf"),
        *("a" * 295 + ".gguf", "模" * 100 + ".gguf"),
    ],
)
def test_unusable(name: str) -> None:
    assert why_unusable(name)


@PROPERTY
@given(st.text(max_size=80))
def test_what_is_usable_can_be_made_here(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    if why_unusable(name):
        return
    folder = tmp_path_factory.mktemp("names")
    for file in (name, f"{name}.part.json"):
        (folder / file).write_bytes(b"")
    assert {entry.name for entry in Path(folder).iterdir()} == {name, f"{name}.part.json"}
    assert os.sep not in name
