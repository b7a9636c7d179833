"""The order of messages that name each other as parent and child; foreign trees may have circles and holes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from desktop.history.exchange import values


def in_order(parents: Mapping[str, str | None], children: Mapping[str, Sequence[str]]) -> list[tuple[str, str | None]]:
    """Returns every key with its parent, each parent before its children, and the children in their order.

    A parent that is not there makes a beginning of its child; a circle is opened where it is met first.

    Args:
        parents: What each message says of its parent.
        children: What each says of its children; who says nothing of its parent belongs to who names it first. It
            gives the order, the rest follow as they come.
    """
    parent_of: dict[str, str | None] = {}
    for key, parent in parents.items():
        parent_of[key] = parent if parent in parents and parent != key else None
    for parent, named in children.items():
        for key in named:
            if parent in parents and key != parent and key in parents and parents[key] is None:
                parent_of[key] = parent_of[key] or parent
    below: dict[str | None, dict[str, None]] = {}
    for parent, named in children.items():
        for key in named:
            if key in parent_of and parent_of[key] == parent:
                below.setdefault(parent, {})[key] = None
    for key, above in parent_of.items():
        below.setdefault(above, {})[key] = None
    result: list[tuple[str, str | None]] = []
    seen: set[str] = set()
    for start in (*below.get(None, ()), *parent_of):
        waiting = [(start, parent_of.get(start))]
        while waiting:
            key, above = waiting.pop()
            if key in seen:
                continue
            result.append((key, above if above in seen else None))
            seen.add(key)
            waiting.extend((child, key) for child in reversed(below.get(key, {})) if child not in seen)
    return result


def nodes_in_order(
    nodes: Mapping[str, Mapping[str, object]], parent: str, children: str = ""
) -> list[tuple[str, str | None]]:
    """Returns the keys of JSON objects that name each other, see :func:`in_order`.

    Args:
        nodes: The objects.
        parent: The field with the key of its parent.
        children: The field with those of its children; empty: there is none.
    """
    parents = {key: values.as_key(node.get(parent)) for key, node in nodes.items()}
    named = {key: map(values.as_key, values.as_list(node.get(children))) for key, node in nodes.items()}
    return in_order(parents, {key: [name for name in names if name] for key, names in named.items()})


def in_view(order: Sequence[tuple[str, str | None]], current: str | None) -> Collection[str]:
    """Returns the keys of the messages that are shown among their versions.

    Args:
        order: See :func:`in_order`.
        current: The last message in view; else, and beside the path to it, the last version of each is.
    """
    chosen: dict[str | None, str] = {parent: key for key, parent in order}
    parent_of = dict(order)
    key = current
    while key is not None and key in parent_of:
        chosen[parent_of[key]] = key
        key = parent_of[key]
    return frozenset(chosen.values())
