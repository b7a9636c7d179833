"""Chat templates that take all the time or all the memory there is, of every kind that jinja2 lets one write.

Each is met when the template is tried, so whoever loads a model with it must see it replaced.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from desktop.engine.chat_template.fallbacks import CHATML


@dataclass(frozen=True)
class HostileTemplate:
    """A template that must not be rendered to its end.

    Attributes:
        kind: What it abuses.
        name: Unique.
        source: Its text.
    """

    kind: str
    name: str
    source: str


def _grown(step: str, times: int = 60, start: str = "'aaaaaaaa'", use: str = "ns.x | length") -> str:
    """Returns a template that does the same to ``ns.x`` again and again."""
    return f"{{% set ns = namespace(x={start}) %}}{{% for i in range({times}) %}}{step}{{% endfor %}}{{{{ {use} }}}}"


def _set(expression: str) -> str:
    return f"{{% set ns.x = {expression} %}}"


def _unrolled(step: str, times: int = 60, use: str = "a") -> str:
    return "{% set a = ['aaaaaaaa'] %}" + step * times + f"{{{{ {use} }}}}"


def _loop(body: str, times: int = 9999) -> str:
    return f"{{% for i in range({times}) %}}{body}{{% endfor %}}"


def _nested(body: str) -> str:
    return _loop(_loop(body))


_BIG = "{% set b = 'b' * 60000 %}"
_DOUBLED = "{% set a = [a, a] %}"

_TIME = {
    "nested loops": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "nested loops of a size that passes": _nested(""),
    "nested loops with a variable": _nested("{% set x = i %}"),
    "nested loops that look at the loop": _nested("{% if loop.last %}{% endif %}"),
    "four loops": _loop(_loop(_loop(_loop("", 999), 999), 999), 999),
    "loops whose condition is never true": (
        "{% for i in range(9999) %}{% for j in range(9999) if false %}{% endfor %}{% endfor %}"
    ),
    "loops whose condition is dear": (
        "{% for i in range(9999) %}{% for j in range(9999) if j % 7 == 8 %}{% endfor %}{% endfor %}"
    ),
    "loops that continue": _nested("{% continue %}"),
    "a loop over letters": (
        _BIG + "{% for i in b %}{% for j in b %}{% for k in b %}{% endfor %}{% endfor %}{% endfor %}"
    ),
    "a loop in a macro": ("{% macro m() %}{% for i in range(9999) %}{% endfor %}{% endmacro %}" + _loop("{{ m() }}")),
    "a loop in a call block": (
        "{% macro m() %}{% for i in range(9999) %}{{ caller() }}{% endfor %}{% endmacro %}"
        "{% call m() %}{% for i in range(9999) %}{% endfor %}{% endcall %}"
    ),
    "many lines in a loop": _loop("{% if a %}{% endif %}" * 1500),
    "many slices in a loop": _BIG + _loop("{% set a = b[::-1] %}" * 2500),
    "many slices of lists in a loop": "{% set b = range(2000) | list %}" + _loop("{% set a = b[1:] %}" * 2500),
    "many additions in a loop": _loop("{% set a = i + i - i * i %}" * 1500),
    "many lists in a loop": _loop("{% set a = [i, i, i, i] %}" * 2000),
    "numbers with the same hash": (
        "{% set t %}{% for i in range(2500) %}{{ i * 2305843009213693951 }} {% endfor %}{% endset %}"
        "{% set a = t.split() | map('int') | list %}" + _nested("{% set b = a | unique | list %}")
    ),
    "comparisons of long texts": (
        _BIG + "{% set c = b ~ '' %}" + _nested("{% if b == c and b ~ 'x' < c %}{% endif %}")
    ),
    "a sorted list again and again": "{% set a = range(2000) | list %}" + _nested("{% set x = a | sort %}"),
    "a search from the end": ("{% set a = 'a' * 60000 %}{% set b = 'b' ~ 'a' * 30000 %}" + _nested("{{ a.rfind(b) }}")),
    "letters stripped one by one": (
        _BIG + "{% set c = 'a' * 59000 ~ 'b' %}" + _loop("{% set a = b.strip(c) %}{% set a = b | trim(c) %}")
    ),
    "fields of a format": "{% set p = '{0}' * 20000 %}" + _loop("{% set a = p.format(1) %}"),
    "looks into a value by a format": (
        "{% set p = '{0' ~ '[0]' * 20000 ~ '}' %}" + _loop("{% set a = p.format('a') %}")
    ),
    **{
        f"a long path to {filter_name}": (
            "{% set b = '0.' * 30000 %}{{ (['a'] * 9999) | " + filter_call + " | list | length }}"
        )
        for filter_name, filter_call in (
            ("map", "map(attribute=b)"),
            ("selectattr", "selectattr(b)"),
            ("rejectattr", "rejectattr(b)"),
            ("groupby", "groupby(b)"),
            ("sort", "sort(attribute=b)"),
            ("unique", "unique(attribute=b)"),
            ("max", "max(attribute=b)"),
            ("min", "min(attribute=b)"),
            ("join", "join(attribute=b)"),
            ("sum", "map('length') | sum(attribute=b)"),
        )
    },
    "many paths to sort by": "{% set b = 'a,' * 30000 %}{{ range(9999) | sort(attribute=b) | length }}",
    "many filters in a row": _BIG + "{{ (b" + " | upper | lower" * 2000 + ") | length }}" * 1,
    "mapped and mapped again": (
        "{% set a = range(2000) | map('string') | map('upper') | map('lower') | map('trim') | list %}"
        + _nested("{{ a | map('string') | join | length }}")
    ),
    "namespaces counting": _grown(_set("ns.x + 1"), 9999, "0", "ns.x")
    .replace("{% set ns.x", "{% for j in range(9999) %}{% set ns.x")
    .replace("{% endfor %}", "{% endfor %}{% endfor %}"),
}
_MEMORY = {
    "a text doubled by plus": _grown(_set("ns.x + ns.x")),
    "a text doubled by tilde": _grown(_set("ns.x ~ ns.x")),
    "a text doubled by times": _grown(_set("ns.x * 2")),
    "a text doubled by join": _grown(_set("[ns.x, ns.x] | join")),
    "a text doubled by replace": _grown(_set("ns.x | replace('a', 'aa')")),
    "a text doubled by the method replace": _grown(_set("ns.x.replace('a', 'aa')")),
    "a text doubled by a block": _grown("{% set t %}{{ ns.x }}{{ ns.x }}{% endset %}{% set ns.x = t %}"),
    "a text doubled by a macro": ("{% macro m(x) %}{{ x }}{{ x }}{% endmacro %}" + _grown(_set("m(ns.x)"))),
    "a text doubled by a filter block": _grown(
        "{% set t %}{% filter replace('a', 'aa') %}{{ ns.x }}{% endfilter %}{% endset %}{% set ns.x = t %}"
    ),
    "a text escaped again and again": _grown(_set("ns.x | replace('a', '&') | e | string"), 60),
    "a text quoted again and again": _grown(_set("ns.x | tojson"), 60, '\'""""\''),
    "a list doubled by plus": _grown(_set("ns.x + ns.x"), start="['a']"),
    "a list doubled by times": _grown(_set("ns.x * 2"), start="['a']"),
    "a tuple doubled by plus": _grown(_set("ns.x + ns.x"), start="('a',)"),
    "a list of itself twice": _grown(_set("[ns.x, ns.x]"), use="ns.x | string | length"),
    "a list of itself twice, written": _unrolled(_DOUBLED),
    "a list of itself twice, compared": _unrolled("{% set b = a %}" + _DOUBLED, use="a == [b, b]"),
    "a tuple of itself twice as a key": _unrolled("{% set a = (a, a) %}", use="{a: 1}").replace("['aaaaaaaa']", "1"),
    "a tuple of itself twice looked up": _unrolled("{% set a = (a, a) %}", use="{}[a]").replace("['aaaaaaaa']", "1"),
    "a dictionary of itself twice": _unrolled("{% set a = {'x': a, 'y': a} %}"),
    "a dictionary's values": _unrolled("{% set a = {'x': a, 'y': a} %}", use="a.values()"),
    "a list of itself twice as JSON": _unrolled(_DOUBLED, use="a | tojson"),
    "a list of itself twice in a format": _unrolled(_DOUBLED, use="'%s' % (a,)"),
    "a list of itself twice in a format string": _unrolled(_DOUBLED, use="'{}'.format(a)"),
    "a list of itself twice by tilde": _unrolled(_DOUBLED, use="'' ~ a"),
    "a namespace behind many items": (
        _BIG + "{% set ns = namespace(x=b) %}{{ ([ns] * 9999) | map(attribute='x') | sort | length }}"
    ),
    "a long text in many items": _BIG + "{{ ([b] * 9999) | sort | length }}",
    "a long text mapped": _BIG + "{{ range(9999) | map('string') | map('replace', '1', b) | list | length }}",
    "slices kept": _BIG + "".join(f"{{% set a{i} = b[1:] %}}" for i in range(2400)),
    "written lists kept": (
        "{% set b = range(2000) | list %}{% set t %}" + "{{ b }}" * 5000 + "{% endset %}{{ t | length }}"
    ),
    "escaped texts kept": (
        "{% autoescape true %}{% set b = '&' * 10000 %}{% set t %}"
        + "{{ b }}" * 5000
        + "{% endset %}{% endautoescape %}"
    ),
    "lists in lists": _loop(_loop("{% set ns.x = [i, i, i, i] %}")).replace("{%", "{% set ns = namespace(x=1) %}{%", 1),
    "namespaces in namespaces": ("{% set ns = namespace(x=1) %}" + _nested("{% set ns.x = namespace(x=ns.x) %}")),
    "lists one in the other": "{% set ns = namespace(x=1) %}" + _nested("{% set ns.x = [ns.x, 1, 2] %}"),
    "slots of a method": "{% set ns = namespace(x=1) %}" + _nested("{% set ns.x = {'a': ns.x} %}"),
    "long texts kept": _grown(_set("ns.x + [i | string | center(60000)]"), 9999, "[]"),
    "lists kept": _grown(_set("ns.x + [range(9999) | list]"), 9999, "[]"),
    "grown by loops within": "".join(
        f"{{% set ns{i} = namespace(x='a') %}}" + _loop(f"{{% set ns{i}.x = ns{i}.x ~ 'bbbb' %}}") for i in range(400)
    ),
    "a sum of lists": _grown(_set("[ns.x, ns.x] | sum(start=[])"), start="['a']"),
    "a deep list": _grown(_set("[ns.x]"), 5000, use="ns.x"),
}
_OUTPUT = {
    "20 MB written": _loop("a" * 2100),
    "20 MB of one variable": _BIG + "{% for i in range(350) %}{{ b }}{% endfor %}",
    "20 MB in a block": "{% set t %}" + _loop("a" * 2100) + "{% endset %}{{ t | length }}",
    "20 MB in a macro": "{% macro m() %}" + _loop("a" * 2100) + "{% endmacro %}{% set t = m() %}",
    "20 MB in a named block": "{% block t %}" + _loop("a" * 2100) + "{% endblock %}",
    "an endless line": _nested("a"),
    "lists written": "{% set a = range(9999) | list %}" + _loop("{{ a }}"),
}
_NUMBERS = {
    "a power": "{{ 10 ** (10 ** 8) }}",
    "a power of powers": "{{ (9 ** 9) ** (9 ** 9) }}",
    "a squared number": _grown(_set("ns.x * ns.x"), start="99", use="ns.x > 1"),
    "a doubled number": _grown(_set("ns.x + ns.x"), 9999, start="99", use="ns.x > 1"),
    "a long number read": "{% set a = ('f' * 60000) | int(base=16) %}{{ a > 1 }}",
    "a number in many bytes": "{{ (1).to_bytes(2000000000, 'big') | length }}",
    "a number rounded far": "{{ 5 | round(-100000000) }}",
    "a number rounded up": "{{ 5 | round(100000000, 'ceil') }}",
}
_REPEATS = {
    "a text times a number": "{{ 'a' * 10 ** 9 }}",
    "a number times a text": "{{ 10 ** 9 * 'a' }}",
    "a list times a number": "{{ [1] * 10 ** 9 }}",
    "a tuple times a number": "{{ (1,) * 10 ** 9 }}",
    "a repeated text that is not written": "{% if 'a' * 10 ** 10 %}{% endif %}",
}
_FORMATS = {
    "a width": "{{ '%0999999999d' % 1 }}",
    "a width of a text": "{{ '%999999999s' % 'a' }}",
    "a precision": "{{ '%.999999999f' % 1 }}",
    "a width from the values": "{{ '%*d' % (999999999, 1) }}",
    "many widths": "{{ '%99999d' * 900 % ((1,) * 900) }}",
    "many values": _BIG + "{{ ('%(b)s' * 6000) % {'b': b} }}",
    "a filter with a width": "{{ '%999999999d' | format(1) }}",
    "a method with a width": "{{ '{:>999999999}'.format(1) }}",
    "a method with a precision": "{{ '{:.999999999f}'.format(1) }}",
    "a method with a width from the values": "{{ '{:>{}}'.format(1, 999999999) }}",
    "a method with many values": _BIG + "{{ ('{0}' * 6000).format(b) }}",
    "a method with a mapping": "{{ '{a:>999999999}'.format_map({'a': 1}) }}",
    "a date of many parts": "{{ strftime_now('%A' * 30000) }}",
}
_FILTERS = {
    "center": "{{ 'x' | center(2000000000) }}",
    "indent": "{{ 'x\ny' | indent(2000000000) }}",
    "indent by a text": _BIG + "{{ ('x\n' * 20000) | indent(b) }}",
    "indent everything": "{{ ('\n' * 20000) | indent(50000, true, true) }}",
    "batch": "{{ [1] | batch(2000000000, 0) | list | length }}",
    "slice": "{{ [1] | slice(2000000000) | list | length }}",
    "replace": "{{ ('a' * 60000) | replace('a', 'b' * 60000) | length }}",
    "replace nothing": "{{ ('a' * 60000) | replace('', 'b' * 60000) | length }}",
    "join": "{{ range(9999) | join('b' * 60000) | length }}",
    "join by name": "{{ range(9999) | join(d='b' * 60000) | length }}",
    "tojson": "{{ messages | tojson(indent=100000000) }}",
    "tojson, indented by a text": _BIG + "{{ range(9999) | list | tojson(indent=b) }}",
    "tojson, separated": _BIG + "{{ range(9999) | list | tojson(separators=(b, b)) }}",
    "wordwrap": "{{ ('a ' * 30000) | wordwrap(1) | length }}",
    "urlize": "{{ ('http://a.b ' * 5000) | urlize(rel='a' * 60000) | length }}",
    "striptags": "{{ ('<' * 60000) | striptags | length }}",
    "pprint": "{{ range(9999) | list | pprint | length }}",
    "xmlattr": _BIG + "{{ {'a': b, 'b': b} | xmlattr | length }}",
    "lipsum": "{{ lipsum(n=100000) }}",
    "a filter by another": "{{ ['a'] | map('center', 2000000000) | list | length }}",
    "list": _grown(_set("ns.x + (range(2000) | list)"), 9999, "[]"),
}
_METHODS = {
    "center": "{{ 'x'.center(2000000000) }}",
    "ljust": "{{ 'x'.ljust(2000000000) }}",
    "rjust": "{{ 'x'.rjust(2000000000) }}",
    "zfill": "{{ 'x'.zfill(2000000000) }}",
    "expandtabs": "{{ '\t\t\t\t'.expandtabs(500000000) }}",
    "expandtabs by name": "{{ '\t\t\t\t'.expandtabs(tabsize=500000000) }}",
    "replace": "{{ ('a' * 60000).replace('a', 'b' * 60000) }}",
    "join": "{{ ('b' * 60000).join(['a'] * 2000) }}",
    "join of an iterator": "{{ ('b' * 60000).join(['a'] * 2000) | map('upper') }}",
    "translate": "{{ ('a' * 60000).translate({97: 'b' * 60000}) }}",
    "a method kept": "{% set f = 'x'.center %}{{ f(2000000000) }}",
    "a method looked up": "{{ 'x'['center'](2000000000) }}",
    "a method by a filter": "{% set f = 'x' | attr('center') %}{{ f(2000000000) }}",
    "a method of a class": "{{ dict.fromkeys(range(9999), 'a').keys() | list | length }}",
}
_RECURSION = {
    "a macro that calls itself": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "a macro that calls itself twice": (
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}"
    ),
    "two macros that call each other": (
        "{% macro a(n) %}{% if n %}{{ b(n - 1) }}{{ b(n - 1) }}{% endif %}{% endmacro %}"
        "{% macro b(n) %}{% if n %}{{ a(n - 1) }}{{ a(n - 1) }}{% endif %}{% endmacro %}{{ a(60) }}"
    ),
    "a loop that calls itself": "{% for i in [1, 2] recursive %}{{ loop([1, 2]) }}{% endfor %}",
    "a loop that calls itself often": (
        "{% for i in range(99) recursive %}{% if loop.depth < 40 %}{{ loop(range(99)) }}{% endif %}{% endfor %}"
    ),
    "a block that writes itself": "{% block a %}{{ self.a() }}{{ self.a() }}{% endblock %}",
    "a block that writes itself 60 deep": (
        "{% set ns = namespace(n=0) %}{% block a scoped %}{% set ns.n = ns.n + 1 %}"
        "{% if ns.n < 60 %}{{ self.a() }}{{ self.a() }}{% endif %}{% set ns.n = ns.n - 1 %}{% endblock %}"
    ),
}
_SOURCE = {
    "a megabyte of text": "a" * 1_000_000,
    "a megabyte of comments": "{# a #}" * 150_000,
    "many expressions": "{{ a }}" * 9_000,
    "many branches and names": "".join(f"{{% set a{i} = 1 %}}{{% if b %}}{{% endif %}}" for i in range(1500)),
    "many names and branches": "".join(f"{{% set a{i} = 1 %}}" for i in range(1800)) + "{%if b%}{%endif%}" * 1500,
    "many loops, one in the other": "{% for i in b %}" * 60 + "{{ a }}" * 5000 + "{% endfor %}" * 60,
    "many branches, one in the other": "{% if a %}" * 1500 + "{% endif %}" * 1500,
    "many brackets": "{{ " + "[" * 5000 + "]" * 5000 + " }}",
    "many parentheses": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "many signs": "{{ " + "-" * 5000 + "1 }}",
    "many nots": "{{ " + "not " * 5000 + "1 }}",
    "many attributes": "{{ a" + ".a" * 5000 + " }}",
    "many plusses": "{{ 1" + " + 1" * 5000 + " }}",
    "many imports": "".join(f"{{% set a{i} = 1 %}}" for i in range(700)) + "{% include a %}" * 1500,
    "many macros, one in the other": "{% macro m() %}" * 60 + "{% endmacro %}" * 60,
}


def _all() -> Iterator[HostileTemplate]:
    kinds = {
        "time": _TIME,
        "memory": _MEMORY,
        "output": _OUTPUT,
        "numbers": _NUMBERS,
        "repeats": _REPEATS,
        "formats": _FORMATS,
        "filters": _FILTERS,
        "methods": _METHODS,
        "recursion": _RECURSION,
        "source": _SOURCE,
    }
    for kind, sources in kinds.items():
        for name, source in sources.items():
            yield HostileTemplate(kind, f"{kind}: {name}", source)


HOSTILE_TEMPLATES = tuple(_all())

# These pass when they are tried with one short question, and go too far with a conversation.
LATE_TEMPLATES = (
    HostileTemplate(
        "late", "late: nested loops", "{% if messages | length > 1 %}" + _nested("") + "{% endif %}" + CHATML
    ),
    HostileTemplate(
        "late", "late: a text times a number", "{% if messages | length > 1 %}{{ 'a' * 10 ** 9 }}{% endif %}" + CHATML
    ),
)
