"""Measures Catnap on this machine and sets the figures beside their budgets: ``make bench ARGS="--json FILE"``.

--shape q05|q15     which model: random weights in the shape of Qwen2.5 0.5B (default) or 1.5B
--part NAME         only this part; may be given more than once:
@PARTS@
--threads N         threads to compute with; by default those that "automatic" begins with
--quick             fewer repetitions, for trying the benchmark itself
--json FILE         write everything there as well
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from desktop.common.byte_sizes import format_bytes
from desktop.engine.llama.bindings import load as load_bindings
from desktop.engine.threads.tuner import choose_threads
from desktop.machine.cpu import read_processor, read_processors, read_system
from desktop.machine.memory import MemoryReader
from tests.bench.api_figures import api
from tests.bench.app_figures import app_figures
from tests.bench.busy_figures import busy
from tests.bench.document_figures import documents
from tests.bench.effort import FULL, QUICK, Effort
from tests.bench.engine_figures import speed
from tests.bench.facts_figures import facts
from tests.bench.json_figures import json_answers
from tests.bench.limit_figures import limits
from tests.bench.memory_figures import footprints, naps, repacking
from tests.bench.persona_figures import personas
from tests.bench.plain_figures import plain
from tests.bench.quantisation_figures import quantisation
from tests.bench.results import Figure, table
from tests.bench.retrieval_figures import retrieval
from tests.bench.shapes import SHAPES, Shape, ensure_model, shape_named
from tests.bench.starter_figures import starters
from tests.bench.wake_figures import quick_ask, wake
from tests.support.weights import smollm2


@dataclass(frozen=True)
class Subject:
    """What is measured.

    Attributes:
        threads: Where the number is fixed.
    """

    shape: Shape
    model: Path
    threads: int
    effort: Effort


@dataclass(frozen=True)
class Part:
    """A part of the benchmark that can be asked for alone."""

    name: str
    about: str
    measure: Callable[[Subject], Iterator[Figure]]


_PARTS = (
    Part("speed", "generation and reading against llama-bench", lambda of: speed(of.model, of.threads, of.effort)),
    Part("wake", "a conversation after a doze and after sleep", lambda of: wake(of.model, of.threads, of.effort)),
    Part("quick", "a quick ask between two turns", lambda of: quick_ask(of.model, of.threads)),
    Part(
        "persona",
        "a new conversation with a persona",
        lambda of: personas({of.shape.title: of.model, "SmolLM2": smollm2()}, of.threads, of.effort),
    ),
    Part(
        "documents",
        "a second question about a document",
        lambda of: documents({of.shape.title: of.model, "SmolLM2": smollm2()}, of.threads, of.effort),
    ),
    Part("facts", "facts from a given text, SmolLM2", lambda of: facts(smollm2(), of.threads)),
    Part("starters", "what is offered to begin with, SmolLM2", lambda of: starters(smollm2(), of.threads)),
    Part("json", "answers that keep to a JSON Schema", lambda of: json_answers(smollm2(), of.threads, of.effort)),
    Part("api", "other programs by the API, SmolLM2", lambda of: api(smollm2(), of.threads, of.effort)),
    Part("busy", "threads = auto beside a busy program", lambda of: busy(of.model, of.effort)),
    Part("limit", "catnap ask with little memory (root)", lambda of: limits(of.model, of.threads, of.effort)),
    Part("repack", "memory saver and faster answers", lambda of: repacking(of.threads)),
    Part(
        "quantisation",
        "each quantisation, and what faster answers bring",
        lambda of: quantisation(of.shape, of.threads, of.effort),
    ),
    Part("footprint", "predicted and measured memory", lambda of: footprints(of.threads)),
    Part("naps", "memory over many naps", lambda of: naps(of.model, of.threads, of.effort)),
    Part("plain", "the same with llama_cpp.Llama", lambda of: plain(of.model, of.threads)),
    Part("retrieval", "passages of a handbook, found by questions", lambda of: retrieval()),
    Part("app", "start, memory, GUI thread, wake-ups", lambda of: app_figures(of.model, of.threads, of.effort)),
)
_BUSY = 0.3  # of one processor: above this, other programs spoil the figures


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make bench", description=_description(), formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shape", choices=[shape.name for shape in SHAPES], default="q05")
    parser.add_argument("--part", choices=[part.name for part in _PARTS], action="append")
    parser.add_argument("--threads", type=int, default=0, metavar="N")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    shape = shape_named(arguments.shape)
    parts = [part for part in _PARTS if not arguments.part or part.name in arguments.part]
    effort = QUICK if arguments.quick else FULL
    model = ensure_model(shape)
    threads = choose_threads(arguments.threads, read_processors())
    machine = _machine()
    print("\n".join(machine))
    print(f"model      {shape.title}, random weights, {format_bytes(model.stat().st_size)}, {threads} threads\n")
    began = time.monotonic()
    figures: list[Figure] = []
    subject = Subject(shape, model, threads, effort)
    code = 0
    try:
        for part in parts:
            print(f"{part.name}: {part.about}", file=sys.stderr, flush=True)
            try:
                for figure in part.measure(subject):
                    print(f"  ... {figure.name}", file=sys.stderr, flush=True)
                    figures.append(figure)
            except Exception as problem:  # the other parts take minutes and have nothing to do with it
                traceback.print_exc()
                figures.append(Figure(part.name, None, "", note=f"failed: {problem}"))
                code = 1
    except KeyboardInterrupt:
        print("interrupted; what was measured until then:", file=sys.stderr)
        code = 130
    print(table(figures))
    print(f"\n{time.monotonic() - began:.0f} s. llama-bench: same build, model, threads, batch of 512, mapped weights,")
    print("no repacking, low priority, polling 10; it neither samples nor makes text, which is in its favour.")
    if arguments.json:
        record = {"machine": machine, "shape": shape.name, "figures": [figure.record() for figure in figures]}
        arguments.json.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return code


def _description() -> str:
    lines = (f"                    {part.name:<14}{part.about}" for part in _PARTS)
    return (__doc__ or "").replace("@PARTS@", "\n".join(lines))


def _machine() -> list[str]:
    processors, memory = read_processors(), MemoryReader().read()
    lines = [
        f"machine    {read_processor().name}, {processors.physical} cores, {processors.logical} logical processors",
        f"memory     {format_bytes(memory.machine_total)}, {format_bytes(memory.machine_available)} available",
        f"system     {read_system()}",
        f"backend    {load_bindings().facts().backend.name}",
    ]
    load = os.getloadavg()[0]
    if load > _BUSY:
        lines.append(f"WARNING    other programs are at work (load {load:.1f}); only the ratios can be trusted")
    return lines


if __name__ == "__main__":
    sys.exit(main())
