"""A fresh proof at /confirm, as a person gives it: opens the page that a post was led to, and answers what it asks."""

import urllib.parse

LIFETIME = 15 * 60


def led(reply):
    """Where a post was led that needs a proof."""
    assert reply.status == 303 and reply.path == "/confirm", f"expected /confirm, got {reply}\n{reply.text[:600]}"
    return reply.location


def fields(page):
    """What the form of the page carries without being typed."""
    form = page.first("form", action="/confirm")
    assert form is not None, page.text[:600]
    return {field["name"]: field["value"] for field in form.all("input", type="hidden")}


def asks(page):
    """token, password or nothing."""
    form = page.first("form", action="/confirm")
    return next((name for name in ("token", "password") if form.has("input", name=name)), None)


def answer(portal, location, **proof):
    """Opens the page and sends its form with this proof."""
    page = portal.get(location).page
    return portal.post("/confirm", {**fields(page), **proof})


def confirm(portal, reply, person):
    """Gives what the page asks for, as the person can."""
    location = led(reply)
    asked = asks(portal.get(location).page)
    proof = {"token": person.device.fresh()} if asked == "token" else {"password": person.password}
    return answer(portal, location, **proof)


def post_of(location):
    return urllib.parse.parse_qs(urllib.parse.urlsplit(location).query).get("post", [None])[0]
