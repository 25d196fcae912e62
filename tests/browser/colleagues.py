"""People of a centre, each in a browser profile of their own, who sign in on its pages."""

from __future__ import annotations

import base64
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from tests.browser.conftest import Served, Visit, serve

from ceasefire.centre import second_factor
from ceasefire.centre.accounts import Accounts
from ceasefire.model.roles import Role
from ceasefire.pipeline.workspace import Workspace

PASSWORD = "seven herons over the salt flat"  # noqa: S105
_NEEDS_FACTOR = (Role.HEAD, Role.ADMINISTRATOR)


@dataclass
class Colleague:
    """Somebody with an account, at a desk."""

    account: str
    name: str
    role: Role
    visit: Visit
    one_time: str
    recovery_codes: list[str] = field(default_factory=list)
    secret: bytes = b""

    @property
    def page(self) -> Page:
        return self.visit.page

    def open(self, path: str) -> Page:
        """Open a page in English and light, or as the address says."""
        return self.visit.open(path if "lang=" in path else f"{path}{'&' if '?' in path else '?'}lang=en&theme=light")

    def sign_in_first(self) -> None:
        """Sign in with the password that was handed over, take one's own, and a second factor where it is needed."""
        page = self.open("/sign-in")
        self.type_password(self.one_time)
        expect(page.get_by_role("heading", name="Take a password of your own")).to_be_visible()
        page.get_by_label("The password you have").fill(self.one_time)
        page.get_by_label("The new one", exact=True).fill(PASSWORD)
        page.get_by_label("The new one, once more").fill(PASSWORD)
        page.get_by_role("button", name="Change the password").click()
        if self.role in _NEEDS_FACTOR:
            expect(page.get_by_role("heading", name="Your role needs a second factor")).to_be_visible()
            self.enrol()
        expect(page.locator("header .who")).to_contain_text(self.name)

    def type_password(self, password: str) -> None:
        self.page.get_by_label("Name of the account").fill(self.account)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def enrol(self) -> None:
        """Take a second factor, by its secret as text."""
        self.page.get_by_label("Your password, once more").fill(PASSWORD)
        self.page.get_by_role("button", name="Begin").click()
        self.secret = base64.b32decode(self.page.locator(".secret code").inner_text().replace(" ", ""))
        self.page.get_by_label("The six digits that it shows now").fill(self.code())
        self.page.get_by_role("button", name="Turn the second factor on").click()
        expect(self.page.get_by_role("heading", name="Recovery codes")).to_be_visible()
        self.recovery_codes = self.page.locator(".codes code").all_inner_texts()
        self.page.get_by_role("button", name="I have kept them").click()

    def code(self) -> str:
        """Return the code that an authenticator shows now."""
        return second_factor.code_at(self.secret, time.time_ns() // 1000)


@contextmanager
def centre(
    browser: Browser, folder: Path, people: dict[str, tuple[str, Role, tuple[str, ...]]]
) -> Generator[tuple[Served, dict[str, Colleague]], None, None]:
    """Serve the training case to people with accounts, none of whom has signed in yet.

    Parameters
    ----------
    people : dict
        By account: the person, their role, the actors they speak for.
    """
    server = serve("riverline", folder)
    served = next(server)
    issued = {}
    with Workspace.open(folder), Accounts(folder) as accounts:
        for account, (name, role, parties) in people.items():
            issued[account] = accounts.add(account, name=name, role=role, parties=parties, by="root")
    contexts = []
    try:
        found = {}
        for account, (name, role, _) in people.items():
            context = browser.new_context(
                viewport={"width": 1280, "height": 900}, locale="en-GB", reduced_motion="reduce"
            )
            contexts.append(context)
            visit = Visit(context.new_page(), served.address)
            found[account] = Colleague(account, name, role, visit, issued[account])
        yield served, found
    finally:
        for context in contexts:
            context.close()
        server.close()
