"""The tree is RFC 6962's: published roots, a recursive oracle straight from the RFC, and proofs that cannot be bent."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.ledger import tree

# The leaves and roots of the Certificate Transparency project's own tests.
PUBLISHED_LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
PUBLISHED_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def grown(contents: list[bytes]) -> dict[tuple[int, int], bytes]:
    """Append the contents one by one, as the ledger does."""
    nodes: dict[tuple[int, int], bytes] = {}
    for index, content in enumerate(contents):
        for level, at, value in tree.completed_nodes(index, tree.leaf_hash(content), lambda *key: nodes[key]):
            assert (level, at) not in nodes
            nodes[level, at] = value
    return nodes


def oracle(contents: list[bytes]) -> bytes:
    """Apply the definition of the RFC, word by word."""
    if not contents:
        return hashlib.sha256(b"").digest()
    if len(contents) == 1:
        return hashlib.sha256(b"\x00" + contents[0]).digest()
    k = 1
    while k * 2 < len(contents):
        k *= 2
    return hashlib.sha256(b"\x01" + oracle(contents[:k]) + oracle(contents[k:])).digest()


def test_published_roots() -> None:
    nodes = grown(PUBLISHED_LEAVES)
    assert [tree.root(size, lambda *key: nodes[key]).hex() for size in range(1, 9)] == PUBLISHED_ROOTS


@given(st.integers(0, 140))
def test_every_past_root_stays_computable(size: int) -> None:
    contents = [str(i).encode() for i in range(140)]
    nodes = grown(contents)
    assert tree.root(size, lambda *key: nodes[key]) == oracle(contents[:size])


@given(st.data())
def test_inclusion_holds_for_its_leaf_only(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    index = data.draw(st.integers(0, size - 1))
    contents = [str(i).encode() for i in range(size)]
    nodes = grown(contents)
    root = oracle(contents)
    path = tree.inclusion_proof(index, size, lambda *key: nodes[key])
    assert len(path) <= (size - 1).bit_length()
    leaf = tree.leaf_hash(contents[index])
    assert tree.verify_inclusion(leaf, index, size, path, root)
    assert not tree.verify_inclusion(tree.leaf_hash(b"other"), index, size, path, root)
    assert not tree.verify_inclusion(leaf, (index + 1) % size, size, path, root) or size == 1
    assert not tree.verify_inclusion(leaf, index, size, [*path, root], root)
    if path:
        bent = [bytes([path[0][0] ^ 1]) + path[0][1:], *path[1:]]
        assert not tree.verify_inclusion(leaf, index, size, bent, root)
        assert not tree.verify_inclusion(leaf, index, size, path[:-1], root)


@given(st.data())
def test_consistency_holds_for_a_beginning_only(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    old_size = data.draw(st.integers(0, size))
    contents = [str(i).encode() for i in range(size)]
    nodes = grown(contents)
    path = tree.consistency_proof(old_size, size, lambda *key: nodes[key])
    old_root, root = oracle(contents[:old_size]), oracle(contents)
    assert tree.verify_consistency(old_size, old_root, size, root, path)
    rewritten = oracle([b"rewritten", *contents[1:]])
    assert not tree.verify_consistency(old_size, old_root, size, rewritten, path) or old_size == 0
    if 0 < old_size < size:
        assert not tree.verify_consistency(old_size, oracle(contents[: old_size - 1]), size, root, path)
        assert not tree.verify_consistency(old_size, old_root, size, root, path[:-1])


def test_proofs_of_what_is_not_there_are_refused() -> None:
    with pytest.raises(ValueError, match="no leaf 3 in a tree of 3"):
        tree.inclusion_proof(3, 3, lambda *_: b"")
    with pytest.raises(ValueError, match="cannot be the beginning"):
        tree.consistency_proof(4, 3, lambda *_: b"")
