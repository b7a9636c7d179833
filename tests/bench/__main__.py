"""Measures Catnap on this machine and sets the figures beside their budgets: ``make bench ARGS="--json FILE"``.

--shape q05|q15     which model: random weights in the shape of Qwen2.5 0.5B (default) or 1.5B
--part NAME         only speed, naps or app; may be given more than once
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
from collections.abc import Iterator
from pathlib import Path

from desktop.amounts import format_bytes
from desktop.engine.bindings import load as load_bindings
from desktop.engine.memory_reading import MemoryReader
from desktop.engine.pace import choose_threads
from desktop.engine.processors import read_processors
from desktop.machine import read_processor, read_system
from tests.bench.app_figures import app_figures
from tests.bench.engine_figures import Effort, naps, speed
from tests.bench.results import Figure, table
from tests.bench.shapes import SHAPES, ensure_model, shape_named

_PARTS = ("speed", "naps", "app")
_BUSY = 0.3  # of one processor: above this, other programs spoil the figures


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shape", choices=[shape.name for shape in SHAPES], default="q05")
    parser.add_argument("--part", choices=_PARTS, action="append")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    shape = shape_named(arguments.shape)
    parts = arguments.part or list(_PARTS)
    effort = Effort(pairs=3, cycles=6) if arguments.quick else Effort(pairs=7, cycles=20)
    model = ensure_model(shape)
    threads = choose_threads(0, read_processors())
    machine = _machine()
    print("\n".join(machine))
    print(f"model      {shape.title}, random weights, {format_bytes(model.stat().st_size)}, {threads} threads\n")
    began = time.monotonic()
    figures: list[Figure] = []
    code = 0
    try:
        for figure in _figures(parts, model, threads, effort):
            print(f"  ... {figure.name}", file=sys.stderr, flush=True)
            figures.append(figure)
    except KeyboardInterrupt:
        print("interrupted; what was measured until then:", file=sys.stderr)
        code = 130
    except Exception:  # what was measured before took minutes and is still right
        traceback.print_exc()
        code = 1
    print(table(figures))
    print(f"\n{time.monotonic() - began:.0f} s. llama-bench: same build, model, threads, batch of 512, mapped weights,")
    print("no repacking, low priority, polling 10; it neither samples nor makes text, which is in its favour.")
    if arguments.json:
        record = {"machine": machine, "shape": shape.name, "figures": [figure.record() for figure in figures]}
        arguments.json.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return code


def _figures(parts: list[str], model: Path, threads: int, effort: Effort) -> Iterator[Figure]:
    if "speed" in parts:
        yield from speed(model, threads, effort)
    if "naps" in parts:
        yield from naps(model, threads, effort)
    if "app" in parts:
        yield from app_figures(model, threads)


def _machine() -> list[str]:
    processors, memory = read_processors(), MemoryReader().read()
    lines = [
        f"machine    {read_processor().name}, {processors.physical} cores, {processors.logical} logical processors",
        f"memory     {format_bytes(memory.machine_total)}, {format_bytes(memory.machine_available)} available",
        f"system     {read_system()}",
        f"backend    {load_bindings().backend_name()}",
    ]
    load = os.getloadavg()[0]
    if load > _BUSY:
        lines.append(f"WARNING    other programs are at work (load {load:.1f}); only the ratios can be trusted")
    return lines


if __name__ == "__main__":
    sys.exit(main())
