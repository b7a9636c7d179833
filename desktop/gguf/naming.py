"""What a model is called: by its file's name, or by the name inside where that says the same in better spelling.

Converters make ``general.name`` out of a folder's name ("Smollm2 135M 8k Lc100K Mix1 Ep2"), leave "models" in it, or
whatever else; the file's name is what people have chosen and downloaded. Standard library only.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from desktop.gguf.header import GgufHeader
from desktop.gguf.kind import words_of
from desktop.gguf.parts import part_name
from desktop.gguf.tables import FILE_TYPES

# Characters of a name that are kept; longer ones are elided where there is no room anyway.
_LONGEST: Final = 200
# Code points that are no characters to look at, or that turn the text around them: of these categories.
_UNSEEN: Final = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_QUANT: Final = re.compile(r"i?q\d(_[0-9a-z]+)*|[bf]p?(16|32)|tq\d_\d|mxfp4|nvfp4|int[48]|ud|i1")
# File names that say nothing, after the quantisation was taken off.
_SAYS_NOTHING: Final = frozenset(
    {"model", "ggml", "gguf", "download", "unsloth", "file", "main", "new", "test", "output"}
)


def plain_name(text: str) -> str:
    """Returns a name as it can be shown on one line: line ends, control and direction characters become spaces."""
    seen = "".join(" " if unicodedata.category(each) in _UNSEEN else each for each in text)
    return " ".join(seen.split())[:_LONGEST].strip()


def display_name(header: GgufHeader, file_name: str) -> str:
    """Returns what to call a model.

    Args:
        header: What the file says about itself.
        file_name: The file's name, of the first part where there are several.
    """
    inside = header.metadata.get("general.name")
    return name_for(plain_name(inside) if isinstance(inside, str) else "", file_name)


def name_for(inside: str, file_name: str) -> str:
    """Returns the better one of two names; the file's, unless it says nothing or the other says the same.

    Args:
        inside: ``general.name``, on one line; empty: there is none.
        file_name: The file's name.
    """
    outside = stem(file_name)
    spoken = _telling(outside)
    if not spoken and inside:
        return inside
    if inside and _telling(inside) == spoken:
        quant = quantisation_of(file_name)
        return f"{inside} {quant}" if quant and quant.lower() not in inside.lower() else inside
    return outside or inside or "?"


def is_same_model(one: str, another: str) -> bool:
    """Tells whether two file names say the same model, whatever the quantisation; never where they say nothing."""
    words = _telling(stem(one))
    return bool(words) and words == _telling(stem(another))


def stem(file_name: str) -> str:
    """Returns a file's name as a model's: without folders, ending and the number of a part."""
    name = file_name.replace("\\", "/").rpartition("/")[2]
    named = part_name(name)
    if named is not None:
        name = named.prefix
    if name.lower().endswith(".gguf"):
        name = name[: -len(".gguf")]
    return plain_name(name)


def quantisation_of(file_name: str) -> str:
    """Returns the quantisation that a file's name tells, such as "Q4_K_M"; empty: it tells none."""
    known = {label.upper() for label in FILE_TYPES.values()}
    for word in reversed(re.split(r"[-. ]", stem(file_name))):
        upper = word.upper()
        if upper in known or re.fullmatch(r"I?Q\d_[0-9A-Z_]+|[BF]F?P?(16|32)|TQ\d_\d|MXFP4(_MOE)?", upper):
            return upper
    return ""


def _telling(name: str) -> frozenset[str]:
    """Returns the words of a name that tell models apart."""
    quant = quantisation_of(name)
    rest = re.sub(re.escape(quant), " ", name, flags=re.IGNORECASE) if quant else name
    return frozenset(word for word in words_of(rest) if not _QUANT.fullmatch(word) and word not in _SAYS_NOTHING)
