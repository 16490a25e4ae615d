"""Reads a page as far as the tests need it: elements, their text, forms, messages."""

import html.parser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
INLINE = {"a", "b", "code", "em", "i", "mark", "small", "span", "strong"}


class Element:
    def __init__(self, tag, attributes, parent):
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children = []

    def __getitem__(self, name):
        return self.attributes.get(name)

    @property
    def text(self):
        """The text inside, blanks joined as a browser would."""
        return " ".join("".join(self._pieces()).split())

    def _pieces(self):
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in ("script", "style"):
                block = "" if child.tag in INLINE else " "
                yield block
                yield from child._pieces()
                yield block

    def walk(self):
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, tag=None, **wanted):
        """Descendants by tag and attributes; `data_code` stands for `data-code`, True for any value."""
        wanted = {name.strip("_").replace("_", "-"): value for name, value in wanted.items()}
        for element in self.walk():
            if tag is not None and element.tag != tag:
                continue
            if all(
                name in element.attributes and (value is True or element.attributes[name] == value)
                for name, value in wanted.items()
            ):
                yield element

    def first(self, tag=None, **wanted):
        return next(self.all(tag, **wanted), None)

    def has(self, tag=None, **wanted):
        return self.first(tag, **wanted) is not None

    def within(self, tag):
        """The nearest enclosing element of that tag."""
        element = self.parent
        while element is not None and element.tag != tag:
            element = element.parent
        return element


class _Builder(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = self.open = Element("#page", {}, None)

    def handle_starttag(self, tag, attributes):
        element = Element(tag, {name: value if value is not None else "" for name, value in attributes}, self.open)
        self.open.children.append(element)
        if tag not in VOID:
            self.open = element

    def handle_startendtag(self, tag, attributes):
        # <path …/> inside an SVG closes itself; an HTML void element does so too.
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open = self.open.parent

    def handle_endtag(self, tag):
        element = self.open
        while element is not None and element.tag != tag:
            element = element.parent
        if element is not None and element.parent is not None:
            self.open = element.parent

    def handle_data(self, data):
        self.open.children.append(data)


class Page(Element):
    """A parsed page."""

    def __init__(self, source):
        super().__init__("#page", {}, None)
        builder = _Builder()
        builder.feed(source)
        builder.close()
        self.children = builder.root.children
        for child in self.children:
            if isinstance(child, Element):
                child.parent = self

    @property
    def codes(self):
        """The data-code of each message on the page."""
        return [element["data-code"] for element in self.all(data_code=True)]

    def message(self, code):
        element = self.first(data_code=code)
        return element.text if element else None

    @property
    def headings(self):
        return [e.text for e in self.walk() if e.tag in ("h1", "h2", "h3", "h4", "legend")]

    def links(self):
        return [(a["href"], a.text) for a in self.all("a", href=True)]

    def controls(self):
        """What buttons and links on the page say."""
        said = [e.text or e["aria-label"] or "" for e in self.walk() if e.tag in ("button", "a")]
        return said + [e["value"] or "" for e in self.all("input", type="submit")]

    def form(self, action):
        return next((f for f in self.all("form") if (f["action"] or "").split("?")[0] == action), None)

    def fields(self, name):
        return [e for e in self.walk() if e.tag in ("input", "select", "textarea", "button") and e["name"] == name]

    def is_checked(self, name):
        return any("checked" in field.attributes for field in self.fields(name))
