"""Texts that are too much for Qt if it is given them whole, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping


def _table(rows: int, columns: int) -> str:
    row = "|" + " a |" * columns + "\n"
    return row + "|" + "---|" * columns + "\n" + row * rows


# The inputs of row C6 of the table of faults.
C6: Mapping[str, Callable[[], str]] = {
    "one word of 256,000 letters": lambda: "a" * 256_000,
    "a table of 5,000 rows": lambda: _table(5_000, 2),
    "a table of 120 x 300": lambda: _table(300, 120),
    "20,000 link definitions": lambda: "".join(f"[name{n}]: http://example.com/{n}\n" for n in range(20_000)),
}

# Of the same kind.
MORE: Mapping[str, Callable[[], str]] = {
    "100,000 nested quotes": lambda: ">" * 100_000,
    "stairs of quotes": lambda: "\n".join(">" * depth + " a" for depth in range(400)),
    "100,000 nested lists": lambda: "- " * 100_000,
    "stairs of lists": lambda: "\n".join("  " * depth + "- a" for depth in range(300)),
    "a list of 20,000 items": lambda: "- item\n" * 20_000,
    "50,000 emphasis marks": lambda: "*a* " * 25_000,
    "50,000 open emphasis marks": lambda: "*a **b _c " * 15_000,
    "one line of 1 MB": lambda: "lorem ipsum dolor sit amet " * 38_000,
    "30,000 short lines": lambda: "ab\n" * 30_000,
    "5,000 pieces of code": lambda: "```py\nprint(1)\n```\n" * 5_000,
    "code of one line": lambda: "```\n" + "x = 1; " * 30_000 + "\n```\n",
    "code that never ends": lambda: "```\n" + "print(1)\n" * 20_000,
    "code in a list that never ends": lambda: "- a\n  ```\n" + "  print(1)\n" * 20_000,
    "right to left by the 100,000": lambda: "שלום " * 20_000,
    "combining marks by the 100,000": lambda: "e" + "\u0301" * 100_000,
    "zero width by the 100,000": lambda: "\u200b" * 50_000 + "\u200d" * 50_000,
    "directions by the 100,000": lambda: "a\u202e\u2066" * 34_000,
    "a huge inline code": lambda: "`" + "x" * 200_000 + "`",
    "many inline codes": lambda: "`x` " * 30_000,
    "html": lambda: "<b><i>a</i></b>" * 10_000,
    "links": lambda: "[a](http://example.com/) " * 10_000,
    "images": lambda: "![a](http://example.com/a.png) " * 10_000,
    "10,000 headings": lambda: "# a\n\n" * 10_000,
    "families of pictures": lambda: "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 20_000,
    "carriage returns": lambda: "\r" * 50_000,
    "characters outside of the first plane": lambda: "\U0001f600" * 60_000,
    "simple formulas": lambda: r"\(x\) " * 20_000,
    "different formulas": lambda: " ".join(rf"\(x_{{{n}}}^2\)" for n in range(8_000)),
    "drawn formulas": lambda: " ".join(rf"\(\frac{{{n}}}{{b}}\)" for n in range(6_000)),
    "one huge formula": lambda: "$$" + "x + " * 60_000 + "y$$",
    "nested fractions": lambda: "$$" + r"\frac{1}{" * 400 + "x" + "}" * 400 + "$$",
    "a matrix of 60 x 60": lambda: r"$$\begin{pmatrix}" + (" & ".join("9" * 60) + r"\\ ") * 60 + r"\end{pmatrix}$$",
    "formulas that are not closed": lambda: r"\[ x_1 = \frac{a}{b} " * 10_000,
    "dollar signs": lambda: "$" * 60_000 + "$a " * 20_000,
    "20,000 tasks": lambda: "- [x] done\n" * 20_000,
    "rows without a rule": lambda: "| a | b |\n" * 20_000,
    "marks of headings": lambda: "##a\n" * 20_000,
    "addresses": lambda: "http://a.org/b_c " * 10_000,
    "markdown within markdown": lambda: "```markdown\n" + "```py\nx\n```\n" * 5_000 + "```\n",
    "brackets and backslashes": lambda: r"\(\[\)\]" * 20_000,
    "60,000 open brackets": lambda: "[" * 60_000,
    "images that are not closed": lambda: "![](" * 20_000,
    "footnotes": lambda: "".join(f"a[^{n}]\n\n[^{n}]: b\n\n" for n in range(5_000)),
    "comments that are not closed": lambda: "<!-- " * 20_000,
    "entities": lambda: "&amp;&nosuch;&#x1F600;" * 6_000,
    "escapes": lambda: r"\*\_\`\#" * 10_000,
    "headings that are underlined": lambda: "a\n===\n" * 10_000,
    "addresses in angle brackets": lambda: "<http://a.org/x> " * 8_000,
    "struck out and not": lambda: "~~a~ b~~~ " * 10_000,
    "references to nothing": lambda: "[a][b] " * 15_000,
    "cells with code that is not closed": lambda: "| a | b |\n|---|---|\n" + "| `a | b` |\n" * 8_000,
    "tabs": lambda: "\t" * 40_000 + "x",
    "fences of growing length": lambda: "\n".join("`" * n + "\nx" for n in range(3, 400)),
    "ideographs without a blank": lambda: "\u732b" * 100_000,
    "marks of a thousand languages": lambda: "".join(chr(point) for point in range(0x0300, 0xD7FF, 3)) * 4,
    "a table of one row": lambda: "|" + " a |" * 20_000 + "\n|" + "---|" * 20_000 + "\n",
}
