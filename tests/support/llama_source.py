"""The source of llama.cpp that the wheel was built from: chat templates and vocabularies of real models.

The set-up (``make venv``) unpacks it; where it is missing a test that wants it fails and says so, rather than passing.
"""

from __future__ import annotations

from pathlib import Path

from setup.llama_wheel import cache_layout


def chat_template(name: str) -> str:
    """Returns the text of a model's chat template, for example ``Qwen-Qwen3-0.6B``."""
    return chat_template_file(name).read_text(encoding="utf-8")


def chat_template_file(name: str) -> Path:
    """Returns the file of a model's chat template."""
    return _existing(_models() / "templates" / f"{name}.jinja")


def chat_templates() -> tuple[str, ...]:
    """Returns the names of all chat templates; none where they are missing."""
    return tuple(sorted(path.stem for path in (_models() / "templates").glob("*.jinja")))


def vocabulary(name: str) -> Path:
    """Returns a GGUF file with the vocabulary of a model and no weights, for example ``qwen2``."""
    return _existing(_models() / f"ggml-vocab-{name}.gguf")


def _models() -> Path:
    return cache_layout().source / "vendor" / "llama.cpp" / "models"


def _existing(path: Path) -> Path:
    assert path.is_file(), f"{path} is missing: run `make venv`, which unpacks llama.cpp's source"
    return path
