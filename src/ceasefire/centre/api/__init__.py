"""The routes of the API, one module a noun."""

from __future__ import annotations
