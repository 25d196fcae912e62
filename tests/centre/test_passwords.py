"""How passwords are hashed, and which are refused."""

from __future__ import annotations

import unicodedata

import pytest
from argon2 import PasswordHasher

from ceasefire.centre import passwords
from ceasefire.model.errors import UsageError


def test_a_hash_is_argon2id_with_the_parameters_of_rfc_9106() -> None:
    one, other = (passwords.hash_password("four quiet words here") for _ in range(2))
    assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert one != other  # a salt each
    assert passwords.is_right(one, "four quiet words here")
    assert not passwords.is_right(one, "four quiet words there")
    assert not passwords.is_right("$argon2id$broken", "four quiet words here")
    assert not passwords.is_outdated(one)
    assert passwords.is_outdated(PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("x"))


def test_a_password_is_right_however_the_keyboard_writes_it() -> None:
    words = "señal ámbar dos garzas"
    composed, apart = (unicodedata.normalize(form, words) for form in ("NFC", "NFD"))
    assert composed != apart
    assert passwords.is_right(passwords.hash_password(composed), apart)


def test_nobody_is_checked_as_slowly_as_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            checked.append(str(hash)[:30])
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_HASHER", Counting(time_cost=3, memory_cost=65_536, parallelism=4))
    held = passwords.hash_password("four quiet words here")
    assert not passwords.is_right(held, "wrong words are these")
    assert not passwords.is_right(None, "wrong words are these")
    assert len(checked) == 2
    assert checked[0] == checked[1] == "$argon2id$v=19$m=65536,t=3,p=4"


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short one", "has 9 characters"),
        ("x" * 257, "has 257 characters"),
        ("abababababababab", "same few characters"),
        ("abcdefghijklmnop", "runs along"),
        ("123456789012", "runs along"),
        ("amal.haddad42", "little more than your own name"),
    ],
)
def test_a_password_that_is_soon_guessed_is_refused(password: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as refused:
        passwords.refuse_weak(password, account="amal.haddad", name="Amal Haddad")
    assert refused.value.remedy


@pytest.mark.parametrize("password", ["four quiet words here", "مراقبون على ضفة النهر", "pA4#kd81!xxQ"])
def test_nothing_is_asked_about_kinds_of_characters(password: str) -> None:
    passwords.refuse_weak(password, account="amal.haddad", name="Amal Haddad")


def test_one_time_passwords_differ() -> None:
    assert len({passwords.one_time_password() for _ in range(100)}) == 100
