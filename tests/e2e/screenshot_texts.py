"""Conversations for the README's pictures. Written by hand, to show what the page can show; no model said this."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Dialogue:
    """A conversation in the list.

    Attributes:
        title: Shown in the list.
        messages: Questions and answers in turn.
    """

    title: str
    messages: tuple[str, ...]


SAVINGS = Dialogue(
    "How savings grow",
    (
        "I put 1,000 € into a savings account at 3 % a year. What is there after 3 years? Explain it to my daughter.",
        """\
Each year the bank adds **3 %** of what is there, and from then on the added money earns something too:

| Year | At the start | 3 % of it | At the end |
|-----:|-------------:|----------:|-----------:|
| 1 | 1,000.00 € | 30.00 € | 1,030.00 € |
| 2 | 1,030.00 € | 30.90 € | 1,060.90 € |
| 3 | 1,060.90 € | 31.83 € | **1,092.73 €** |""",
        "Now as a small Python function, please.",
        """\
```python
def savings(start: float, percent: float, years: int) -> float:
    return start * (1 + percent / 100) ** years

print(f"{savings(1000, 3, 3):.2f}")
```

It prints `1092.73`, the same as the table: multiplying by 1.03 *three times* is what the three rows do.""",
    ),
)

WORDS = Dialogue(
    "三周背单词计划",
    (
        "我每天背 15 个英语单词，三周一共能背多少？列一个表，要让小学生看得懂。",
        """\
每天 15 个，一周有 7 天，所以每周是 15 × 7 = **105** 个：

| 第几周 | 这一周 | 一共 |
|:------:|-------:|-----:|
| 1 | 105 | 105 |
| 2 | 105 | 210 |
| 3 | 105 | **315** |""",
        "用 Python 把这张表打印出来。",
        """\
```python
total = 0
for week in range(1, 4):
    total += 15 * 7
    print(f"第 {week} 周：105 个，一共 {total} 个")
```

`total` 从 0 开始，每过一周就加上 105，最后是 315。""",
    ),
)

_LETTER = Dialogue("A letter to the landlord", ("A letter to the landlord", "Dear Ms Weber, …"))
_SKY = Dialogue("为什么天空是蓝色的？", ("为什么天空是蓝色的？", "因为阳光里的蓝光散射得最多。"))
_WORD = Dialogue("What does ubiquitous mean?", ("What does ubiquitous mean?", "Found everywhere."))
_DINNER = Dialogue("番茄炒蛋怎么做", ("番茄炒蛋怎么做", "先炒蛋，再炒番茄，最后合在一起。"))
_SUM = Dialogue("25 °C in Fahrenheit", ("25 °C in Fahrenheit", "25 × 9 / 5 + 32 = 77 °F."))

# The list in each language, from the newest on, and how many hours ago each was spoken in.
DIALOGUES = {
    "en": (SAVINGS, WORDS, _LETTER, _WORD, _SKY, _SUM),
    "zh_CN": (WORDS, SAVINGS, _SKY, _DINNER, _WORD),
}
HOURS_AGO = (0.2, 3.5, 27, 51, 99, 240)

# What the quick-ask box shows: a question and its answer, in the language of the interface.
QUICK = {
    "en": (
        "How do I undo the last commit in git?",
        """\
If it is not pushed yet, and you want to keep the changes in your files:

```sh
git reset --soft HEAD~1
```

With `--hard` instead of `--soft` the changes are gone as well.""",
    ),
    "zh_CN": (
        "“不胫而走”是什么意思？",
        """\
**不胫而走**：没有腿却能跑，比喻消息或作品*不用推广就迅速传开*。

例句：他退休的消息**不胫而走**，第二天全公司都知道了。""",
    ),
}
