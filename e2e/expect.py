"""What tests say about answers, in one place."""


def refused(reply, code, *statuses):
    """A page that says no, with a message of that code."""
    assert reply.status in (statuses or (422,)), f"expected {statuses or 422} {code}, got {reply}\n{reply.text[:600]}"
    assert code in reply.codes, f"expected {code}, the page has {reply.codes}: {reply.page.text[:400]}"
    element = reply.page.first(data_code=code)
    assert element["role"] == "alert", f"{code} is not an alert"
    return element.text


def sent_to(reply, path):
    """A form that was accepted, or a page that lies elsewhere."""
    assert reply.status == 303 and reply.path == path, f"expected 303 {path}, got {reply}\n{reply.text[:600]}"


def opened(reply):
    assert reply.status == 200, f"expected a page, got {reply}\n{reply.text[:600]}"
    return reply.page


def shut_out(portal, *paths):
    """No page of the portal opens for this client."""
    for path in paths or ("/", "/own", "/accounts/details", "/accounts/settings", "/setup/users"):
        reply = portal.get(path)
        assert reply.status in (303, 401, 403, 404), f"{path} answered {reply}"
        if reply.status == 303:
            assert reply.path.startswith("/sign-in"), f"{path} led to {reply.location}"


def local(location):
    """Whether a browser would stay on this origin."""
    return (
        location is not None
        and location.startswith("/")
        and not location.startswith(("//", "/\\"))
        and not any(ord(character) < 33 or character == "\\" for character in location)
    )
