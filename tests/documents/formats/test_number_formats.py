"""Numbers as a workbook shows them."""

from __future__ import annotations

import pytest

from desktop.documents.formats.office.number_formats import NumberFormat


@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        (0.1 + 0.2, "", "0.3"),
        (1e20, "", "1e+20"),
        (123456789012, "General", "123456789012"),
        (1234.5, "0.00", "1234.50"),
        (1234567, "#,##0", "1,234,567"),
        (-5, "0", "-5"),
        (0.125, "0.0%", "12.5%"),
        (1.5, "0.##", "1.5"),
        (2, "0.##", "2"),
        (12000000, '0.0,,"M"', "12.0M"),
        (5, '"about "0" pieces"', "about 5 pieces"),
        (9.99, "[$¥-804]#,##0.00", "¥9.99"),
        (9.99, '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)', "$9.99"),
        (-9.99, '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)', "$(9.99)"),
        (0, '0;-0;"none"', "none"),
        (12345.678, "0.00E+00", "1.23E+04"),
        (0.5, "# ?/?", "0.5"),
        (60, "yyyy-mm-dd", "1900-02-28"),
        (1, "d/m/yy", "1900-01-01"),
        (46082.5, "yyyy/m/d h:mm", "2026-03-01 12:00"),
        (46082.5, '[$-F800]dddd", "mmmm dd", "yyyy', "2026-03-01"),
        (0.999994, "h:mm:ss", "23:59:59"),
        (2.5, "[h]:mm", "60:00:00"),
        (46082, '[红色]yyyy"年"m"月"d"日"', "2026-03-01"),
        (-1, "yyyy-mm-dd", "-1"),
        (1e300, "yyyy-mm-dd", "1e+300"),
        (float("nan"), "0", ""),
        (5, "@", "5"),
        (5, ";;;", ""),
    ],
)
def test_as_shown(value: float, code: str, expected: str) -> None:
    assert NumberFormat(code).shown(value) == expected


def test_old_macintoshes_count_from_1904() -> None:
    assert NumberFormat("yyyy-mm-dd", is_1904=True).shown(0) == "1904-01-01"
