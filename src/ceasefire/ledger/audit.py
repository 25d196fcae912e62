"""Recomputing a ledger from its entries, and saying what no longer agrees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ceasefire.ledger import tree
from ceasefire.ledger.batches import BatchStore
from ceasefire.ledger.entry import leaf_content
from ceasefire.ledger.store import Store
from ceasefire.model.canonical import canonical_json
from ceasefire.model.errors import LedgerError, UsageError

_HEX_DIGITS = 64


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A size and the root at that size, noted outside the ledger."""

    size: int
    root: str

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read ``SIZE:ROOT``.

        Raises
        ------
        UsageError
            When the text is not that.

        Examples
        --------
        >>> Checkpoint.parse("2:" + "0f" * 32).size
        2
        """
        size, _, root = text.strip().partition(":")
        if not (size.isdigit() and len(root) == _HEX_DIGITS and set(root.lower()) <= set("0123456789abcdef")):
            raise UsageError(
                f'"{text}" is not a position and a root.', "Write POSITION:ROOT, the root in 64 hexadecimal digits."
            )
        return cls(int(size), root.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFault:
    """One thing that does not agree.

    Parameters
    ----------
    position : int or None
        The entry it concerns; None where it concerns the ledger as a whole.
    what : str
        One sentence.
    """

    position: int | None
    what: str

    def __str__(self) -> str:
        """Return the fault as the command line prints it."""
        return f"entry {self.position}: {self.what}" if self.position is not None else self.what


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What an audit found.

    Parameters
    ----------
    size : int
        Entries read.
    root : str
        The root recomputed from them, hexadecimal.
    contents : int
        Batches and documents that were read and agree with their hash.
    faults : tuple of AuditFault
        In order of position, those of the whole ledger first; empty when all agrees.
    """

    size: int
    root: str
    contents: int
    faults: tuple[AuditFault, ...]

    @property
    def first_bad(self) -> int | None:
        """The first entry that does not agree; None when no fault concerns one entry."""
        return min((fault.position for fault in self.faults if fault.position is not None), default=None)

    @property
    def ok(self) -> bool:
        """Whether everything agrees."""
        return not self.faults


def audit_entries(
    store: Store, *, batches: BatchStore | None = None, checkpoint: Checkpoint | None = None
) -> AuditReport:
    """Recompute every hash of the ledger in `store`; see `Ledger.audit`."""
    with store.reading():  # one snapshot: an entry appended meanwhile is not half seen
        condition = store.condition()
        whole = [AuditFault(position=None, what=fault) for fault in condition.faults]
        if not condition.readable:
            return AuditReport(size=0, root=tree.EMPTY_ROOT.hex(), contents=0, faults=tuple(whole))
        audit = _Recomputation(store)
        by_entry = list(audit.entry_faults())
        if not by_entry:  # a wrong entry makes every hash above it wrong, which says nothing more
            by_entry += audit.node_faults()
        if checkpoint is not None:
            whole += audit.checkpoint_faults(checkpoint)
    contents = 0
    if batches is not None:
        contents, missing = _content_faults(batches, audit.contents)
        by_entry += missing
    by_entry.sort(key=lambda fault: fault.position or 0)
    return AuditReport(size=audit.size, root=audit.root().hex(), contents=contents, faults=(*whole, *by_entry))


class _Recomputation:
    """The tree rebuilt in memory from the entries alone."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._nodes: dict[tuple[int, int], bytes] = {}
        self.size = 0
        self.contents: list[tuple[int, str, str]] = []

    def root(self, size: int | None = None) -> bytes:
        return tree.root(self.size if size is None else size, lambda *key: self._nodes[key])

    def entry_faults(self) -> Iterator[AuditFault]:
        """Read the entries in order and say what is wrong with each."""
        last_instant = None
        for position, recorded_at, clock_behind, author, kind, payload, stored in self._store.entries():
            if position != self.size + 1:
                yield AuditFault(position=self.size + 1, what=f"is missing; the next one is {position}.")
            if last_instant is not None and recorded_at <= last_instant:
                yield AuditFault(position=position, what="was recorded before the entry that precedes it.")
            last_instant = recorded_at
            leaf = tree.leaf_hash(
                leaf_content(
                    position=position,
                    recorded_at=recorded_at,
                    clock_behind=clock_behind,
                    author=author,
                    kind=kind,
                    payload=payload,
                )
            )
            if leaf != stored:
                yield AuditFault(position=position, what="its content does not give the hash it was recorded with.")
            yield from self._read_payload(position, payload)
            for level, node, value in tree.completed_nodes(self.size, leaf, lambda *key: self._nodes[key]):
                self._nodes[level, node] = value
            self.size += 1

    def node_faults(self) -> Iterator[AuditFault]:
        """Compare the stored tree with the recomputed one."""
        unseen = dict(self._nodes)
        for level, node, stored in self._store.nodes():
            computed = unseen.pop((level, node), None)
            first, last = (node << level) + 1, (node + 1) << level
            span = "this entry" if first == last else f"entries {first} to {last}"
            if computed is None:
                yield AuditFault(position=first, what=f"the tree holds a hash of {span}, but not all is there.")
            elif computed != stored:
                yield AuditFault(position=first, what=f"the tree's hash of {span} is not what the entries give.")
        for level, node in unseen:
            yield AuditFault(position=(node << level) + 1, what=f"the tree lacks its hash {level}/{node}.")

    def checkpoint_faults(self, checkpoint: Checkpoint) -> Iterator[AuditFault]:
        """Compare with what was noted elsewhere."""
        if checkpoint.size > self.size:
            yield AuditFault(
                position=None, what=f"there were {checkpoint.size} entries once; now there are {self.size}."
            )
        elif self.root(checkpoint.size).hex() != checkpoint.root:
            yield AuditFault(
                position=None, what=f"the first {checkpoint.size} entries do not give the root that was noted."
            )

    def _read_payload(self, position: int, payload: str) -> Iterator[AuditFault]:
        try:
            value: Any = json.loads(payload)
            if canonical_json(value) != payload:
                yield AuditFault(position=position, what="its payload is not in canonical form.")
            self.contents += [(position, name, digest) for name, digest in value.get("content", {}).items()]
        except (ValueError, AttributeError):
            yield AuditFault(position=position, what="its payload cannot be read.")


def _content_faults(batches: BatchStore, contents: list[tuple[int, str, str]]) -> tuple[int, list[AuditFault]]:
    """Read every named batch once; return how many agree, and what does not."""
    outcomes: dict[str, str | None] = {}
    for _, _, digest in contents:
        if digest not in outcomes:
            try:
                batches.verify(digest)
                outcomes[digest] = None
            except LedgerError as error:
                outcomes[digest] = str(error).splitlines()[0]
    faults = [
        AuditFault(position=position, what=f"{name}: {reason}")
        for position, name, digest in contents
        if (reason := outcomes[digest]) is not None
    ]
    return sum(reason is None for reason in outcomes.values()), faults
