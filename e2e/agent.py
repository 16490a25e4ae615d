"""An agent's sign-in: JSON, login and password, a bearer token."""

import json

from portal import Portal


class Agent(Portal):
    def __init__(self, server, address=None):
        super().__init__(server, address)
        self.bearer = None

    def call(self, method, path, body=None, raw=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.bearer:
            headers.setdefault("Authorization", f"Bearer {self.bearer}")
        if raw is None and body is not None:
            raw = json.dumps(body).encode()
        if raw is not None:
            headers.setdefault("Content-Type", "application/json")
        return self.request(method, path, headers=headers, data=raw)

    def agent_sign_in(self, login, password, **more):
        reply = self.call("POST", "/agent/v1/sign-in", {"login": login, "password": password, **more})
        if reply.status == 200:
            self.bearer = reply.response.json()["token"]
        return reply

    def me(self):
        return self.call("GET", "/agent/v1/me")


def problem(reply):
    """The code of an RFC 9457 answer."""
    kind = reply.headers.get("Content-Type", "")
    assert kind.startswith("application/problem+json"), f"{reply.status} {kind} {reply.text[:200]}"
    return reply.response.json()["code"]
