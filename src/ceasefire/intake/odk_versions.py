"""Submissions that edit one another: which version stands, and where a person must say.

An edited submission has an instance id of its own and names, as *deprecated*, the one that it edits. Nothing is
overwritten: every version is kept. Where two edits of one version are held, or two contents under one instance id,
neither is better founded than the other: what stood before goes on standing, flagged, until a person decides.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ceasefire.model.canonical import stable_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a submission, as recorded.

    Parameters
    ----------
    version_id : str
        Of this content under this instance id.
    instance_id : str
        As the phone or server gave it.
    deprecated_id, root_id : str or None
        The instance that it edits; the first of the chain, where the server says so.
    edits : int or None
        How many edits the server counts up to it.
    digest : str
        Equal for equal contents; nobody without the key can guess a content from it.
    """

    version_id: str
    instance_id: str
    deprecated_id: str | None
    root_id: str | None
    edits: int | None
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """That a person said which of some versions stands.

    Parameters
    ----------
    keep : str
        Its version id.
    over : tuple of str
        Version ids of the others.
    """

    keep: str
    over: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """One submission with all its versions.

    Parameters
    ----------
    name : str
        The instance id that the chain began with, as far as it was known when it was first recorded: it names the
        report, so it does not change when an earlier version turns up.
    standing : str
        The version id that the report follows.
    versions : tuple of str
        Version ids, in the order of recording.
    rivals : tuple of str
        Version ids between which a person must decide; empty where there is no conflict.
    """

    name: str
    standing: str
    versions: tuple[str, ...]
    rivals: tuple[str, ...] = ()


def version_id(instance_id: str, digest: str) -> str:
    """Return the id of a content under an instance id."""
    return stable_id("sub", instance_id, digest)


@dataclass(slots=True)
class _Chains:
    """Which instance ids are of one submission: a forest, each tree under its first-seen id."""

    above: dict[str, str] = field(default_factory=dict)

    def top(self, one: str) -> str:
        self.above.setdefault(one, one)
        while self.above[one] != one:
            self.above[one] = self.above[self.above[one]]
            one = self.above[one]
        return one

    def join(self, one: str, other: str) -> None:
        self.above[self.top(other)] = self.top(one)


def settle(versions: Sequence[Version], decisions: Iterable[Decision] = ()) -> tuple[Settled, ...]:
    """Say of each submission which version stands.

    Parameters
    ----------
    versions : sequence of Version
        In the order of recording, each version id once.
    decisions : iterable of Decision
        What people said, in order.

    Returns
    -------
    tuple of Settled
        In the order in which each submission was first recorded.
    """
    chains = _Chains()
    for one in versions:
        for other in (one.deprecated_id, one.root_id):
            if other is not None:
                chains.join(one.instance_id, other)
    groups: dict[str, list[Version]] = {}
    for one in versions:
        groups.setdefault(chains.top(one.instance_id), []).append(one)
    said = tuple(decisions)
    return tuple(_settled(group, said) for group in groups.values())


def _settled(group: Sequence[Version], decisions: Sequence[Decision]) -> Settled:
    ids = {one.version_id for one in group}
    overruled = {each for one in decisions if one.keep in ids for each in one.over}
    before = _befores(group)
    edited = {each for earlier in before.values() for each in earlier}
    open_ids = [one.version_id for one in group if one.version_id not in overruled]
    # where every version is edited by another, they edit one another in a circle: nothing says which was last
    leaves = [each for each in open_ids if each not in edited] or open_ids or [one.version_id for one in group]
    first, versions = group[0], tuple(one.version_id for one in group)
    name = first.root_id or first.deprecated_id or first.instance_id
    if len(leaves) == 1:
        return Settled(name=name, standing=leaves[0], versions=versions)
    common = set.intersection(*(_all_before(leaf, before) for leaf in leaves)) - set(leaves)
    standing = next((each for each in reversed(versions) if each in common), leaves[0])
    return Settled(name=name, standing=standing, versions=versions, rivals=tuple(leaves))


def _befores(group: Sequence[Version]) -> dict[str, set[str]]:
    """Return for each version those that it says, or the server says, come right before it."""
    by_instance: dict[str, list[Version]] = {}
    counted: dict[str, dict[int, list[Version]]] = {}
    for one in group:
        by_instance.setdefault(one.instance_id, []).append(one)
        if one.edits is not None:
            counted.setdefault(one.root_id or one.instance_id, {}).setdefault(one.edits, []).append(one)
    steps = {root: sorted(numbers) for root, numbers in counted.items()}
    found: dict[str, set[str]] = {}
    for one in group:
        named = {one.deprecated_id, one.root_id} - {None, one.instance_id}
        before = {each.version_id for name in named if name is not None for each in by_instance.get(name, ())}
        if one.edits is not None:
            root = one.root_id or one.instance_id
            step = bisect_left(steps[root], one.edits)
            if step:
                before |= {each.version_id for each in counted[root][steps[root][step - 1]]}
        found[one.version_id] = before
    return found


def _all_before(version: str, before: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [version]
    while waiting:
        for each in before[waiting.pop()] - found:
            found.add(each)
            waiting.append(each)
    return found
