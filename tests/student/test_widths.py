"""Models are made narrower: what is zero can go without a trace, and what goes is what counts least."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import gguf
import numpy as np
import pytest

from desktop.common.errors import UserFacingError
from desktop.engine.distillation.client import AskedModel
from desktop.engine.distillation.messages import Answer
from desktop.gguf.header import read_header
from desktop.student.exporting import Format, export
from desktop.student.judging import judge
from desktop.student.project import Project
from desktop.student.pruning import write_pruned
from desktop.student.sequences import Layout, TaughtSequence, read_sequences
from desktop.student.shapes import Shape
from desktop.student.widths import Stays, choose, write_narrower
from tests.support.gguf_build import Tensor
from tests.support.tiny import Dimensions, make_tiny
from tests.support.weights import smollm2

LAYERS = 3
VOCABULARY = 259
TEXT = [40 + place * 7 % 50 for place in range(60)]
# Family, what it has, and what stays: heads that share keys and values go together.
SHAPES = {
    "llama, tied": ("llama", Dimensions(96, 160, 6, 3, is_tied=True), {"width": 64, "ffn": 96, "heads": 4}),
    "llama, heads of every group": ("llama", Dimensions(128, 96, 8, 2), {"width": 96, "ffn": 64, "heads": 6}),
    "qwen2, biases": ("qwen2", Dimensions(128, 96, 8, 4, biases=True), {"width": 96, "ffn": 64, "heads": 6}),
    "qwen3": ("qwen3", Dimensions(64, 96, 4, 2), {"ffn": 64, "heads": 2}),
    "only columns": ("qwen2", Dimensions(64, 128, 2, 1, biases=True, is_tied=True), {"ffn": 96}),
    "only channels": ("llama", Dimensions(96, 96, 6, 6), {"width": 64}),
}


def picked(random: np.random.Generator, count: int, most: int) -> tuple[int, ...]:
    return tuple(sorted(int(each) for each in random.choice(most, count, replace=False)))


def staying(there: Shape, wanted: Shape, seed: int = 1) -> Stays:
    """Chooses by chance what stays."""
    random = np.random.default_rng(seed)
    heads, kv_heads = [], []
    for _ in range(LAYERS):
        kv_heads.append(picked(random, wanted.kv_heads, there.kv_heads))
        groups = [picked(random, wanted.group, there.group) for _ in kv_heads[-1]]
        heads.append(
            tuple(kv * there.group + head for kv, group in zip(kv_heads[-1], groups, strict=True) for head in group)
        )
    norms = ["output_norm", *(f"blk.{n}.{name}_norm" for n in range(LAYERS) for name in ("attn", "ffn"))]
    factor = (there.width / wanted.width) ** 0.5
    return Stays(
        picked(random, wanted.width, there.width),
        tuple(heads),
        tuple(kv_heads),
        tuple(picked(random, wanted.ffn, there.ffn) for _ in range(LAYERS)),
        {f"{name}.weight": factor for name in norms} if factor > 1 else {},
    )


def without_trace(there: Shape, stays: Stays) -> Callable[[dict[str, Tensor]], None]:
    """Returns what makes everything zero that does not stay, and norms and biases any numbers."""

    def edit(tensors: dict[str, Tensor]) -> None:
        random = np.random.default_rng(5)
        for name, tensor in tensors.items():
            if tensor.data.ndim == 1 and "q_norm" not in name and "k_norm" not in name:
                tensors[name] = Tensor(random.uniform(0.5, 1.5, tensor.data.shape).astype(np.float32))
        gone = [channel for channel in range(there.width) if channel not in stays.width]
        tensors["token_embd.weight"].data[:, gone] = 0
        for layer in range(LAYERS):
            prefix, size = f"blk.{layer}.", there.head_size
            tensors[prefix + "attn_output.weight"].data[gone] = 0
            tensors[prefix + "ffn_down.weight"].data[gone] = 0
            columns = [column for column in range(there.ffn) if column not in stays.ffn[layer]]
            tensors[prefix + "ffn_up.weight"].data[columns] = 0
            for head in range(there.heads):
                if head not in stays.heads[layer]:
                    tensors[prefix + "attn_output.weight"].data[:, head * size : (head + 1) * size] = 0
            for head in range(there.kv_heads):
                if head not in stays.kv_heads[layer]:
                    rows = slice(head * size, (head + 1) * size)
                    tensors[prefix + "attn_v.weight"].data[rows] = 0
                    if prefix + "attn_v.bias" in tensors:
                        tensors[prefix + "attn_v.bias"].data[rows] = 0

    return edit


def logits(path: Path, text: Sequence[int] = TEXT) -> np.ndarray:
    asked = array("I", [token for _ in text[1:] for token in range(VOCABULARY)])
    with AskedModel(path, 128) as model:
        return np.array([list(found[2][1:]) for found in model.judge(text, 1, asked, VOCABULARY)])


def make(path: Path, name: str) -> tuple[Shape, Shape, Stays]:
    """Writes a model of which a part is zero; returns its shape, the narrower one, and what is not zero."""
    family, dimensions, sizes = SHAPES[name]
    there = Shape.of(read_header(make_tiny(path, architecture=family, layers=LAYERS, dimensions=dimensions)))
    wanted = there.narrowed(**sizes)
    stays = staying(there, wanted)
    edit = without_trace(there, stays)
    make_tiny(path, architecture=family, layers=LAYERS, dimensions=dimensions, edit=edit)
    return there, wanted, stays


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_zero_goes_without_a_trace(name: str, tmp_path: Path) -> None:
    whole, narrow = tmp_path / "whole.gguf", tmp_path / "narrow.gguf"
    there, wanted, stays = make(whole, name)
    write_narrower(whole, narrow, wanted, stays, "narrow", 1)
    assert Shape.of(read_header(narrow)) == wanted != there and read_header(narrow).name == "narrow"
    before, after = logits(whole), logits(narrow)
    scale, apart = np.abs(before).max(), np.abs(before - after).max(axis=1)
    # Keys and values are kept in 16 bits, where a sum in another order may be rounded the other way.
    assert scale > 1 and apart[0] < 1e-5 * scale and apart.max() < 1e-3 * scale
    # BUT not when anything else goes
    other = staying(there, wanted, seed=2)
    write_narrower(whole, narrow, wanted, other, "other", 1)
    assert np.abs(before - logits(narrow)).max() > 0.1
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".gguf"] == []


@pytest.mark.parametrize("name", [name for name in SHAPES if "every group" not in name])
def test_what_counts_least_is_found(name: str, tmp_path: Path) -> None:
    whole = tmp_path / "whole.gguf"
    _, wanted, stays = make(whole, name)
    read = TaughtSequence("0" * 32, tuple(TEXT), 1, True, Layout(VOCABULARY, 1, (1.0,)), b"")
    found = choose(whole, wanted, [read], 128, 1)
    assert (found.width, found.kv_heads, found.ffn) == (stays.width, stays.kv_heads, stays.ffn)
    assert found.heads == stays.heads
    # AND what is measured of the norms is what it must be
    assert found.norms == pytest.approx(stays.norms, rel=1e-4)


def test_of_a_group_the_heads_go_that_give_least(tmp_path: Path) -> None:
    family, dimensions, sizes = SHAPES["llama, heads of every group"]
    path = make_tiny(tmp_path / "whole.gguf", architecture=family, layers=LAYERS, dimensions=dimensions)
    wanted = Shape.of(read_header(path)).narrowed(**sizes)
    read = TaughtSequence("0" * 32, tuple(TEXT), 1, True, Layout(VOCABULARY, 1, (1.0,)), b"")
    found = choose(path, wanted, [read], 128, 1)
    assert found.kv_heads == ((0, 1),) * LAYERS
    assert all(len([head for head in heads if head < 4]) == 3 and len(heads) == 6 for heads in found.heads)


def test_what_falls_on_blocks_keeps_its_format(tmp_path: Path) -> None:
    whole, packed, narrow = (tmp_path / f"{name}.gguf" for name in ("whole", "packed", "narrow"))
    make_tiny(whole, architecture="llama", layers=LAYERS, dimensions=Dimensions(64, 128, 2, 2))
    export(whole, packed, Format("Q4_1", "Q8_0"), 1)
    there = Shape.of(read_header(packed))
    wanted = there.narrowed(ffn=96, heads=1)
    stays = staying(there, wanted)
    write_narrower(packed, narrow, wanted, stays, "narrow", 1)
    types = {tensor.name: tensor.type for tensor in read_header(narrow).tensors if len(tensor.shape) == 2}
    assert {name for name, kind in types.items() if kind == "F16"} == {
        f"blk.{n}.ffn_down.weight" for n in range(LAYERS)
    }
    # AND the numbers are those that were there
    one, other = ({each.name: each for each in gguf.GGUFReader(path).tensors} for path in (packed, narrow))
    for name, kind in types.items():
        mine, theirs = (gguf.quants.dequantize(each[name].data, each[name].tensor_type) for each in (one, other))
        rows: Sequence[int] = range(len(mine))
        columns: Sequence[int] = range(mine.shape[1])
        if name.startswith("blk."):
            layer, part = int(name.split(".")[1]), name.split(".")[2]
            heads = [head * 32 + place for head in stays.heads[layer] for place in range(32)]
            rows = {
                "ffn_gate": stays.ffn[layer],
                "ffn_up": stays.ffn[layer],
                "attn_output": rows,
                "ffn_down": rows,
            }.get(part, heads)
            columns = {"ffn_down": stays.ffn[layer], "attn_output": heads}.get(part, columns)
        tolerance = 1e-3 if kind == "F16" else 0
        assert np.abs(mine[np.ix_(rows, columns)] - theirs).max() <= tolerance, name
    # AND it is written smaller like any student
    export(narrow, tmp_path / "small.gguf", Format("Q4_0", "Q8_0"), 1)
    assert logits(tmp_path / "small.gguf").shape == (len(TEXT) - 1, VOCABULARY)


def test_what_there_cannot_be_is_said(tmp_path: Path) -> None:
    llama = Shape(576, 1536, 9, 3, 64, True)
    assert llama.narrowed(heads=6) == Shape(576, 1536, 6, 2, 64, True)
    assert llama.narrowed(heads=6, kv_heads=3) == replace(llama, heads=6)
    qwen = Shape(3584, 18944, 28, 4, 128, False)
    assert qwen.narrowed(width=2560, heads=20) == replace(qwen, width=2560, heads=20)
    for shape, sizes, why in (
        (llama, {"ffn": 1150}, "such as 1,152"),
        (llama, {"ffn": 2000}, "it has 1,536"),
        (llama, {"heads": 7}, "multiples of 3 or of 3"),
        (llama, {"heads": 6, "kv_heads": 1}, "it has 9 with 3"),
        (llama, {"width": 576}, "that wide already"),
        (qwen, {"width": 2560}, "28 of 128 make 3,584, and the width is 2,560"),
    ):
        with pytest.raises(UserFacingError, match=why):
            shape.narrowed(**sizes)
    for family in ("lfm2", "gemma3"):
        with pytest.raises(UserFacingError, match="cannot be made narrower"):
            Shape.of(read_header(make_tiny(tmp_path / "other.gguf", architecture=family)))


def test_a_student_without_layers_and_narrower(collected: Project) -> None:
    wanted = Shape.of(read_header(collected.teacher)).narrowed(ffn=96)
    target = write_pruned(collected, (1, 4), 6, collected.student("narrower"), 1, wanted)
    header = read_header(target)
    assert header.n_layers == 4 and Shape.of(header) == wanted
    assert header.name == "tiny, 4 of 6 layers, width 64, 2 heads on 1, feed-forward 96"
    with AskedModel(target, 256) as model:
        assert judge(model, read_sequences(collected.held_out)).kl.value > 0
    assert not (collected.folder / "narrowing.gguf").exists()
    target.unlink()


def test_a_real_model_is_made_narrower(tmp_path: Path) -> None:
    header = read_header(smollm2())
    wanted = Shape.of(header).narrowed(ffn=1408)
    answer = "The capital of France is Paris."
    with AskedModel(smollm2(), 128) as model:
        said = model.answer(Answer(answer, 8, 0.0, 1, 64, (1.0,)))
    read = TaughtSequence(
        "0" * 32,
        (*said.prompt, *said.answer),
        len(said.prompt),
        False,
        Layout(model.vocabulary, 64, (1.0,)),
        said.logits,
    )
    narrow = tmp_path / "narrow.gguf"
    write_narrower(smollm2(), narrow, wanted, choose(smollm2(), wanted, [read], 128, 1), "narrow", 1)
    with AskedModel(narrow, 128) as model:
        figures = judge(model, [read])
    assert figures.kl.value < 1 and figures.top1.value > 0.5
