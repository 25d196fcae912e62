"""Proving who one is: password, second factor, and changing either. Nothing tells whether an account exists."""

from __future__ import annotations

import hashlib
import logging
from http import HTTPStatus

from ceasefire.centre import second_factor
from ceasefire.centre.accounts import Accounts, KeyChange
from ceasefire.centre.passwords import hash_password, is_outdated, is_right, refuse_weak
from ceasefire.centre.refusals import RefusedError
from ceasefire.centre.sessions import Due, Session, Sessions
from ceasefire.centre.settings import Settings
from ceasefire.centre.slow_down import SlowDown
from ceasefire.model.errors import UsageError

_log = logging.getLogger("ceasefire.centre")


class SigningIn:
    """Whoever comes to the door.

    Parameters
    ----------
    accounts : Accounts
        Who they may be.
    sessions : Sessions
        What they are given.
    settings : Settings
        Which roles need a second factor.
    """

    def __init__(self, accounts: Accounts, sessions: Sessions, settings: Settings) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._settings = settings

    @property
    def _slow_down(self) -> SlowDown:
        return SlowDown(self._accounts.credentials, self._accounts.clock)

    def by_password(self, account: str, password: str, address: str, before: Session | None) -> Session:
        """Begin a session; what it may do yet is said by its `due`.

        Parameters
        ----------
        account, password : str
            As typed.
        address : str
            From where.
        before : Session or None
            One that the browser brought: it ends.

        Raises
        ------
        RefusedError
            When the two do not fit, or there were too many tries: the same for an account that does not exist.
        """
        name = account.strip().lower()
        self._slow_down.begin(name, address)
        holder = self._accounts.roll().holders.get(name)
        credentials, now = self._accounts.credentials, self._accounts.clock()
        credential = credentials.find(name) if holder is not None and holder.is_enabled else None
        fits = is_right(None if credential is None else credential.password, password)
        if holder is None or credential is None or not fits or _is_over(credential.one_time_until, now):
            _log.warning("a sign-in from %s was refused", address)
            raise _not_right()
        if credential.factor is None:  # else only the second factor takes back what was counted
            self._slow_down.succeeded(name, address)
            credentials.change("UPDATE accounts SET signed_in_at = ? WHERE account = ?", now, name)
        if is_outdated(credential.password):
            credentials.change("UPDATE accounts SET password = ? WHERE account = ?", hash_password(password), name)
        if before is not None:
            self._sessions.end(before.token)
        return self._sessions.open(holder, factor_shown=False)

    def by_factor(self, session: Session, code: str, address: str) -> Session:
        """Show the second factor: a code of the minute, or a recovery code; neither works twice.

        Raises
        ------
        RefusedError
            When it does not fit, or none is asked for.
        """
        if session.due is not Due.SECOND_FACTOR:
            raise UsageError("No second factor is asked for.", "Go on.")
        account = session.holder.account
        self._slow_down.begin(account, address)
        self._use_code(session, code)
        self._slow_down.succeeded(account, address)
        self._accounts.credentials.change(
            "UPDATE accounts SET signed_in_at = ? WHERE account = ?", self._accounts.clock(), account
        )
        return self._sessions.replaced(session, factor_shown=True)

    def change_password(self, session: Session, current: str, new: str, address: str) -> Session:
        """Put another password in place of the one held; all other sessions of the account end.

        Raises
        ------
        RefusedError, UsageError
            When the current one is wrong, or the new one is weak or the same.
        """
        if session.due is Due.SECOND_FACTOR:
            raise _second_factor_first()
        self._prove_again(session, current, address)
        refuse_weak(new, account=session.holder.account, name=session.holder.name)
        if is_right(session.credential.password, new):
            raise UsageError("The new password is the old one.", "Take another.")
        account = session.holder.account
        self._accounts.credentials.change(
            "UPDATE accounts SET password = ?, one_time_until = NULL WHERE account = ?", hash_password(new), account
        )
        self._accounts.record_key_change(account, KeyChange.PASSWORD_CHANGED)
        return self._sessions.replaced(session, everywhere=True)

    def offer_factor(self, session: Session, password: str, address: str) -> bytes:
        """Return a new secret; it counts once a code of it was shown.

        Raises
        ------
        RefusedError, UsageError
            When the password is wrong, a second factor is asked for first, or there is one.
        """
        if session.due in (Due.SECOND_FACTOR, Due.NEW_PASSWORD):
            raise (
                _second_factor_first()
                if session.due is Due.SECOND_FACTOR
                else UsageError("A password of your own comes first.", "Change the one that you were given.")
            )
        if session.credential.factor is not None:
            raise UsageError("There is a second factor.", "Take it away first, with a code of it.")
        self._prove_again(session, password, address)
        secret = second_factor.new_secret()
        account, credentials = session.holder.account, self._accounts.credentials
        sealed = credentials.sealed(account, secret)
        credentials.change("UPDATE accounts SET factor_offered = ? WHERE account = ?", sealed, account)
        return secret

    def confirm_factor(self, session: Session, code: str) -> tuple[Session, list[str]]:
        """Turn the offered second factor on; return the session in place of all of the account, and recovery codes.

        Raises
        ------
        RefusedError, UsageError
            When the code is not one of the secret that was offered, or none was.
        """
        account, credentials = session.holder.account, self._accounts.credentials
        offered = session.credential.factor_offered
        if offered is None or session.due not in (None, Due.ENROLMENT):
            raise UsageError("No second factor was offered.", "Ask for one first.")
        secret, now = credentials.opened(account, offered), self._accounts.clock()
        step = second_factor.step_of(secret, code, now, after=0)
        if step is None:
            raise _wrong_code()
        codes = second_factor.recovery_codes()
        with credentials.writing():
            credentials.change(
                "UPDATE accounts SET factor = factor_offered, factor_offered = NULL, factor_step = ? WHERE account = ?",
                step, account,
            )  # fmt: skip
            credentials.change("DELETE FROM recovery_codes WHERE account = ?", account)
            for each in codes:
                credentials.change("INSERT INTO recovery_codes VALUES (?, ?)", account, _recovery_hash(account, each))
        self._accounts.record_key_change(account, KeyChange.FACTOR_ON)
        return self._sessions.replaced(session, factor_shown=True, everywhere=True), codes

    def remove_factor(self, session: Session, password: str, code: str, address: str) -> Session:
        """Take the second factor away.

        Raises
        ------
        RefusedError, UsageError
            When the role needs one, there is none, or password or code is wrong.
        """
        if session.due is not None or session.credential.factor is None:
            raise UsageError("There is no second factor to take away.", "Sign in with it first.")
        if session.holder.role in self._settings.second_factor_for:
            raise RefusedError(
                HTTPStatus.FORBIDDEN,
                f"The role {session.holder.role} needs a second factor.",
                "To change the device, ask an administrator to reset the account.",
            )
        self._prove_again(session, password, address)
        self._use_code(session, code)
        account, credentials = session.holder.account, self._accounts.credentials
        with credentials.writing():
            credentials.change("UPDATE accounts SET factor = NULL, factor_step = 0 WHERE account = ?", account)
            credentials.change("DELETE FROM recovery_codes WHERE account = ?", account)
        self._accounts.record_key_change(account, KeyChange.FACTOR_OFF)
        return self._sessions.replaced(session, factor_shown=False, everywhere=True)

    def recovery_codes_left(self, session: Session) -> int:
        """Return how many recovery codes an account has."""
        row = self._accounts.credentials.row(
            "SELECT count(*) FROM recovery_codes WHERE account = ?", session.holder.account
        )
        return int(row[0]) if row else 0

    def _prove_again(self, session: Session, password: str, address: str) -> None:
        """Ask for the password of someone who is in: whoever sits down at an open page has none."""
        account = session.holder.account
        self._slow_down.begin(account, address)
        if not is_right(session.credential.password, password):
            raise RefusedError(HTTPStatus.FORBIDDEN, "The password is not right.", "Type it again.")
        self._slow_down.succeeded(account, address)

    def _use_code(self, session: Session, code: str) -> None:
        account, credentials, sealed = session.holder.account, self._accounts.credentials, session.credential.factor
        if sealed is None:
            raise _wrong_code()
        if not second_factor.is_code_of_the_minute(code):
            hashed = _recovery_hash(account, code)
            if not credentials.change("DELETE FROM recovery_codes WHERE account = ? AND code = ?", account, hashed):
                raise _wrong_code()
            self._accounts.record_key_change(account, KeyChange.RECOVERY_CODE_USED)
            return
        secret = credentials.opened(account, sealed)
        step = second_factor.step_of(secret, code, self._accounts.clock(), after=session.credential.factor_step)
        # of two requests with one code, the statement lets the first through alone
        used = step is not None and credentials.change(
            "UPDATE accounts SET factor_step = ? WHERE account = ? AND factor_step < ?", step, account, step
        )
        if not used:
            raise _wrong_code()


def _recovery_hash(account: str, code: str) -> bytes:
    return hashlib.sha256(f"{account}\0{second_factor.plain_recovery_code(code)}".encode()).digest()


def _is_over(until: int | None, now: int) -> bool:
    return until is not None and now > until


def _not_right() -> RefusedError:
    return RefusedError(
        HTTPStatus.UNAUTHORIZED,
        "The name or the password is not right.",
        "Type both again; whoever lost a password asks an administrator to reset the account.",
    )


def _wrong_code() -> RefusedError:
    return RefusedError(
        HTTPStatus.UNAUTHORIZED,
        "The code is not right, or was used before.",
        "Wait for the next one; without the device, type a recovery code.",
    )


def _second_factor_first() -> RefusedError:
    return RefusedError(HTTPStatus.UNAUTHORIZED, "The second factor comes first.", "Type a code of it.")
