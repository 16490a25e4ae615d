"""A person at a browser: finds things by what they read, scans the QR code from the screen."""

import re
import subprocess

from device import Device

LOG_OUT = re.compile(r"^(log|sign) ?out$", re.I)


class Actor:
    def __init__(self, browser, server, scripts=True, **look):
        self.server, self.clock = server, server.clock
        self.context = browser.new_context(
            java_script_enabled=scripts,
            base_url=server.public_url,
            device_scale_factor=2,
            **{"viewport": {"width": 1280, "height": 900}, **look},
        )
        self.context.set_default_timeout(6000)
        self.page = self.context.new_page()
        self.errors, self.foreign = [], []
        self.page.on("console", lambda m: self.errors.append(m.text) if "Content Security Policy" in m.text else None)
        self.page.on("request", lambda r: self._note(r.url))

    def _note(self, url):
        if not url.startswith((self.server.public_url, "data:", "about:", "blob:")):
            self.foreign.append(url)

    def leave(self):
        if self.page.is_closed():
            return
        # First off the page: closing in the middle of a navigation sometimes never ends.
        self.page.goto("about:blank")
        self.context.close()

    # Looking

    def open(self, address):
        self.page.goto(address)

    @property
    def path(self):
        return "/" + self.page.url.split("/", 3)[3].split("?")[0]

    def sees(self, text):
        return self.page.get_by_text(text).first.is_visible()

    def heading(self, name):
        self.page.get_by_role("heading", name=name, exact=True).first.wait_for()

    def message(self, code):
        """What a message of that code says; waits for it."""
        element = self.page.locator(f'[data-code="{code}"]').first
        element.wait_for()
        return " ".join(element.inner_text().split())

    def shows_tab(self, name):
        return self.page.get_by_role("link", name=name, exact=True).count() > 0

    # Acting

    def press(self, name):
        """Presses the button or link of that name; opens the menu that hides it."""
        for role in ("button", "link"):
            found = self.page.get_by_role(role, name=name, exact=isinstance(name, str))
            if found.count():
                return found.first.click()
        for menu in self.page.locator("details:not([open]) > summary").all():
            menu.click()
            for role in ("button", "link"):
                found = self.page.get_by_role(role, name=name, exact=isinstance(name, str))
                if found.count() and found.first.is_visible():
                    return found.first.click()
        raise AssertionError(f"nothing called {name!r} on {self.page.url}:\n{self.page.inner_text('body')[:1500]}")

    def box(self, field):
        """A field by its name in the contract; a person must be able to tell what it is for."""
        found = self.page.locator(f'[name="{field}"]:not([type=hidden])').first
        found.wait_for()
        named = found.evaluate(
            "e => (e.labels && e.labels.length > 0) || !!e.getAttribute('aria-label') || !!e.getAttribute('aria-labelledby')"
        )
        assert named, f"the field {field} has no label"
        return found

    def fill(self, **fields):
        for name, text in fields.items():
            self.box(name).fill(text)

    def choose(self, field, value):
        """Picks a value of a list or of a row of round buttons."""
        if self.page.locator(f'select[name="{field}"]').count():
            return self.page.locator(f'select[name="{field}"]').select_option(value)
        return self.page.locator(f'input[name="{field}"][value="{value}"]').check(force=True)

    def submit(self, field):
        """Presses the button of the form that has this field."""
        form = self.page.locator(f'form:has([name="{field}"])').last
        form.locator('button:not([type=button]), input[type="submit"]').first.click()

    # What people do here

    def sign_in(self, login, password):
        self.open("/sign-in")
        self.page.get_by_label("Login", exact=True).fill(login)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Log In").click()

    def give_token(self, code):
        self.heading("Two Factor Authentication")
        self.page.get_by_label("TOTP token", exact=True).fill(code)
        self.page.get_by_role("button", name="Authenticate").click()

    def enter(self, person):
        self.sign_in(person.login, person.password)
        if person.device is not None:
            self.give_token(person.device.fresh())

    def sign_out(self):
        self.press(LOG_OUT)
        self.page.get_by_role("button", name="Log In").wait_for()

    def go(self, *names):
        for name in names:
            self.page.get_by_role("link", name=name, exact=True).first.click()

    def enable_two_factor(self, person):
        """On Accounts > Details: the button, with the password where it is asked."""
        name = "Enable Two Factor Authentication"
        for _ in range(2):
            button = self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name)).first
            button.scroll_into_view_if_needed()
            password = self.page.locator(f'form:has-text("{name}") input[name="password"]')
            if password.count():
                password.first.fill(person.password)
            button.click()
            if self.page.locator("#totp-qr").count():
                return
        raise AssertionError(f"no enrolment panel; {self.page.url}")

    def scan(self, folder):
        """Photographs the page and reads the QR code from the picture."""
        self.page.locator("#totp-qr").wait_for()
        picture = folder / "panel.png"
        self.page.screenshot(path=picture, full_page=True)
        read = subprocess.run(["zbarimg", "-q", "--raw", picture], capture_output=True, text=True)
        lines = [line for line in read.stdout.splitlines() if line.startswith("otpauth://")]
        assert len(lines) == 1, f"the picture holds {read.stdout!r}"
        return Device.from_uri(lines[0], self.clock)

    def type_pair(self, device):
        """Types the code that is shown, waits for the next one, types it and presses Enter."""
        first, second = device.pair()
        self.box("token1").fill(first)
        self.box("token2").fill(second)
        self.box("token2").press("Enter")

    def keep_codes(self):
        """Reads the recovery codes, ticks that they are kept, goes on."""
        from markup import Page
        from portal import recovery_codes

        self.page.locator('[name="kept"]').first.wait_for(state="attached")
        codes = recovery_codes(Page(self.page.content()))
        tick = self.page.locator('input[type="checkbox"][name="kept"]')
        if tick.count():
            tick.check(force=True)
        self.submit("kept")
        return codes

    def confirm(self, field=None, **fields):
        """On a confirmation page: fills what it asks and presses its button."""
        if fields:
            self.fill(**fields)
        self.page.locator('main form button:not([type=button]), form[method="post" i] button:not([type=button])').last.click()
