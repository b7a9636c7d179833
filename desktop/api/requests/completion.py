"""A request to go on with a text, as ``POST /v1/completions`` takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desktop.api.errors import unsupported
from desktop.api.requests import fields
from desktop.api.requests.generating import Options, read_options


@dataclass(frozen=True)
class CompletionRequest:
    """What is asked.

    Attributes:
        prompt: The text to go on with.
        echoes: It is to stand before what comes.
    """

    options: Options
    prompt: str
    echoes: bool = False


def read_completion(document: Mapping[str, Any]) -> CompletionRequest:
    """Returns what a document asks for.

    Raises:
        ApiError: It makes no sense, or asks for what cannot be had.
    """
    options = read_options(document)
    if fields.text(document, "suffix"):
        raise unsupported("suffix", "a text is gone on with, and not filled in.")
    prompt = document.get("prompt", "")
    if isinstance(prompt, list) and len(prompt) == 1 and isinstance(prompt[0], str):
        prompt = prompt[0]
    if not isinstance(prompt, str):
        raise unsupported("prompt", "it must be one text.")
    return CompletionRequest(options, prompt, fields.flag(document, "echo"))
