"""Tokens of two vocabularies, set side by side; and what a teacher thought, in a student's tokens."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.gguf.copying import RawValue, copy_with, number_value, read_values, texts_value
from desktop.student.alignment import Alignment, TokenTexts
from desktop.student.project import Project
from desktop.student.sequences import Layout, TaughtSequence, read_sequences
from desktop.student.translation import Said, aligned, merged, said_by, translated
from tests.support.gguf_build import CHATML, LLAMA3, byte_alphabet
from tests.support.llama_source import vocabulary
from tests.support.tiny import make_tiny
from tests.support.weights import smollm2

_INT32 = 5


def values(kind: bytes, tokens: Sequence[str], types: Sequence[int], **ends: int) -> dict[str, RawValue]:
    numbers = struct.pack(f"<{len(types)}i", *types)
    return {
        "tokenizer.ggml.model": RawValue(8, data=kind),
        "tokenizer.ggml.tokens": texts_value([token.encode() for token in tokens]),
        "tokenizer.ggml.token_type": RawValue(9, _INT32, numbers, count=len(types)),
        **{f"tokenizer.ggml.{name}_token_id": number_value(token) for name, token in ends.items()},
    }


PAIRS = TokenTexts.of(values(b"gpt2", ["Ġhe", "y", "Ð", "Ð¶", "<|end|>", "Ð¶x"], [1, 1, 1, 1, 3, 4], eos=4))
PIECE = TokenTexts.of(
    values(b"llama", ["</s>", "<0xD0>", "<0x79>", "▁he", "y", "ж", "<|end|>"], [3, 6, 6, 1, 1, 1, 1], eos=0)
)


def test_a_token_stands_for_bytes() -> None:
    assert PAIRS.texts == (b" he", b"y", b"\xd0", "ж".encode(), b"<|end|>", "Ð¶x".encode())
    assert PIECE.texts == (b"</s>", b"\xd0", b"y", b" he", b"y", "ж".encode(), b"<|end|>")
    assert PAIRS.controls == {4} and PIECE.ends == (0,)
    assert PIECE.by_text[b"y"] == 4, "not the single byte"
    every = TokenTexts.of(values(b"gpt2", byte_alphabet(), [1] * 256))
    assert every.texts == tuple(bytes([byte]) for byte in range(256))


def test_partners_have_the_same_text_and_ends_end() -> None:
    # a control token is none of the words that are spelled as it is
    assert Alignment.of(PAIRS, PIECE).partners == (3, 4, 1, 5, 0, None)
    assert Alignment.of(PIECE, PAIRS).partners == (4, 2, 1, 0, 1, 3, None)
    assert Alignment.of(PAIRS, PAIRS).is_same and not Alignment.of(PIECE, PIECE).is_same
    assert Alignment.of(PAIRS, PIECE).share == 5 / 6


def test_what_is_covered_is_a_share_of_the_probability() -> None:
    layout = Layout(6, 2, (1.0,))
    thoughts = struct.pack("<2f2I2e", math.log(0.5), 0.0, 1, 5, 0.0, math.log(2)) * 2
    answer = TaughtSequence("0" * 32, (0, 1, 5), 1, True, layout, thoughts)
    assert Alignment.of(PAIRS, PIECE).covered([answer]) == pytest.approx(0.5)
    assert Alignment.of(PAIRS, PAIRS).covered([answer]) == pytest.approx(0.75, abs=1e-3)
    assert Alignment.of(PAIRS, PIECE).covered([]) == 0


def test_two_files_are_set_side_by_side(tmp_path: Path, teacher: Path, collected: Project) -> None:
    other = make_tiny(tmp_path / "other.gguf", control=LLAMA3)
    found = Alignment.between(teacher, other)
    assert found.partners[:256] == tuple(range(256))
    # the end of a turn is one in both; what else is a control token has no partner
    ends = [LLAMA3.tokens.index(LLAMA3.eos) + 256 if name == CHATML.eos else None for name in CHATML.tokens]
    assert list(found.partners[256:]) == ends
    assert 0.9 < found.covered(read_sequences(collected.held_out)) < 1
    whole = read_values(teacher)
    whole["tokenizer.ggml.model"] = RawValue(8, data=b"bert")
    copy_with(teacher, tmp_path / "bert.gguf", whole, {})
    with pytest.raises(UserFacingError, match="cannot be told by their text"):
        Alignment.between(teacher, tmp_path / "bert.gguf")


def test_a_real_vocabulary_is_its_own_partner() -> None:
    texts = TokenTexts.of(read_values(smollm2()))
    assert len(texts.texts) == 49_152 and b" France" in texts.by_text and "é".encode() in texts.by_text
    assert texts.texts[texts.ends[0]] == b"<|im_end|>"
    assert Alignment.of(texts, texts).share == 1.0


@pytest.mark.parametrize(("family", "share"), [("qwen2", 0.798), ("phi-3", 0.381), ("llama-bpe", 0.8)])
def test_real_families_share_what_is_said_most(family: str, share: float) -> None:
    teacher = TokenTexts.of(read_values(smollm2()))
    found = Alignment.between(smollm2(), vocabulary(family))
    assert found.share == pytest.approx(share, abs=0.001)
    # words that most texts have are one token in all of them
    for word in (b" the", b" of", b"The", b" is", b".", b"\n", b" France"):
        assert found.partners[teacher.by_text[word]] is not None


# --- an answer in other tokens

TEXTS = (b"he", b"y", b"hey", b"!", b"", b"\xd0", b"\xb6", "ж".encode())
HE, Y, HEY, MARK, END, HALF, OTHER_HALF, ZHE = range(8)


def said(text: bytes | None, partner: int | None, chances: Mapping[int, float]) -> Said:
    logs = {token: math.log(chance) for token, chance in chances.items()}
    return Said(text, partner, logs.get(-1 if partner is None else partner, math.log(0.5)), logs)


def written(answer: Sequence[Said], text: bytes, tokens: Sequence[int], kept: int = 3) -> list[dict[int, float]]:
    """Returns the chances of each record, but for those of nothing."""
    texts = [TEXTS[token] for token in tokens]
    data = translated(answer, text, tokens, texts, vocabulary=8, kept=kept, temperatures=(1.0, 2.0))
    layout = Layout(8, kept, (1.0, 2.0))
    sequence = TaughtSequence("0" * 32, (0, *tokens), 1, True, layout, data)
    found = []
    for place in range(len(tokens)):
        thought = sequence.thought(place)
        assert len({*thought.ids}) == kept and thought.totals[0] == pytest.approx(0, abs=1e-6)
        assert 0 <= thought.mass(1, 2.0) <= 1.001
        pairs = zip(thought.ids, thought.logits, strict=True)
        found.append({token: round(math.exp(x), 3) for token, x in pairs if x > -30})
    return found


def test_the_same_cut_has_the_same_thoughts() -> None:
    answer = [said(b"he", HE, {HE: 0.7, HEY: 0.2}), said(b"y", Y, {Y: 0.9}), said(b"", END, {END: 0.6, MARK: 0.4})]
    assert written(answer, b"hey", [HE, Y, END]) == [{HE: 0.7, HEY: 0.2}, {Y: 0.9}, {END: 0.6, MARK: 0.4}]


def test_where_the_teacher_begins_no_token_nothing_is_known() -> None:
    answer = [said(b"hey", HEY, {HEY: 0.8, HE: 0.1}), said(b"!", MARK, {MARK: 0.5})]
    # what the teacher gave to the longer word goes to its beginning, since that is what is said here
    assert written(answer, b"hey!", [HE, Y, MARK, END]) == [{HE: 0.9}, {}, {MARK: 0.5}, {}]


def test_a_longer_token_has_the_chance_of_all_its_parts() -> None:
    answer = [said(b"he", HE, {HE: 0.8, MARK: 0.1}), said(b"y", Y, {Y: 0.5})]
    assert written(answer, b"hey", [HEY], kept=3) == [{HEY: 0.4, HE: 0.4, MARK: 0.1}]
    # AND what the student has no token for is in the rest
    alone = [Said(b"h", None, math.log(0.6), {MARK: math.log(0.1)}), Said(b"ey", None, math.log(0.5), {})]
    assert written(alone, b"hey", [HEY]) == [{HEY: 0.3, MARK: 0.1}]


def test_bytes_that_nobody_tells_are_stepped_over() -> None:
    answer = [said(None, None, {}), said(None, None, {}), said(b"y", Y, {Y: 0.5})]
    assert written(answer, "жy".encode(), [HALF, OTHER_HALF, Y]) == [{}, {}, {Y: 0.5}]
    # AND where nothing fits any more nothing more is believed
    assert aligned([said(b"x", None, {}), said(b"y", Y, {})], b"hey") == {}
    # AND blanks at the ends may be gone
    assert [*aligned([said(b" ", None, {}), said(b"he", HE, {HE: 1.0})], b"he")] == [0]


def test_what_several_say_is_added() -> None:
    found = merged([(1, math.log(0.25)), (None, math.log(0.5)), (1, math.log(0.25)), (2, math.log(0.1))])
    assert {token: round(math.exp(x), 6) for token, x in found.items()} == {1: 0.5, 2: 0.1}


def test_the_rest_is_never_taken_for_smaller_than_it_may_be() -> None:
    # GIVEN half of the probability in one token: the rest may lie on seven others alike
    data = translated([said(b"he", HE, {HE: 0.5})], b"he", [HE], [b"he"], vocabulary=8, kept=1, temperatures=(1.0, 2.0))
    best, one, two = struct.unpack_from("<3f", data)
    assert (best, one) == (pytest.approx(math.log(0.5)), pytest.approx(0.0, abs=1e-6))
    assert two == pytest.approx(math.log(math.sqrt(0.5) + 7 * math.sqrt(0.5 / 7)))


def test_a_teacher_here_is_carried_over_without_a_loss_where_the_vocabulary_is_the_same(
    teacher: Path, collected: Project
) -> None:
    texts = TokenTexts.of(read_values(teacher))
    same = Alignment.of(texts, texts)
    for sequence in read_sequences(collected.held_out):
        answer = sequence.tokens[sequence.first :]
        words = [b"" if token in texts.controls else texts.texts[token] for token in answer]
        thoughts = [sequence.thought(place) for place in range(sequence.length)]
        carried = said_by(
            [(each.ids, each.logits, each.totals) for each in thoughts],
            answer,
            words,
            same,
            sequence.layout.temperatures,
        )
        kept = sequence.layout.kept
        data = translated(carried, b"".join(words), answer, words, vocabulary=259, kept=kept, temperatures=(1.0,))
        back = TaughtSequence(sequence.id, sequence.tokens, sequence.first, sequence.is_whole, sequence.layout, data)
        for place, thought in enumerate(thoughts):
            other = back.thought(place)
            assert other.ids[:8] == thought.ids[:8]
            mine, theirs = ([x - each.totals[0] for x in each.logits[:64]] for each in (thought, other))
            assert mine == pytest.approx(theirs, abs=0.02)
