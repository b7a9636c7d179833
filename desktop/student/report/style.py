"""How the report looks: one style sheet, light and dark as the reader's system is, and on paper."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root { color-scheme: light dark; --page: #faf9f7; --sheet: #ffffff; --ink: #26241f; --quiet: #6b675f;
  --line: #dedad2; --grid: #ebe8e1; --student: #1f6f8b; --teacher: #8a5a14; --plain: #77736a; --good: #26713f;
  --bad: #a33a22; --box: #f3f1ec; }
@media (prefers-color-scheme: dark) { :root { --page: #1b1a18; --sheet: #242320; --ink: #e9e6df; --quiet: #a6a196;
  --line: #403d37; --grid: #33312c; --student: #6cc3e0; --teacher: #e0b26a; --plain: #a8a397; --good: #7fd09b;
  --bad: #f0937c; --box: #2c2a26; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, "Noto Sans",
  "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif; overflow-wrap: anywhere; }
main { max-width: 74rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
h1 { font-size: 1.8rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 0 0 .5rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p { margin: 0 0 .75rem; max-width: 50rem; }
.quiet, footer { color: var(--quiet); }
.small { font-size: .875rem; }
section { background: var(--sheet); border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.25rem 1.25rem;
  margin: 1.25rem 0 0; }
.verdict { border-left: 6px solid var(--plain); }
.verdict.good { border-left-color: var(--good); }
.verdict.bad { border-left-color: var(--bad); }
.verdict .said { font-size: 1.15rem; font-weight: 600; }
.verdict.good .said { color: var(--good); }
.verdict.bad .said { color: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line);
  overflow-wrap: break-word; }
thead th { color: var(--quiet); font-weight: 600; font-size: .875rem; vertical-align: bottom; }
tbody tr:last-child > * { border-bottom: 0; }
th[scope=row] { font-weight: inherit; min-width: 8rem; }
.number { text-align: right; white-space: nowrap; }
.between { display: block; color: var(--quiet); font-size: .8rem; white-space: nowrap; }
tr.student > * { font-weight: 600; }
tr.student th { color: var(--student); }
tr.teacher th { color: var(--teacher); }
tr.all > * { border-top: 2px solid var(--line); }
.cell { white-space: nowrap; }
code { font: .85em/1.4 ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
svg.chart { display: block; width: 100%; height: auto; max-width: 52rem; }
svg text { fill: var(--ink); font-size: 13px; }
svg .tick { fill: var(--quiet); font-size: 12px; }
svg .grid { stroke: var(--grid); stroke-width: 1; }
svg .mark line { stroke-width: 1.5; } svg .mark circle { stroke-width: 2; }
.plain line { stroke: var(--plain); } .plain circle { stroke: var(--plain); fill: var(--sheet); }
.teacher line { stroke: var(--teacher); } .teacher circle { stroke: var(--teacher); fill: var(--teacher); }
.student line { stroke: var(--student); } .student circle { stroke: var(--student); fill: var(--student); }
svg.bar { vertical-align: middle; margin-right: .5rem; }
svg.bar line { stroke-width: 2; } svg.bar .grid { stroke: var(--grid); stroke-width: 6; stroke-linecap: round; }
svg .line { fill: none; stroke-width: 2; } svg .line.a { stroke: var(--plain); stroke-width: 1.25; }
svg .line.b { stroke: var(--student); } svg .dot.b { fill: var(--student); } svg .dot.a { fill: var(--plain); }
.pair { border-top: 1px solid var(--line); padding: .9rem 0 .2rem; }
.asked { font-weight: 600; margin-bottom: .5rem; white-space: pre-wrap; }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; }
@media (max-width: 40rem) { .two { grid-template-columns: 1fr; } }
.said-by { background: var(--box); border-radius: 8px; padding: .6rem .75rem; white-space: pre-wrap;
  font-size: .92rem; }
.said-by b { display: block; font-size: .8rem; color: var(--quiet); font-weight: 600; }
.said-by.student b { color: var(--student); } .said-by.teacher b { color: var(--teacher); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1rem; margin: 0 0 1rem; }
dt { color: var(--quiet); } dd { margin: 0; }
footer { font-size: .85rem; margin-top: 1.5rem; }
@media print { body { background: #fff; } section { break-inside: avoid-page; border-color: #ccc; } }
"""
