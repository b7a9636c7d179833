"""The report as one HTML page: what was made of what, how near it came, what it can do, and whether it was worth it.

The page stands alone: its charts are SVG, it has no script, and what it may fetch is nothing (a content security policy
says so to the browser). Names and answers come from models and from people, so every text is escaped, and characters
that control where it is shown are replaced.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Final

from desktop.check.statistics import wilson
from desktop.check.summary import Line as AbilityLine
from desktop.common.atomic_file import write_atomically
from desktop.common.byte_sizes import format_bytes
from desktop.common.printable import printable
from desktop.student.judging import Estimate
from desktop.student.manifest import InputFile, Run
from desktop.student.project import Project
from desktop.student.report.charts import Mark, Series, interval_bar, line_chart, size_chart
from desktop.student.report.evidence import Evidence, sides_of
from desktop.student.report.sentences import called, reasons, verdict_sentence
from desktop.student.report.style import STYLE
from desktop.student.report.words import Wording
from desktop.student.results import Contestant, Role

NAME: Final = "report.html"
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
# Of a settings value that a table can hold.
_LONGEST: Final = 400
_ANSWER: Final = 6_000


def write_report(project: Project, evidence: Evidence, language: str) -> Path:
    """Writes the report into a project, in place of the one before; returns the file.

    Args:
        project: Whose report it is.
        evidence: What is known.
        language: "en" or "zh".

    Raises:
        OSError: It cannot be written.
    """
    path = project.folder / NAME
    write_atomically(path, render(evidence, language).encode())
    return path


def render(evidence: Evidence, language: str) -> str:
    """Returns the page.

    Args:
        evidence: What is known.
        language: "en" or "zh".
    """
    return _Page(evidence, Wording(language)).whole()


class _Page:
    """One page in the making."""

    def __init__(self, evidence: Evidence, words: Wording) -> None:
        self._known = evidence
        self._words = words
        self._say = words.say
        order = {Role.TEACHER: 0, Role.PLAIN: 1, Role.STUDENT: 2}
        self._models = sorted(evidence.compared.contestants, key=lambda each: (order[each.role], -each.size))

    def whole(self) -> str:
        title = self._say("title", teacher=self._known.attribution.name)
        language = {"zh": "zh-Hans"}.get(self._words.language, self._words.language)
        parts = (
            self._head(title),
            self._verdict(),
            self._table(),
            self._chart(),
            self._curve(),
            self._functions(),
            self._answers(),
            self._made_of(),
        )
        foot = _text(self._say("foot", build=self._known.manifest.build))
        return (
            f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n'
            f"<title>{_text(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
            + "\n".join(part for part in parts if part)
            + f"\n<footer>{foot}</footer>\n</main>\n</body>\n</html>\n"
        )

    # --- what is at the top

    def _head(self, title: str) -> str:
        student, teacher = self._known.student, self._known.teacher
        subtitle = self._say(
            "subtitle",
            name=student.name,
            layers=student.layers,
            all_layers=teacher.layers,
            tokens=f"{student.tokens:,}",
            size=format_bytes(student.size),
            kind=student.kind,
        )
        return f'<header><h1>{_text(title)}</h1><p class="quiet">{_text(subtitle)}</p></header>'

    def _verdict(self) -> str:
        style = "good" if self._known.is_worth_it else "bad"
        said = verdict_sentence(self._known, self._words)
        inside = "".join(f"<p>{_text(each)}</p>" for each in reasons(self._known, self._words))
        return (
            f'<section class="verdict {style}"><h2>{_text(self._say("verdict"))}</h2>'
            f'<p class="said">{_text(said)}</p>{inside}</section>'
        )

    # --- the models

    def _table(self) -> str:
        known, say = self._known, self._say
        figures = known.compared.figures[known.student.fingerprint]
        about = say("models, about", answers=len(figures.prompts), tokens=f"{figures.tokens:,}")
        heads = ["model", "size", "kl", "top1", "perplexity"]
        is_timed = any(known.compared.rounds.get(each.fingerprint) for each in self._models)
        is_asked = any(known.results.get(each.fingerprint) for each in self._models)
        heads += ["first token", "first token, cold", "speed", "processor"] if is_timed else []
        heads += ["tasks"] if is_asked else []
        head = "".join(
            f'<th scope="col"{_number_class(key != "model")}>{_text(say(key))}</th>' for key in ("", *heads) if key
        )
        rows = "".join(
            self._row(place, each, is_timed=is_timed, is_asked=is_asked) for place, each in enumerate(self._models, 1)
        )
        return self._section(
            "models",
            f'<p class="quiet small">{_text(about)}</p><div class="scroll"><table><thead><tr>'
            f'<th scope="col" class="number">#</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>',
        )

    def _row(self, place: int, model: Contestant, *, is_timed: bool, is_asked: bool) -> str:
        figures, compared = self._known.compared.figures[model.fingerprint], self._known.compared
        cells = [
            _number(format_bytes(model.size)),
            _estimate(figures.kl, "{:.3f}"),
            _estimate(figures.top1, "{:.3f}"),
            _estimate(figures.perplexity, "{:.2f}"),
        ]
        if is_timed:
            speed = compared.speed(model)
            if speed is None:
                cells += [_number("")] * 4
            else:
                cells += [
                    _number(self._say("seconds", seconds=f"{speed.warm:.2f}") if speed.warm else ""),
                    _number(self._say("seconds", seconds=f"{speed.cold:.2f}") if speed.cold else ""),
                    _number(f"{speed.speed:.0f}" if speed.speed else ""),
                    _number(f"{speed.processor:.1f}" if speed.processor else ""),
                ]
        if is_asked:
            lines = self._known.functions(model)
            right, asked = sum(line.right for line in lines), sum(line.asked for line in lines)
            cells.append(_number(self._say("of", right=right, asked=asked) if asked else ""))
        name = _text(self._called(model))
        return (
            f'<tr class="{model.role.value}"><td class="number">{place}</td><th scope="row">{name}</th>'
            f"{''.join(cells)}</tr>"
        )

    def _chart(self) -> str:
        marks = []
        for place, model in enumerate(self._models, 1):
            kl = self._known.compared.figures[model.fingerprint].kl
            name = printable(self._called(model))
            marks.append(Mark(place, name, model.size / 1e6, kl.value, kl.interval, model.role.value))
        svg = size_chart(marks, self._say("chart"), self._say("megabytes"), self._say("kl"))
        return self._section("chart", f'<p class="quiet small">{_text(self._say("chart, about"))}</p>{svg}')

    # --- the training

    def _curve(self) -> str:
        points, say = self._known.curve, self._say
        if not points:
            return self._section("curve", f"<p>{_text(say('curve, none'))}</p>")
        last = points[-1]
        figures = {
            "steps": f"{last.step:,}",
            "tokens": f"{last.tokens:,}",
            "minutes": f"{last.cpu_seconds / 60:.1f}",
        }
        parts = [f'<p class="quiet small">{_text(say("curve, about", **figures))}</p>']
        # Before the first step there was nothing to learn from.
        loss = tuple((point.tokens, point.training_loss) for point in points if point.step)
        series = [Series(say("kl held out"), tuple((point.tokens, point.kl) for point in points), "b")]
        if loss:
            series.insert(0, Series(say("loss"), loss, "a"))
        parts.append(line_chart(series, say("curve"), say("learnt tokens"), say("kl")))
        top1 = Series(say("top1 held out"), tuple((point.tokens, point.top1) for point in points), "b")
        parts.append(line_chart([top1], say("top1 held out"), say("learnt tokens"), say("top1"), top=1.0))
        return self._section("curve", "".join(parts))

    # --- what they can do

    def _functions(self) -> str:
        known, say = self._known, self._say
        models = [each for each in self._models if known.results.get(each.fingerprint)]
        if not models:
            return self._section("functions", f"<p>{_text(say('functions, none'))}</p>")
        found = {each.fingerprint: {(x.kind, x.language): x for x in known.functions(each)} for each in models}
        head = "".join(f'<th scope="col">{_text(self._called(each))}</th>' for each in models)
        places = [(line.kind, line.language) for line in known.functions(models[0])]
        rows = []
        for kind, language in places:
            cells = "".join(self._ability(found[each.fingerprint].get((kind, language)), each) for each in models)
            rows.append(
                f'<tr><th scope="row">{_text(self._words.kind(kind))}</th>'
                f"<td>{_text(self._words.spoken(language))}</td>{cells}</tr>"
            )
        totals = "".join(self._total(known.functions(each), each) for each in models)
        rows.append(f'<tr class="all"><th scope="row" colspan="2">{_text(say("all"))}</th>{totals}</tr>')
        note = ""
        if any(line.asked < 20 for line in known.functions(models[0])):
            note = f'<p class="quiet small">{_text(say("functions, quick"))}</p>'
        return self._section(
            "functions",
            f'<p class="quiet small">{_text(say("functions, about"))}</p>{note}<div class="scroll"><table><thead><tr>'
            f'<th scope="col">{_text(say("ability"))}</th><th scope="col">{_text(say("language"))}</th>{head}'
            f"</tr></thead><tbody>{''.join(rows)}</tbody></table></div>",
        )

    def _ability(self, line: AbilityLine | None, model: Contestant) -> str:
        if line is None or not line.asked:
            return "<td></td>"
        words = _text(self._say("of", right=line.right, asked=line.asked))
        return f'<td class="cell">{interval_bar(line.share, line.interval, model.role.value)}{words}</td>'

    def _total(self, lines: Sequence[AbilityLine], model: Contestant) -> str:
        right, asked = sum(line.right for line in lines), sum(line.asked for line in lines)
        words = _text(self._say("of", right=right, asked=asked))
        bar = interval_bar(right / max(1, asked), wilson(right, asked), model.role.value)
        return f'<td class="cell">{bar}{words}</td>'

    # --- what they say

    def _answers(self) -> str:
        known, say = self._known, self._say
        sides = sides_of(known.compared, known.student.fingerprint)
        kl = {
            each.id: each.kl / max(1, each.tokens) for each in known.compared.figures[known.student.fingerprint].prompts
        }
        count = len(sides.nearest)
        if not count:
            return ""
        about = say("answers, about", count=count, most=known.manifest.settings.max_tokens)
        parts = [f'<p class="quiet small">{_text(about)}</p>']
        for key, ids in (("nearest", sides.nearest), ("furthest", sides.furthest)):
            parts.append(f"<h3>{_text(say(key, count=count))}</h3>")
            parts += [self._pair(each, kl[each]) for each in ids]
        return self._section("answers", "".join(parts))

    def _pair(self, prompt: str, kl: float) -> str:
        known = self._known
        asked = known.compared.prompts.get(prompt, prompt)
        sides = []
        for key, name, model in (
            ("teacher", self._called(known.teacher), known.teacher),
            ("student", self._say("student"), known.student),
        ):
            said = known.compared.answers.get(model.fingerprint, {}).get(prompt, "").strip()[:_ANSWER]
            words = _text(said) if said else f'<span class="quiet">{_text(self._say("no answer"))}</span>'
            sides.append(f'<div class="said-by {key}" dir="auto"><b>{_text(name)}</b>{words}</div>')
        return (
            f'<div class="pair"><div class="asked" dir="auto">{_text(asked)} '
            f'<span class="quiet small">KL {kl:.2f}</span></div><div class="two">{"".join(sides)}</div></div>'
        )

    # --- what was made of what

    def _made_of(self) -> str:
        say, manifest = self._say, self._known.manifest
        owner = self._known.attribution
        stated = say("not stated")
        prompts = say("prompts, own") if manifest.prompts is None else Path(manifest.prompts.path).name
        rows: list[tuple[str, str]] = [
            (say("learnt from"), _text(owner.name)),
            (say("file"), f"{_text(Path(manifest.teacher.path).name)}, {format_bytes(manifest.teacher.size)}"),
            (say("sha256"), f"<code>{_text(manifest.teacher.sha256)}</code>"),
            *(self._base(manifest.student) if manifest.student is not None else ()),
            (say("makers"), _text(owner.makers or stated)),
            (say("licence"), _text(owner.licence or stated)),
            (say("student"), f"{_text(self._known.student.file)}, {format_bytes(self._known.student.size)}"),
            (say("sha256"), f"<code>{_text(self._known.student.sha256)}</code>"),
            (say("prompts"), f"{_text(prompts)} <code>{_text(manifest.prompts_digest[:16])}</code>"),
            (say("settings"), _settings(manifest.settings.__dict__)),
            (say("build"), _text(manifest.build)),
            (say("begun"), _text(manifest.at)),
        ]
        entries = "".join(f"<dt>{_text(name)}</dt><dd>{value}</dd>" for name, value in rows)
        head = "".join(
            f'<th scope="col">{_text(say(key))}</th>' for key in ("step", "when", "sequences", "chosen", "found")
        )
        runs = "".join(map(self._run, manifest.runs))
        return self._section(
            "made of",
            f'<dl>{entries}</dl><h3>{_text(say("steps"))}</h3><p class="quiet small">{_text(say("seed"))}</p>'
            f'<div class="scroll"><table class="small"><thead><tr>{head}</tr></thead>'
            f"<tbody>{runs}</tbody></table></div>",
        )

    def _base(self, base: InputFile) -> tuple[tuple[str, str], ...]:
        file = f"{_text(Path(base.path).name)}, {format_bytes(base.size)}"
        return (self._say("made from"), file), (self._say("sha256"), f"<code>{_text(base.sha256)}</code>")

    def _run(self, run: Run) -> str:
        used = f"{len(run.sequences):,} ({run.digest})" if run.sequences else ""
        found = "" if run.step == "check" else _settings(run.figures)
        return (
            f'<tr><th scope="row">{_text(run.step)}</th><td class="cell">{_text(run.at)}</td><td>{_text(used)}</td>'
            f"<td>{_settings(run.settings)}</td><td>{found}</td></tr>"
        )

    # --- parts

    def _called(self, model: Contestant) -> str:
        return called(model, self._words)

    def _section(self, key: str, inside: str) -> str:
        return f"<section><h2>{_text(self._say(key))}</h2>{inside}</section>"


def _text(text: str) -> str:
    """Returns a text as it may stand anywhere in the page."""
    return escape(printable(text), quote=True)


def _settings(values: Mapping[str, object]) -> str:
    shown = (f"{name}: {_short(value)}" for name, value in values.items())
    return _text("; ".join(shown))


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _number_class(is_number: bool) -> str:
    return ' class="number"' if is_number else ""


def _number(words: str) -> str:
    return f'<td class="number">{_text(words)}</td>'


def _estimate(figure: Estimate, pattern: str) -> str:
    value, low, high = (pattern.format(each) for each in (figure.value, figure.interval.low, figure.interval.high))
    return f'<td class="number">{value}<span class="between">[{low}, {high}]</span></td>'
