"""A small OpenID provider that answers on loopback, and does whatever a test wants it to do wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "centre", "the secret of the client"


class Provider:
    """Made with the clock of the centre that it serves.

    Whatever a test puts into `changes` goes into the next ID token; None takes a claim away.
    """

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.key = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
        self.signing_key, self.header = self.key, {"alg": "RS256", "kid": "one"}
        self.subject, self.changes, self.raw_token = "s-1", dict[str, Any](), None
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.described: dict[str, Any] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def authorise(self, address: str) -> str:
        """Sign a person in, as the provider's own page would; return where their browser is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def _exchange(self, said: dict[str, str], authorisation: str) -> tuple[int, dict[str, Any]]:
        wanted = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.codes.pop(said.get("code", ""), None)
        if asked is None or authorisation != f"Basic {wanted}":
            return 400, {"error": "invalid_grant"}
        challenge = base64.urlsafe_b64encode(hashlib.sha256(said["code_verifier"].encode()).digest()).rstrip(b"=")
        if challenge.decode() != asked["code_challenge"] or said["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = self.clock() // 1_000_000
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": self.subject, "iat": now, "exp": now + 300,
            "nonce": asked["nonce"], **self.changes,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        token = self.raw_token(claims) if self.raw_token else jwt.encode(self.header, claims, self.signing_key)
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": token}

    def _answer(self, method: str, path: str, body: str, authorisation: str) -> tuple[int, dict[str, Any]]:
        self.asked.append(f"{method} {path}")
        if path == "/.well-known/openid-configuration":
            held = {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorise",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
            return 200, {**held, **self.described}
        if path == "/keys":
            return 200, KeySet([self.key]).as_dict(private=False)
        if path == "/token" and method == "POST":
            return self._exchange({name: values[0] for name, values in parse_qs(body).items()}, authorisation)
        return 404, {}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._say("GET")

            def do_POST(self) -> None:
                self._say("POST")

            def _say(self, method: str) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
                status, said = provider._answer(method, self.path, body, self.headers.get("authorization") or "")
                content = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler
