"""What a server has and is: its models, how long their context is, whose program it runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.json_file import is_count
from desktop.servers import errors
from desktop.servers.addresses import ServerAddress
from desktop.servers.client import RefusedError, ServerClient
from desktop.servers.registry import Findings

_MOST_MODELS: Final = 2_000
_MOST_KEPT: Final = 100  # of the models, in what is kept
_LONGEST_NAME: Final = 300
_LARGEST_CONTEXT: Final = 100_000_000
# Where lists of models tell a context: vLLM and SGLang; OpenRouter; LM Studio.
_CONTEXTS: Final = ("max_model_len", "context_length", "loaded_context_length", "max_context_length", "context_window")
# What "owned_by" says, where it tells whose program it is.
_KINDS: Final = {
    "vllm": "vllm",
    "llamacpp": "llama.cpp",
    "sglang": "sglang",
    "library": "ollama",
    "me": "llama-cpp-python",
}
UNKNOWN: Final = "other"
_SHOWN: Final = 12  # models that a sentence names


@dataclass(frozen=True)
class OfferedModel:
    """A model that a server has.

    Attributes:
        name: As it is asked for.
        n_ctx: Its context in tokens; None: the server does not say.
    """

    name: str
    n_ctx: int | None = None


@dataclass(frozen=True)
class Capabilities:
    """What was found out about a server.

    Attributes:
        kind: See :class:`desktop.servers.registry.Findings`; "other": unknown.
        models: In its order; those whose names cannot be shown are left out.
    """

    kind: str
    models: tuple[OfferedModel, ...]

    def findings(self, before: Findings) -> Findings:
        """Returns what is worth keeping, with what requests have found out before."""
        contexts = {each.name: each.n_ctx for each in self.models if each.n_ctx is not None}
        kept = before if before.kind in ("", self.kind) else Findings()
        names = tuple(each.name for each in self.models[:_MOST_KEPT])
        return replace(kept, kind=self.kind, contexts=dict(list(contexts.items())[:_MOST_KEPT]), models=names)


async def look(client: ServerClient, model: str = "") -> Capabilities:
    """Asks a server what it has.

    Args:
        client: The way to it.
        model: The one that will be asked, for servers that tell its context only when they are asked for it.

    Raises:
        UserFacingError: It cannot be reached, or does not say.
    """
    try:
        document = await client.document("/models")
    except RefusedError as problem:
        raise errors.status_error(problem.status, problem.headers, problem.content, client.address, "") from problem
    entries = document.get("data") if isinstance(document, dict) else document
    if not isinstance(entries, list):
        raise errors.no_answer(client.address)
    listed = [each for each in entries[:_MOST_MODELS] if isinstance(each, dict)]
    kind = next((_KINDS[owner] for each in listed if (owner := str(each.get("owned_by"))) in _KINDS), UNKNOWN)
    models = tuple(_models(listed))
    if kind == "llama.cpp" and len(models) == 1:
        # What /models tells is what the model was trained for; this is what the server gives it.
        n_ctx = await _asked(client, "/props", None, ("default_generation_settings", "n_ctx"))
        models = (replace(models[0], n_ctx=n_ctx or models[0].n_ctx),)
    if kind == "ollama" and model:
        shown = await _asked_document(client, "/api/show", {"model": model})
        n_ctx = _ollama_context(shown)
        models = tuple(replace(each, n_ctx=n_ctx) if each.name == model else each for each in models)
    return Capabilities(kind, models)


def _models(entries: list[dict[str, Any]]) -> Iterator[OfferedModel]:
    seen = set()
    for entry in entries:
        name = entry.get("id")
        # What cannot be shown cannot be chosen; and what is sent back must be exactly what came.
        if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
            continue
        if name not in seen:
            seen.add(name)
            meta = entry.get("meta")
            told = [entry.get(key) for key in _CONTEXTS]
            told += [meta.get("n_ctx"), meta.get("n_ctx_train")] if isinstance(meta, dict) else []
            yield OfferedModel(name, next((n for each in told if (n := _context(each))), None))


def _ollama_context(shown: Mapping[str, Any]) -> int | None:
    # What it gives a model is set on the server, and most often less than the model was trained for.
    parameters = shown.get("parameters")
    for line in parameters.splitlines() if isinstance(parameters, str) else ():
        name, _, value = line.strip().partition(" ")
        if name == "num_ctx" and value.strip().isdigit() and len(value.strip()) < 12:
            return _context(int(value))
    return None


async def _asked(client: ServerClient, path: str, body: Mapping[str, Any] | None, keys: tuple[str, ...]) -> int | None:
    value: Any = await _asked_document(client, path, body)
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return _context(value)


async def _asked_document(client: ServerClient, path: str, body: Mapping[str, Any] | None) -> Mapping[str, Any]:
    with contextlib.suppress(RefusedError, UserFacingError, asyncio.TimeoutError):
        document = await client.document(path, body, at_root=True)
        return document if isinstance(document, dict) else {}
    return {}


def _context(value: object) -> int | None:
    return value if is_count(value, _LARGEST_CONTEXT) and value > 0 else None


def only_model(seen: Capabilities, address: ServerAddress) -> str:
    """Returns the model to ask where none was named.

    Raises:
        UserFacingError: There is none, or there are several.
    """
    names = [each.name for each in seen.models]
    if len(names) == 1:
        return names[0]
    if not names:
        raise errors.unknown_model("", address)
    shown = ", ".join(names[:_SHOWN]) + (" ..." if len(names) > _SHOWN else "")
    raise UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The server has several models, and none is chosen."),
        f"{address.place}: {shown}.",
        QT_TRANSLATE_NOOP("Errors", "Choose one that it has."),
    )
