"""What was asked of students beside what was measured, from what a project holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.bench.results import Figure
from tests.bench.student.recipe import FUNCTIONS, JUDGED, LONG, MANIFEST, TWIN, WIDTHS, Names, Wish
from tests.bench.student.speed import Answer, ratio

# What the work was asked to show, with SmolLM2 135M (docs/adr/038).
_TRAINING_S: Final = 300.0
_KL, _TOP1, _LONG_TOP1 = 0.70, 0.66, 0.80
_FIRST_TOKEN, _SPEED = 0.71, 1.4

# What `catnap student check --json` prints.
Checked = Mapping[str, Any]


def figures_of(folder: Path, wish: Wish, names: Names, rounds: Sequence[Mapping[str, Answer]]) -> list[Figure]:
    """Returns the table; what nobody has measured yet stands in it as that.

    Args:
        folder: Of the project.
        wish: What was made.
        names: Of the students.
        rounds: Of speed.
    """
    return [
        *_of_training(folder, names),
        *_of_speed(folder, wish, names, rounds),
        *_of_words(_read(folder / JUDGED), wish, names),
        *_of_functions(_read(folder / FUNCTIONS), names),
        *_of_widths(_read(folder / WIDTHS), wish, names),
    ]


def abilities(checked: Checked) -> Iterator[str]:
    """Yields lines of a table in Markdown: what each model can do, by kind of tasks, with 95 % intervals.

    Args:
        checked: With a function check.
    """
    models = [each for each in checked["models"] if each.get("abilities")]
    yield f"| | {' | '.join(each['name'] for each in models)} |"
    yield f"|---|{'---|' * len(models)}"
    kinds = list(dict.fromkeys((x["kind"], x["language"]) for each in models for x in each["abilities"]))
    for kind, language in kinds:
        cells = [_ability(each["abilities"], kind, language) for each in models]
        yield f"| {kind}, {language} | {' | '.join(cells)} |"
    yield f"| all | {' | '.join(_share(each['all']) for each in models)} |"


def _ability(found: Sequence[Mapping[str, Any]], kind: str, language: str) -> str:
    return next((_share(each) for each in found if (each["kind"], each["language"]) == (kind, language)), "")


def _share(line: Mapping[str, Any]) -> str:
    low, high = line["interval"]
    return f"{line['right']} of {line['asked']} ({low:.0%} to {high:.0%})"


def _read(file: Path) -> Checked | None:
    found: Checked | None = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
    return found


def _model(checked: Checked | None, name: str) -> Mapping[str, Any] | None:
    models = [] if checked is None else checked["models"]
    return next((each for each in models if each["name"] == name), None)


def _estimate(
    title: str,
    model: Mapping[str, Any] | None,
    key: str,
    *,
    at_most: float | None = None,
    at_least: float | None = None,
    note: str = "",
) -> Figure:
    if model is None:
        return Figure(title, None, "", at_most, at_least, "not made yet")
    value, low, high = model[key]
    said = f"95 %: {low:.3f} to {high:.3f}, {model['bytes'] / 1e6:.1f} MB"
    return Figure(title, value, "", at_most, at_least, f"{said}; {note}" if note else said)


def _of_training(folder: Path, names: Names) -> Iterator[Figure]:
    runs = {} if not (folder / MANIFEST).exists() else _trainings(folder / MANIFEST)
    short, long = runs.get(names.short), runs.get(names.long)
    title = "22 layers: training, of one processor"
    if short is None:
        yield Figure(title, None, "s", _TRAINING_S, note="not trained yet")
    else:
        yield Figure(title, short["cpu_seconds"], "s", _TRAINING_S, note=f"{short['tokens']:,} tokens learnt from")
    judged = _model(_read(folder / JUDGED), names.short)
    yield _estimate("22 layers: KL, held out", judged, "kl", at_most=_KL)
    yield _estimate("22 layers: top-1, held out", judged, "top1", at_least=_TOP1)
    said = "" if long is None else f"{long['cpu_seconds'] / 60:.0f} minutes, {long['tokens']:,} tokens"
    model = _model(_read(folder / LONG), names.long)
    yield _estimate("26 layers: top-1, held out", model, "top1", at_least=_LONG_TOP1, note=said)
    yield _estimate("26 layers: KL, held out", model, "kl")


def _trainings(manifest: Path) -> dict[str, Mapping[str, Any]]:
    runs = json.loads(manifest.read_text(encoding="utf-8"))["runs"]
    return {run["settings"]["name"]: run["figures"] for run in runs if run["step"] == "train"}


def _of_speed(folder: Path, wish: Wish, names: Names, rounds: Sequence[Mapping[str, Answer]]) -> Iterator[Figure]:
    twin = str(folder / TWIN)
    named = names.words.format(wish.words)
    for title, name in (("22 layers", names.short), (f"22 layers, {wish.words:,} tokens", named)):
        file = str(folder / "models" / f"{name}-Q8_0.gguf")
        first = ratio(rounds, "ttft_s", file, twin)
        speed = ratio(rounds, "gen_tps", file, twin)
        yield _pairs(f"{title}, Q8_0: first word", first, at_most=_FIRST_TOKEN)
        yield _pairs(f"{title}, Q8_0: words a second", speed, at_least=_SPEED)


def _pairs(
    title: str, found: tuple[float, int] | None, *, at_most: float | None = None, at_least: float | None = None
) -> Figure:
    if found is None:
        return Figure(title, None, "x", at_most, at_least, "not measured yet")
    value, pairs = found
    return Figure(title, value, "x", at_most, at_least, f"of the teacher's as Q8_0; median of {pairs} pairs")


def _of_words(checked: Checked | None, wish: Wish, names: Names) -> Iterator[Figure]:
    title = f"22 layers, {wish.words:,} tokens, not trained again"
    model = _model(checked, f"{names.words.format(wish.words)}-Q8_0")
    whole = _model(checked, f"{names.short}-Q8_0")
    note = "" if whole is None else f"with all tokens {whole['kl'][0]:.3f}, {whole['bytes'] / 1e6:.1f} MB"
    yield _estimate(f"{title}: KL", model, "kl", note=note)
    yield _estimate(f"{title}: top-1", model, "top1")


def _of_functions(checked: Checked | None, names: Names) -> Iterator[Figure]:
    title = "22 layers, Q4_0: further from the teacher than plain quantisation of its bytes"
    if checked is None:
        yield Figure(title, None, "", 0.0, note="not checked yet")
        return
    for verdict in checked["verdicts"]:
        value, low, high = verdict["further"]
        note = f"KL, 95 %: {low:.3f} to {high:.3f}; {verdict['rival']}"
        yield Figure(title, value, "", 0.0, note=note)
    for model in checked["models"]:
        if everything := model.get("all"):
            low, high = everything["interval"]
            note = f"95 %: {100 * low:.0f} to {100 * high:.0f} %; {everything['right']} of {everything['asked']}"
            share = 100 * everything["right"] / max(1, everything["asked"])
            yield Figure(f"tasks done: {model['name']}", share, "%", note=note)


def _of_widths(checked: Checked | None, wish: Wish, names: Names) -> Iterator[Figure]:
    twin = _model(checked, "teacher, Q4_0-protected")
    for name in (names.pruned, *(each.name for each in wish.narrow)):
        model = _model(checked, names.final.format(name))
        beside = "" if model is None or twin is None else f"{_time_of(model)}, teacher so {_time_of(twin)}"
        yield _estimate(f"{name}, Q4_0, not trained: KL", model, "kl", note=beside)


def _time_of(model: Mapping[str, Any]) -> str:
    spent = model.get("processor_ms_per_token")
    return f"{spent:.1f} ms a token" if spent else "not timed"
