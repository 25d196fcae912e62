"""The hash tree over the ledger's entries (RFC 6962, section 2.1), as pure functions over stored nodes.

Stored are the *complete* subtrees only: node (level, index) covers the leaves from ``index * 2**level`` up to, not
including, ``(index + 1) * 2**level``; level 0 are the leaves. A complete subtree never changes again, so the store is
append-only like the entries, an append completes O(log n) nodes, and the root of every past size stays computable.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

ReadNode = Callable[[int, int], bytes]
"""Returns the stored hash of node (level, index)."""

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(content: bytes) -> bytes:
    """Hash a leaf; the prefix keeps leaves and inner nodes apart."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def completed_nodes(index: int, leaf: bytes, read: ReadNode) -> list[tuple[int, int, bytes]]:
    """Return the nodes that the leaf at `index` completes, the leaf first.

    Parameters
    ----------
    index : int
        Of the new leaf, from 0; all before it are stored.
    leaf : bytes
        Its `leaf_hash`.
    read : callable
        Reads a stored node.

    Returns
    -------
    list of (level, index, hash)
        At most ``log2(index + 1) + 1`` nodes.
    """
    nodes = [(0, index, leaf)]
    level = 0
    while index % 2:
        leaf = node_hash(read(level, index - 1), leaf)
        level, index = level + 1, index // 2
        nodes.append((level, index, leaf))
    return nodes


def root(size: int, read: ReadNode) -> bytes:
    """Return the tree hash over the first `size` leaves."""
    return _range_hash(0, size, read) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, read: ReadNode) -> list[bytes]:
    """Return the audit path of leaf `index` in the tree of `size` leaves, nearest sibling first.

    Raises
    ------
    ValueError
        Unless ``0 <= index < size``.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    low, high, path = 0, size, []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range_hash(middle, high, read))
            high = middle
        else:
            path.append(_range_hash(low, middle, read))
            low = middle
    return path[::-1]


def consistency_proof(old_size: int, size: int, read: ReadNode) -> list[bytes]:
    """Return the proof that the tree of `old_size` leaves is the beginning of the tree of `size` leaves.

    Raises
    ------
    ValueError
        Unless ``0 <= old_size <= size``.
    """
    if not 0 <= old_size <= size:
        raise ValueError(f"a tree of {old_size} cannot be the beginning of one of {size}")
    if old_size in (0, size):
        return []
    low, high, path, whole = 0, size, [], True
    while high != old_size:
        middle = low + _split(high - low)
        if old_size <= middle:
            path.append(_range_hash(middle, high, read))
            high = middle
        else:
            path.append(_range_hash(low, middle, read))
            low, whole = middle, False
    if not whole:  # otherwise the verifier holds this hash already: it is the old root
        path.append(_range_hash(low, high, read))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], expected_root: bytes) -> bool:
    """Say whether `path` shows that `leaf` stands at `index` under `expected_root` (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, computed = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if node % 2 or node == last:
            computed = node_hash(sibling, computed)
            while node % 2 == 0 and node:
                node, last = node // 2, last // 2
        else:
            computed = node_hash(computed, sibling)
        node, last = node // 2, last // 2
    return last == 0 and computed == expected_root


def verify_consistency(old_size: int, old_root: bytes, size: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Say whether `path` shows that the old tree is the beginning of the new one (RFC 9162, section 2.1.4.2)."""
    if not 0 <= old_size <= size:
        return False
    if old_size == 0:
        return not path and old_root == EMPTY_ROOT
    if old_size == size:
        return not path and old_root == new_root
    hashes = list(path)
    if old_size & (old_size - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        return False
    node, last = old_size - 1, size - 1
    while node % 2:
        node, last = node // 2, last // 2
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if node % 2 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while node % 2 == 0 and node:
                node, last = node // 2, last // 2
        else:
            new = node_hash(new, sibling)
        node, last = node // 2, last // 2
    return last == 0 and old == old_root and new == new_root


def _split(count: int) -> int:
    """Return the largest power of two below `count` (at least 2)."""
    return 1 << ((count - 1).bit_length() - 1)


def _range_hash(low: int, high: int, read: ReadNode) -> bytes:
    """Hash the leaves from `low` up to `high`; `low` is a multiple of the power of two that covers the range."""
    count = high - low
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return read(level, low >> level)
    middle = low + _split(count)
    return node_hash(read((middle - low).bit_length() - 1, low // (middle - low)), _range_hash(middle, high, read))
