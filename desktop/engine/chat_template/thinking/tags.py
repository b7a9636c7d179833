"""The tags that models put around their thoughts, and around the answers that follow them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

OPEN_TAG = "<think>"
CLOSE_TAG = "</think>"

# Stands before a tag that came as a control token: a code point that no text has (noncharacters, Unicode 23.7).
TOKEN_MARK = "\ufdd0"


@dataclass(frozen=True)
class ThoughtTags:
    """What opens and closes the thoughts of a family of models.

    Attributes:
        opening: Before a thought.
        closings: Each of them ends it.
        headers: What may stand between the tags and what they are about; dropped.
    """

    opening: str
    closings: tuple[str, ...]
    headers: tuple[str, ...] = ()


_EMPTY = ("<think/>", "<think />")
_HARMONY = ("<|message|>", "<|end|>", "<|start|>assistant", "<|channel|>final", "<|start|>")

KNOWN: Final = (
    # Qwen, DeepSeek, SmolLM3 and most others. What has no content closes what is open, and is nothing elsewhere.
    ThoughtTags(OPEN_TAG, (CLOSE_TAG, *_EMPTY), _EMPTY),
    ThoughtTags("<thinking>", ("</thinking>",)),
    ThoughtTags("<thought>", ("</thought>",)),  # EXAONE, and with a capital Marco-o1
    ThoughtTags("<thoughts>", ("</thoughts>",)),
    ThoughtTags("<reasoning>", ("</reasoning>",)),
    ThoughtTags("<reflection>", ("</reflection>",)),
    ThoughtTags("<scratchpad>", ("</scratchpad>",)),
    ThoughtTags("<antthinking>", ("</antthinking>",)),
    ThoughtTags("<longcat_think>", ("</longcat_think>",)),
    ThoughtTags("<\u601d\u8003>", ("</\u601d\u8003>",)),
    ThoughtTags("<|think|>", ("<|/think|>",)),
    ThoughtTags("<|thinking|>", ("<|/thinking|>",)),
    ThoughtTags("<unused94>thought", ("<unused95>",)),  # MedGemma
    ThoughtTags("<seed:think>", ("</seed:think>",)),  # Seed-OSS
    ThoughtTags("[THINK]", ("[/THINK]",)),  # Magistral
    ThoughtTags("<|START_THINKING|>", ("<|END_THINKING|>",)),  # Command
    ThoughtTags("<|begin_of_thought|>", ("<|end_of_thought|>",)),
    ThoughtTags("<|inner_prefix|>", ("<|inner_suffix|>",)),  # Apertus
    ThoughtTags("\u25c1think\u25b7", ("\u25c1/think\u25b7",)),  # Kimi
    ThoughtTags("<|channel>thought", ("<channel|>",)),  # Gemma
    ThoughtTags("<|channel|>analysis", ("<|end|>", "<|start|>assistant", "<|channel|>final"), _HARMONY),  # gpt-oss
    ThoughtTags("<|channel|>commentary", ("<|end|>", "<|start|>assistant", "<|channel|>final"), _HARMONY),
)
OPENINGS: Final = {tags.opening: tags for tags in KNOWN}
# What some put around the answer that follows their thoughts.
AROUND: Final[Mapping[str, str]] = MappingProxyType(
    {
        "<answer>": "</answer>",  # Hunyuan
        "<response>": "</response>",  # ERNIE, Granite
        "<output>": "</output>",  # Marco-o1
        "<|begin_of_solution|>": "<|end_of_solution|>",
        "<|START_RESPONSE|>": "<|END_RESPONSE|>",
    }
)
# What a thought may hold as well: another one of the same kind. Not the channels, which take turns.
NESTING: Final = frozenset(tags.opening for tags in KNOWN if tags.headers is not _HARMONY)
# What nobody needs in an answer, where nothing is open.
CLOSINGS: Final = {tags.closings[0] for tags in KNOWN if tags.headers is not _HARMONY}
HEADERS = tuple(sorted({header for tags in KNOWN for header in tags.headers}, key=len, reverse=True))
_PART = re.compile(r"<\|?[^<>]*>|\[/?THINK\]|\u25c1/?think\u25b7")
_ALL: Final = frozenset(
    tag for tags in KNOWN for tag in (tags.opening, *tags.closings, *tags.headers, *AROUND, *AROUND.values())
)
IN_ANY_CASE: Final = frozenset(tag for tag in _ALL if re.match(r"</?[a-z]", tag))
# Every tag begins with one of these signs or the mark of a token: what has none of them, as most has, holds no tag.
BEGINNING: Final = re.compile("[" + re.escape("".join(sorted({TOKEN_MARK, *(tag[0] for tag in _ALL)}))) + "]")


def tag_tokens() -> frozenset[str]:
    """Returns what a vocabulary may have as control tokens: the tags, or parts of them."""
    texts = (text for tags in KNOWN for text in (tags.opening, *tags.closings, *tags.headers))
    return frozenset(part for text in texts for part in _PART.findall(text))
