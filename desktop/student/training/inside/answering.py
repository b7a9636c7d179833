"""The teacher answers many prompts at once: what it thinks is kept as :mod:`desktop.student.collecting` keeps it.

llama.cpp answers one prompt after the other, 16 ms a token for SmolLM2. Here dozens go side by side, so that each
weight is read once for all of them: several times as many tokens in the same time of the processor, in 16 bits instead
of the teacher's own format. Those held out are never answered here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from desktop.student.sequences import Layout, TaughtSequence, open_for_more, read_layout, read_sequences
from desktop.student.training.inside.lessons import record_type
from desktop.student.training.inside.loop import Model
from desktop.student.training.inside.model import PackedAttention, Shape, pack, run
from desktop.student.training.inside.preparing import place_of, reading_model
from desktop.student.training.settings import AnswersJob

# A choice is made among tokens that together have so much of the probability, as in the app.
_NUCLEUS: Final = 0.95


class _GrowingAttention:
    """Remembers the keys and values of texts that grow by one token at a time."""

    def __init__(self, shape: Shape, lengths: Tensor, longest: int, kind: torch.dtype) -> None:
        size = (shape.layers, len(lengths), shape.kv_heads, longest, shape.head)
        self._keys = torch.zeros(size, dtype=kind, device=lengths.device)
        self._values = torch.zeros_like(self._keys)
        self._lengths = lengths
        self._rows = torch.arange(len(lengths), device=lengths.device)

    def take(self, layer: int, row: int, key: Tensor, value: Tensor) -> None:
        """Remembers the first tokens of a text."""
        self._keys[layer, row, :, : len(key)] = key.transpose(0, 1).to(self._keys.dtype)
        self._values[layer, row, :, : len(value)] = value.transpose(0, 1).to(self._keys.dtype)

    def keep(self, rows: Tensor) -> None:
        """Forgets all texts but some."""
        self._keys, self._values = self._keys[:, rows], self._values[:, rows]
        self._lengths, self._rows = self._lengths[rows], torch.arange(len(rows), device=rows.device)

    def grow(self) -> Tensor:
        """Makes room for one more token of each text; returns its place."""
        self._lengths = self._lengths + 1
        return self._lengths - 1

    def __call__(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        places = self._lengths - 1
        self._keys[layer, self._rows, :, places] = key.to(self._keys.dtype)
        self._values[layer, self._rows, :, places] = value.to(self._keys.dtype)
        longest = int(self._lengths.max())
        keys, values = self._keys[layer, :, :, :longest], self._values[layer, :, :, :longest]
        count, heads, head = query.shape
        grouped = query.view(count, keys.shape[1], -1, head).to(keys.dtype)
        scores = (grouped @ keys.transpose(2, 3)).float() * head**-0.5
        later = torch.arange(longest, device=query.device)[None] >= self._lengths[:, None]
        chances = torch.softmax(scores.masked_fill(later[:, None, None], float("-inf")), -1)
        return (chances.to(values.dtype) @ values).reshape(count, heads, head)


def answer_more(job: AnswersJob) -> Iterator[tuple[int, int, int]]:
    """Has the teacher answer what is not answered yet; yields answers so far, all of them, and tokens of this run.

    Raises:
        UserFacingError: A file cannot be read.
        OSError: An answer cannot be kept.
    """
    place = place_of(job.device, job.precision, job.threads)
    layout, known = read_layout(job.known), [*read_sequences(job.known)]
    ends = frozenset(sequence.tokens[-1] for sequence in known if sequence.is_whole)
    prompts = {sequence.id: sequence.tokens[: sequence.first] for sequence in known}
    with open_for_more(job.target, layout) as file:
        had = Counter(file.ids)
        wanted = [(name, each) for at in range(job.rounds) for name, each in prompts.items() if had[name] <= at]
        total, tokens = len(file.ids) + len(wanted), 0
        yield len(file.ids), total, 0
        model = reading_model(job.teacher, place) if wanted else None
        for begin in range(0, len(wanted), job.side_by_side):
            assert model is not None
            # Another choice for each batch, also where a run before has left some.
            chance = torch.Generator(place.device).manual_seed(job.seed * 1_000_003 + len(file.ids))
            batch = wanted[begin : begin + job.side_by_side]
            with torch.no_grad(), place.numbers():
                for sequence in answers(model, batch, layout, ends, job.most, job.temperature, chance):
                    file.add(sequence)
                    tokens += sequence.length
                    yield len(file.ids), total, tokens


def answers(
    model: Model,
    prompts: Sequence[tuple[str, tuple[int, ...]]],
    layout: Layout,
    ends: frozenset[int],
    most: int,
    temperature: float,
    chance: torch.Generator,
) -> Iterator[TaughtSequence]:
    """Has the teacher answer prompts side by side; yields each answer when it has ended.

    Args:
        model: The teacher.
        prompts: Their ids and tokens.
        layout: Of the file of the answers.
        ends: Tokens that end an answer.
        most: Tokens of an answer.
        temperature: With which the teacher chooses its words.
        chance: Of the choice.
    """
    weights, shape = model.weights, model.shape
    device = weights["token_embd.weight"].device
    lengths = torch.tensor([len(tokens) for _, tokens in prompts], device=device)
    memory = _GrowingAttention(shape, lengths, int(lengths.max()) + most, weights["blk.0.attn_k.weight"].dtype)
    texts = pack([tokens for _, tokens in prompts], device)
    packed = PackedAttention(texts)

    def first(layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        for row, (begin, end) in enumerate(texts.spans):
            own = [torch.cat((each[: texts.shared], each[begin:end])) for each in (key, value)]
            memory.take(layer, row, own[0], own[1])
        return packed(layer, query, key, value)

    places = torch.tensor([end - 1 for _, end in texts.spans], device=device)
    said = run(weights, shape, texts.tokens, texts.positions, first, places)
    rows = [*range(len(prompts))]
    chosen: list[list[int]] = [[] for _ in prompts]
    records: list[list[bytes]] = [[] for _ in prompts]
    while rows:
        logits = functional.linear(said.last, said.output).float()
        best, ids = logits.topk(layout.kept)
        picked = _picked(best, ids, temperature, chance)
        kept = _records(logits, best, ids, layout)
        stay = []
        for at, row in enumerate(rows):
            chosen[row].append(int(picked[at]))
            records[row].append(kept[at].tobytes())
            is_whole = chosen[row][-1] in ends
            if is_whole or len(chosen[row]) == most:
                name, tokens = prompts[row]
                tokens = (*tokens, *chosen[row])
                yield TaughtSequence(name, tokens, len(prompts[row][1]), is_whole, layout, b"".join(records[row]))
            else:
                stay.append(at)
        if len(stay) < len(rows):
            rows, picked = [rows[at] for at in stay], picked[stay]
            memory.keep(torch.tensor(stay, dtype=torch.long, device=device))
        if rows:
            positions = memory.grow()
            said = run(weights, shape, picked, positions.float(), memory, torch.arange(len(rows), device=device))


def _picked(best: Tensor, ids: Tensor, temperature: float, chance: torch.Generator) -> Tensor:
    """Returns a token for each text, of the kept ones."""
    if not temperature:
        return ids[:, 0]
    chances = torch.softmax(best / temperature, -1)
    before = chances.cumsum(-1) - chances
    place = torch.multinomial(chances.masked_fill(before > _NUCLEUS, 0), 1, generator=chance)
    return ids.gather(1, place)[:, 0]


def _records(logits: Tensor, best: Tensor, ids: Tensor, layout: Layout) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    rows = np.zeros(len(logits), dtype=record_type(layout))
    rows["best"] = best[:, 0].cpu().numpy()
    for at, temperature in enumerate(layout.temperatures):
        rows["totals"][:, at] = torch.logsumexp(logits / temperature, -1).cpu().numpy()
    rows["ids"] = ids.cpu().numpy()
    rows["below"] = (best[:, :1] - best).cpu().numpy()
    return rows
