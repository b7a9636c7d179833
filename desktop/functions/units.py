"""Units of measure and of money: their names in both languages and their exact sizes.

The sizes are those of the International System (BIPM brochure, 9th edition), of the international yard and pound
(1959), of the US customary volumes (NIST Handbook 44), and of the Chinese market units of 1959. A library was measured
and left out: pint takes 25 MB of memory, and 25 °C becomes 77.00000000000000000000000003 °F. The tests compare with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType


@dataclass(frozen=True)
class Unit:
    """A unit of measure, or a currency.

    Attributes:
        symbol: As it is written after a number.
        chinese: The same in a Chinese answer.
        dimension: What it measures; only units of one dimension can be converted. A currency is one of its own.
        size: In the base unit of the dimension.
        offset: Where its zero lies, in the base unit; only temperatures have one.
        leads: It is written before the number.
    """

    symbol: str
    chinese: str
    dimension: str
    size: Fraction
    offset: Fraction = Fraction(0)
    leads: bool = False

    @property
    def is_money(self) -> bool:
        """Whether amounts are rounded to two digits, and have no rate to any other unit."""
        return self.dimension.startswith("money")

    @property
    def adds(self) -> bool:
        """Whether amounts of it can be added: 20 °C and 20 °C make no 40 °C."""
        return self.dimension != "temperature"


# symbol | Chinese | size | names, without plurals in -s; names with a capital letter are matched as they are written
_TABLE = """
length
nm | 纳米 | 1e-9 | nanometer nanometre
µm | 微米 | 1e-6 | μm micron micrometer micrometre
mm | 毫米 | 0.001 | millimeter millimetre
cm | 厘米 | 0.01 | centimeter centimetre 公分
dm | 分米 | 0.1 | decimeter decimetre
m | 米 | 1 | meter metre 公尺
km | 公里 | 1000 | kilometer kilometre 千米
in | 英寸 | 0.0254 | inch inches 吋 " ″
ft | 英尺 | 0.3048 | foot feet 呎 ' ′
yd | 码 | 0.9144 | yard
mi | 英里 | 1609.344 | mile
nmi | 海里 | 1852 | nautical_mile 浬
light-years | 光年 | 9460730472580800 | light-year light_year lightyear
里 | 里 | 500 | 华里 市里
丈 | 丈 | 10/3 |
尺 | 尺 | 1/3 | 市尺
市寸 | 市寸 | 1/30 |
area
mm² | 平方毫米 | 1e-6 | mm2 square_millimeter square_millimetre
cm² | 平方厘米 | 0.0001 | cm2 square_centimeter square_centimetre
m² | 平方米 | 1 | m2 sqm square_meter square_metre 平米
km² | 平方公里 | 1000000 | km2 square_kilometer square_kilometre 平方千米
ha | 公顷 | 10000 | hectare
acres | 英亩 | 4046.8564224 | acre
in² | 平方英寸 | 0.00064516 | in2 sq_in square_inch square_inches
ft² | 平方英尺 | 0.09290304 | ft2 sq_ft sqft square_foot square_feet
yd² | 平方码 | 0.83612736 | yd2 sq_yd square_yard
mi² | 平方英里 | 2589988.110336 | mi2 sq_mi square_mile
亩 | 亩 | 2000/3 | 市亩
volume
ml | 毫升 | 0.001 | mL milliliter millilitre cc cm³ cm3 cubic_centimeter cubic_centimetre 立方厘米
cl | 厘升 | 0.01 | cL centiliter centilitre
dl | 分升 | 0.1 | dL deciliter decilitre
l | 升 | 1 | L liter litre 公升 dm³ 立方分米
m³ | 立方米 | 1000 | m3 cubic_meter cubic_metre 立方
tsp (US) | 美制茶匙 | 0.00492892159375 | tsp teaspoon
tbsp (US) | 美制汤匙 | 0.01478676478125 | tbsp tablespoon
fl oz (US) | 美制液体盎司 | 0.0295735295625 | fl_oz floz fluid_ounce 液体盎司
cups (US) | 美制杯 | 0.2365882365 | cup
pt (US) | 美制品脱 | 0.473176473 | pt pint 品脱
qt (US) | 美制夸脱 | 0.946352946 | qt quart 夸脱
gal (US) | 美制加仑 | 3.785411784 | gal gallon us_gallon 加仑 美加仑
gal (UK) | 英制加仑 | 4.54609 | imperial_gallon uk_gallon 英加仑
ft³ | 立方英尺 | 28.316846592 | ft3 cu_ft cubic_foot cubic_feet
in³ | 立方英寸 | 0.016387064 | in3 cu_in cubic_inch cubic_inches
mass
µg | 微克 | 1e-9 | μg microgram
mg | 毫克 | 1e-6 | milligram
g | 克 | 0.001 | gram gramme
kg | 公斤 | 1 | kilo kilogram kilogramme 千克
t | 吨 | 1000 | tonne metric_ton 公吨
oz | 盎司 | 0.028349523125 | ounce 安士
lb | 磅 | 0.45359237 | lbs pound
st | 英石 | 6.35029318 | stone
tons (US, short) | 美吨 | 907.18474 | ton short_ton 短吨
斤 | 斤 | 0.5 | 市斤
两 | 两 | 0.05 | 市两
time
ms | 毫秒 | 0.001 | millisecond
s | 秒 | 1 | sec second 秒钟
min | 分钟 | 60 | minute
h | 小时 | 3600 | hr hour 钟头
days | 天 | 86400 | day d
weeks | 周 | 604800 | week wk 星期 礼拜
speed
km/h | 公里/小时 | 5/18 | kmh kph kilometers_per_hour kilometres_per_hour 公里每小时 千米每小时 千米/小时 公里/时
m/s | 米/秒 | 1 | mps meters_per_second metres_per_second 米每秒
mph | 英里/小时 | 0.44704 | mi/h miles_per_hour 英里每小时
kn | 节 | 463/900 | kt knot
ft/s | 英尺/秒 | 0.3048 | fps feet_per_second 英尺每秒
pressure
Pa | 帕 | 1 | pascal 帕斯卡
hPa | 百帕 | 100 | hectopascal mbar millibar 毫巴
kPa | 千帕 | 1000 | kilopascal
MPa | 兆帕 | 1000000 | megapascal
bar | 巴 | 100000 |
atm | 标准大气压 | 101325 | atmosphere 大气压
psi | 磅/平方英寸 | 8896443230521/1290320000 |
energy
J | 焦耳 | 1 | joule 焦
kJ | 千焦 | 1000 | kilojoule
MJ | 兆焦 | 1000000 | megajoule
cal | 卡路里 | 4.184 | calorie 卡
kcal | 千卡 | 4184 | kilocalorie 大卡
Wh | 瓦时 | 3600 | watt_hour watt-hour
kWh | 千瓦时 | 3600000 | kilowatt_hour kilowatt-hour
power
W | 瓦 | 1 | watt 瓦特
kW | 千瓦 | 1000 | kilowatt
MW | 兆瓦 | 1000000 | megawatt
hp | 英制马力 | 745.69987158227022 | horsepower
PS | 马力 | 735.49875 | 匹马力
data
bit | 比特 | 1/8 | bits
kbit | 千比特 | 125 | kilobit
Mbit | 兆比特 | 125000 | megabit
Gbit | 吉比特 | 125000000 | gigabit
byte | 字节 | 1 | bytes
kB | kB | 1000 | KB kb kilobyte
MB | MB | 1000000 | mb megabyte 兆字节
GB | GB | 1000000000 | gb gigabyte 吉字节
TB | TB | 1000000000000 | tb terabyte 太字节
PB | PB | 1000000000000000 | pb petabyte
KiB | KiB | 1024 | kib kibibyte
MiB | MiB | 1048576 | mib mebibyte
GiB | GiB | 1073741824 | gib gibibyte
TiB | TiB | 1099511627776 | tib tebibyte
"""
_TEMPERATURES = (
    (
        Unit("°C", "摄氏度", "temperature", Fraction(1), Fraction(27315, 100)),
        "°C °c ℃ c celsius centigrade degree_celsius degrees_celsius degrees_c deg_c degree_c 摄氏度 摄氏 度_c",
    ),
    (
        Unit("°F", "华氏度", "temperature", Fraction(5, 9), Fraction(45967, 180)),
        "°F °f ℉ f fahrenheit degree_fahrenheit degrees_fahrenheit degrees_f deg_f degree_f 华氏度 华氏",
    ),
    (Unit("K", "开尔文", "temperature", Fraction(1)), "K kelvin kelvins 开尔文 开氏度"),
)
_MONEY = (
    (Unit("$", "$", "money $", Fraction(1), leads=True), "$ dollar dollars usd us$ 美元 美金"),
    (Unit("€", "€", "money €", Fraction(1), leads=True), "€ euro euros eur 欧元"),
    (Unit("£", "£", "money £", Fraction(1), leads=True), "£ gbp 英镑"),
    (Unit("¥", "¥", "money ¥", Fraction(1), leads=True), "¥ ￥"),
    (Unit(" CNY", " 元", "money CNY", Fraction(1)), "元 块 块钱 元钱 人民币 rmb cny yuan"),
    (Unit(" JPY", " 日元", "money JPY", Fraction(1)), "日元 円 jpy yen"),
    (Unit(" CHF", " 瑞士法郎", "money CHF", Fraction(1)), "chf 瑞士法郎"),
)
_SPACES = re.compile(r"[ _]+")


def _rows() -> Iterable[tuple[Unit, list[str]]]:
    dimension = ""
    for line in _TABLE.strip().splitlines():
        symbol, *rest = (part.strip() for part in line.split("|"))
        if not rest:
            dimension = symbol
            continue
        unit = Unit(symbol, rest[0], dimension, Fraction(rest[1]))
        names = rest[2].split()
        plurals = [name + "s" for name in names if len(name) > 2 and name.isascii() and name.replace("_", "").isalpha()]
        yield unit, [symbol, rest[0], *names, *plurals]
    for unit, words in (*_TEMPERATURES, *_MONEY):
        yield unit, words.split()


def _named() -> dict[str, Unit]:
    found: dict[str, Unit] = {}
    for unit, names in _rows():
        for name in names:
            found.setdefault(name.replace("_", " "), unit)
    for name, unit in tuple(found.items()):
        if len(name) > 2:
            found.setdefault(name.lower(), unit)
        elif len(name) == 2 and unit.dimension in ("length", "mass", "volume"):  # KM and Kg; but MW is no mW
            found.setdefault(name.upper(), unit)
            found.setdefault(name.capitalize(), unit)
    return found


_NAMED = MappingProxyType(_named())
# Longest first, so that "km/h" is not taken for "km".
_NAMES = tuple(sorted(_NAMED, key=len, reverse=True))
_WORD_END = re.compile(r"[A-Za-z0-9]")


def find(name: str) -> Unit | None:
    """Returns the unit of a name, a symbol or a plural in either language; None: there is none."""
    name = _SPACES.sub(" ", name.strip())
    # "Mb" may be megabits or megabytes; a symbol of one letter is another unit in the other case.
    return _NAMED.get(name) or (_NAMED.get(name.lower()) if len(name) > 2 or name in ("C", "F") else None)


def match(text: str, at: int) -> tuple[Unit, int] | None:
    """Returns the unit whose name begins at a place in a text, and where that ends."""
    for name in _NAMES:
        end = at + len(name)
        piece = text[at:end]
        if piece != name and (piece.lower() != name or (len(name) <= 2 and piece not in ("C", "F"))):
            continue
        if name[-1].isascii() and name[-1].isalnum() and _WORD_END.match(text, end):
            continue
        return _NAMED[name], end
    return None


def convert(amount: Fraction, source: Unit, target: Unit) -> Fraction:
    """Returns an amount in another unit of the same dimension."""
    return (amount * source.size + source.offset - target.offset) / target.size


def squared(unit: Unit) -> Unit | None:
    """Returns the unit of an area whose sides are measured in a unit of length; None: it is none, or has no such."""
    return _NAMED.get(f"{unit.symbol}²") if unit.dimension == "length" else None
