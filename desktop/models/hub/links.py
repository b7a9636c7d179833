"""What somebody has pasted: which repository of Hugging Face is meant, and which file of it. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.gguf.naming import plain_name

_LONGEST: Final = 4000  # characters that are looked at
# Hosts whose addresses are understood; nobody connects to what was pasted, only to the mirrors of the settings.
_HUGGING_FACE: Final = frozenset({"huggingface.co", "hf.co", "hf-mirror.com", "huggingface.com"})
_MODELSCOPE: Final = frozenset({"modelscope.cn", "modelscope.ai"})
# A name of the hub: huggingface_hub, utils/_validators.py.
_PART: Final = re.compile(r"[A-Za-z0-9](?:[\w.-]{0,94}[A-Za-z0-9_])?", re.ASCII)
_AROUND: Final = " \t\r\n\"'`<>()[]{},;，。、；《》“”‘’【】「」『』（）"
_BEHIND: Final = ".!?:…" + _AROUND  # of a sentence that ends with a link
# What `git clone` is given.
_CLONED: Final = re.compile(r"^(?:ssh://)?git@([a-z.]+)[:/]", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
_BEFORE_REVISION: Final = ("blob", "resolve", "raw", "tree", "blame", "commit", "commits", "files", "file")
# Pages of a repository that show none of its files.
_PAGES: Final = ("discussions", "settings", "community", "edit", "upload", "activity")
_NEWEST: Final = "latest"  # what Ollama calls the usual one
_NO_MODELS: Final = frozenset(
    {
        "datasets",
        "spaces",
        "collections",
        "papers",
        "docs",
        "blog",
        "settings",
        "join",
        "login",
        "models",
        "organizations",
    }
)
_SHOWN: Final = 100  # characters of what was pasted that a sentence quotes


@dataclass(frozen=True)
class HubReference:
    """A repository, and perhaps one of its files.

    Attributes:
        repo: ``owner/name``.
        revision: Branch, tag or commit; empty: the usual one.
        path: Of a file, or of a folder, within it; empty: none was named.
        quantisation: Such as "Q4_K_M"; empty: none was named.
    """

    repo: str
    revision: str = ""
    path: str = ""
    quantisation: str = ""


def parse_reference(text: str, own_host: str = "") -> HubReference:
    """Understands an address, ``owner/name``, ``owner/name:Q4_K_M``, or a command line with one of these in it.

    Args:
        text: What was pasted, with whatever stands around it.
        own_host: Address of the own host of the settings, laid out like Hugging Face; empty: there is none.

    Raises:
        UserFacingError: It is none of these, or the address of something else than a model.
    """
    read = text[:_LONGEST]
    words = [word.strip(_AROUND).rstrip(_BEHIND) for word in (*_ADDRESS.findall(read), *read.split())]
    problem: UserFacingError | None = None
    for word in sorted((word for word in words if word), key=lambda word: "://" not in word):
        try:
            return _parse(word, own_host)
        except UserFacingError as error:
            problem = problem or error
    raise problem or _not_understood(text)


def _parse(word: str, own_host: str) -> HubReference:
    word = word.removeprefix("hf:") if not word.startswith("hf://") else word
    word = _CLONED.sub(r"https://\1/", word)
    scheme, separator, rest = word.partition("://")
    if separator and scheme.lower() in ("http", "https"):
        return _of_address(word, own_host)
    if separator and scheme.lower() in ("hf", "huggingface"):
        return _of_path(_without_query(rest), word)
    if separator:
        raise _not_understood(word)
    first = word.partition("/")[0].lower()
    if first.removeprefix("www.") in _HUGGING_FACE | _MODELSCOPE or (own_host and first == _host(own_host)):
        return _of_address(f"https://{word}", own_host)
    return _of_path(_without_query(word), word)


def _without_query(path: str) -> str:
    return path.partition("?")[0].partition("#")[0]


def _host(address: str) -> str:
    try:
        return urlsplit(address if "://" in address else f"https://{address}").netloc.lower()
    except ValueError:
        return ""


def _of_address(address: str, own_host: str) -> HubReference:
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.").removesuffix(".")
    except ValueError:
        raise _not_understood(address) from None
    if host not in _HUGGING_FACE | _MODELSCOPE and not (own_host and _host(address) == _host(own_host)):
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "This is no address of Hugging Face or one of its mirrors."),
            f"{plain_name(host)[:_SHOWN]}." if host else "",
            QT_TRANSLATE_NOOP("Errors", "Paste the link of a model's page, or write it as owner/name."),
        )
    segments = [unquote(segment) for segment in parts.path.split("/") if segment]
    if segments[:2] == ["api", "models"]:
        segments = segments[2:]
    elif segments[:1] == ["models"]:
        segments = segments[1:]
    reference = _of_segments(segments, address)
    # What the page of a repository adds when one looks into a file there.
    shown = parse_qs(parts.query).get("show_file_info", [""])[0]
    return HubReference(reference.repo, reference.revision, shown) if shown and not reference.path else reference


def _of_path(path: str, whole: str) -> HubReference:
    return _of_segments([unquote(segment) for segment in path.split("/") if segment], whole)


def _of_segments(segments: Sequence[str], whole: str) -> HubReference:
    if segments and segments[0].lower() in _NO_MODELS:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "This link does not lead to a model."),
            f"{plain_name(whole)[:_SHOWN]}.",
            QT_TRANSLATE_NOOP("Errors", "Paste the link of a model's page, or write it as owner/name."),
        )
    if len(segments) < 2:
        raise _not_understood(whole)
    owner, (name, _, tag) = segments[0], segments[1].partition(":")
    name, _, asked = name.partition("@")
    name = name.removesuffix(".git")
    if not all(_PART.fullmatch(each) and "--" not in each and ".." not in each for each in (owner, name)):
        raise _not_understood(whole)
    rest, revision = list(segments[2:]), asked
    if rest and rest[0] in _PAGES:
        rest.clear()
    if rest and rest[0] in _BEFORE_REVISION:
        kind = rest.pop(0)
        if kind == "file" and rest[:1] == ["view"]:  # ModelScope
            rest.pop(0)
        revision, rest = (rest[0], rest[1:]) if rest else ("", rest)
    last, _, late_tag = rest[-1].partition(":") if rest else ("", "", "")
    path = "/".join([*rest[:-1], last]) if rest else ""
    tag = tag or late_tag
    tag = "" if tag.lower() == _NEWEST else tag
    if tag.lower().endswith(".gguf"):
        path, tag = tag, ""
    return HubReference(f"{owner}/{name}", "" if revision in ("main", "master") else revision, path, plain_name(tag))


def _not_understood(text: str) -> UserFacingError:
    shown = plain_name(text)[:_SHOWN]
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "This is no link to a model on Hugging Face."),
        f"{shown}." if shown else "",
        QT_TRANSLATE_NOOP("Errors", "Paste the link of a model's page, or write it as owner/name."),
    )
