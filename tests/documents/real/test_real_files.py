"""Files that other people's programs have written, see make.py: what stands in each must be found in it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from desktop.documents.question import title_of
from desktop.documents.reader import read_document
from desktop.documents.types import PartKind

_HERE = Path(__file__).parent
_FILES = _HERE / "files"
FACTS: dict[str, dict[str, Any]] = {
    file: facts
    for facts in tomllib.loads((_HERE / "facts.toml").read_text(encoding="utf-8")).values()
    for file in facts["files"]
}


def test_every_file_is_looked_into() -> None:
    assert sorted(FACTS) == sorted(file.name for file in _FILES.iterdir())
    assert len(FACTS) >= 40


@pytest.mark.parametrize("name", sorted(FACTS))
def test_a_real_file_is_read(name: str) -> None:
    facts = FACTS[name]
    document = read_document(_FILES / name)
    text = "\n".join(part.text for part in document.parts)
    missing = [words for words in facts["has"] if words not in text]
    assert not missing, text
    if "parts" in facts:
        assert [title_of(part) for part in document.parts] == facts["parts"]
    elif name.endswith((".docx", ".odt", ".txt", ".csv", ".md", ".html", ".py", ".c")):
        assert [part.kind for part in document.parts] == [PartKind.WHOLE]
    assert document.language == facts.get("language", document.language)
    assert "\ufffd" not in text
