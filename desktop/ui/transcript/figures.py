"""What an answer took, in a person's words, and in those of the field."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication

from desktop.engine.types import Stats

_WIDE = re.compile("[\u3040-\u9fff\uac00-\ud7af]")
_LATIN = re.compile("[^\\s\u2e80-\U0010ffff]+")
# Characters by which the words of a long answer are counted, and from which on a text is one in characters.
_SAMPLE = 5_000
_MOSTLY = 0.5


def person_words(stats: Stats, thought: str, text: str) -> str:
    """Returns how fast an answer came and what one waited for it; empty: nobody can tell.

    Args:
        stats: Its figures.
        thought: The thoughts before it, which took their time too.
        text: The answer.
    """
    parts = [_speed_words(stats, thought + text)]
    if stats.ttft_s > 0:
        words = QCoreApplication.translate("MessageLines", "first word after {seconds} s")
        seconds = f"{stats.ttft_s:.0f}" if stats.ttft_s >= 9.95 else f"{max(0.1, stats.ttft_s):.1f}"
        parts.append(words.format(seconds=seconds))
    return " \u00b7 ".join(part for part in parts if part)


def _speed_words(stats: Stats, text: str) -> str:
    if stats.gen_tps <= 0 or not text.strip():
        return ""
    sample = text[:_SAMPLE]
    count = count_words(sample)
    words = count * len(text) / len(sample) / stats.generated_tokens * stats.gen_tps
    if words < 0.05:
        return ""
    if words < 0.95:
        slow = QCoreApplication.translate("MessageLines", "about one word in {seconds} s")
        return slow.format(seconds=max(2, round(1 / words)))
    rounded = round(words) if words < 20 else round(words / 5) * 5
    if rounded == 1:
        return QCoreApplication.translate("MessageLines", "about one word a second")
    if len(_WIDE.findall(sample)) > _MOSTLY * count:
        said = QCoreApplication.translate("MessageLines", "about {count} characters a second")
    else:
        said = QCoreApplication.translate("MessageLines", "about {count} words a second")
    return said.format(count=f"{rounded:,}")


def technical_words(stats: Stats, model: str) -> str:
    """Returns the figures of an answer in the field's own terms, for a tooltip."""
    if stats.threads == 0:  # nobody here has computed
        return "\n".join(_served_lines(stats, model))
    lines = [
        QCoreApplication.translate("MessageLines", "Answer: {count} tokens").format(count=stats.generated_tokens),
        QCoreApplication.translate(
            "MessageLines", "Prompt: {total} tokens, {reused} of them found in the KV cache"
        ).format(total=stats.prompt_tokens, reused=stats.reused_tokens),
        QCoreApplication.translate("MessageLines", "Prompt evaluation: {speed:.1f} tokens/s").format(
            speed=stats.prompt_tps
        ),
        QCoreApplication.translate("MessageLines", "Generation: {speed:.1f} tokens/s with {threads} threads").format(
            speed=stats.gen_tps, threads=stats.threads
        ),
        QCoreApplication.translate(
            "MessageLines", "Time to first token: {seconds:.2f} s, of which loading: {load:.2f} s"
        ).format(seconds=stats.ttft_s, load=stats.load_s),
    ]
    return "\n".join([model, *lines] if model else lines)


def _served_lines(stats: Stats, model: str) -> Iterator[str]:
    """Yields what is known of an answer that a server has given: it says less, and counts in its own way."""
    if model:
        yield model
    yield QCoreApplication.translate("MessageLines", "Answer: {count} tokens").format(count=stats.generated_tokens)
    if stats.prompt_tokens:
        yield QCoreApplication.translate(
            "MessageLines", "Prompt: {total} tokens, {reused} of them known to the server"
        ).format(total=stats.prompt_tokens, reused=stats.reused_tokens)
    if stats.gen_tps > 0:
        yield QCoreApplication.translate("MessageLines", "Generation: {speed:.1f} tokens/s").format(speed=stats.gen_tps)
    if stats.ttft_s > 0:
        yield QCoreApplication.translate("MessageLines", "Time to first token: {seconds:.2f} s").format(
            seconds=stats.ttft_s
        )


def count_words(text: str) -> int:
    """Returns the words of a text; each Chinese, Japanese or Korean character counts as one."""
    return len(_WIDE.findall(text)) + sum(1 for word in _LATIN.findall(text) if any(map(str.isalnum, word)))
