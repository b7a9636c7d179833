"""Every unit compared with pint, whose registry was written by others."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import cache

import pint
import pytest

from desktop.functions import units
from desktop.functions.units import Unit, convert

# What pint calls the units whose symbol it does not know; None: it has none, and the size is checked below.
CALLED: dict[str, str | None] = {
    "°C": "degC", "°F": "degF", "K": "kelvin", "µm": "micrometer", "in": "inch", "ft": "foot", "yd": "yard",
    "mi": "mile", "nmi": "nautical_mile", "light-years": None, "acres": "acre", "tsp (US)": "teaspoon",
    "tbsp (US)": "tablespoon", "fl oz (US)": "fluid_ounce", "cups (US)": "cup", "pt (US)": "pint", "qt (US)": "quart",
    "gal (US)": "gallon", "gal (UK)": "imperial_gallon", "µg": "microgram", "t": "tonne", "st": "stone",
    "tons (US, short)": "short_ton", "days": "day", "weeks": "week", "kn": "knot", "mph": "mile / hour",
    "in²": "inch ** 2", "ft²": "foot ** 2", "yd²": "yard ** 2", "mi²": "mile ** 2", "ft³": "foot ** 3",
    "in³": "inch ** 3", "ft/s": "foot / second", "km/h": "kilometer / hour", "hp": "horsepower",
    "PS": "metric_horsepower",
    "cal": "calorie", "kcal": "kilocalorie", "Wh": "watt * hour", "kWh": "kilowatt * hour",
    "ha": "hectare", "oz": "ounce", "lb": "pound",
    "min": "minute", "h": "hour", "psi": "pound_force_per_square_inch", "l": "liter", "bit": "bit",
    "kbit": "kilobit", "Mbit": "megabit", "Gbit": "gigabit", "kB": "kilobyte", "KiB": "kibibyte", "MiB": "mebibyte",
    "GiB": "gibibyte", "TiB": "tebibyte", "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte", "PB": "petabyte",
    "m³": "m ** 3", "mm²": "mm ** 2", "cm²": "cm ** 2", "m²": "m ** 2", "km²": "km ** 2",
}  # fmt: skip
BASE = {
    "length": "meter", "area": "meter ** 2", "volume": "liter", "mass": "kilogram", "time": "second",
    "speed": "meter / second", "pressure": "pascal", "energy": "joule", "power": "watt", "data": "byte",
    "temperature": "kelvin",
}  # fmt: skip
# By the law of 1929 on weights and measures and the decree of 1959 that kept it: 500 m, a third of a metre, 500 g.
CHINESE = {
    "里": 500, "丈": Fraction(10, 3), "尺": Fraction(1, 3), "市寸": Fraction(1, 30), "亩": Fraction(2000, 3),
    "斤": Fraction(1, 2), "两": Fraction(1, 20),
}  # fmt: skip
# The acre of pint is the surveyor's, which is larger by four millionths; the pound of force in psi has no end.
NEARLY = {"acres", "mi²", "psi", "hp", "PS"}


@cache
def registry() -> pint.UnitRegistry[Decimal]:
    return pint.UnitRegistry(non_int_type=Decimal)


def all_units() -> list[Unit]:
    found = {unit.symbol: unit for unit, _ in units._rows() if not unit.is_money}
    return list(found.values())


@pytest.mark.parametrize("unit", all_units(), ids=lambda unit: unit.symbol)
def test_a_unit_has_the_size_that_pint_gives_it(unit: Unit) -> None:
    if unit.symbol in CHINESE:
        assert unit.size == CHINESE[unit.symbol]
        return
    name = CALLED.get(unit.symbol, unit.symbol)
    if name is None:
        assert unit.size == 299_792_458 * 86_400 * Fraction("365.25")
        return
    for amount in (Fraction(1), Fraction(100), Fraction(-5, 2)):
        decimal = Decimal(amount.numerator) / Decimal(amount.denominator)
        expected = Fraction(registry().Quantity(decimal, name).to(BASE[unit.dimension]).magnitude)
        ours = amount * unit.size + unit.offset
        allowed = Fraction(1, 10**5) if unit.symbol in NEARLY else Fraction(1, 10**20)
        assert abs(ours - expected) <= abs(expected) * allowed


def test_each_name_belongs_to_one_unit() -> None:
    seen: dict[str, str] = {}
    for unit, names in units._rows():
        for name in set(names):
            assert seen.setdefault(name, unit.symbol) == unit.symbol


def test_there_and_back_is_exact() -> None:
    temperatures = [unit for unit in all_units() if unit.dimension == "temperature"]
    for source in temperatures:
        for target in temperatures:
            assert convert(convert(Fraction("36.6"), source, target), target, source) == Fraction("36.6")


@pytest.mark.parametrize("name", ["Mb", "M", "G", "MW h", "Kb", "Furlong", "", "mib x", "people", "年", "month"])
def test_what_may_be_two_units_or_is_none_is_none(name: str) -> None:
    assert units.find(name) is None


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("Miles", "mi"),
        ("FEET", "ft"),
        ("square  feet", "ft²"),
        ("kwh", "kWh"),
        ("C", "°C"),
        ("f", "°F"),
        ("L", "l"),
        ("KM", "km"),
        ("Kg", "kg"),
        ("公尺", "m"),
    ],
)
def test_a_name_is_known_in_its_usual_ways_of_writing(name: str, symbol: str) -> None:
    found = units.find(name)
    assert found is not None
    assert found.symbol == symbol
