"""Reading a page the way a browser does: elements, their text, what is left open."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "input", "br", "hr", "img", "link", "col"}


class Page(HTMLParser):
    """Elements in order with attributes and own text; raises ValueError for tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[int, str] = {}
        self._open: list[tuple[str, int]] = []
        self.feed(text)
        self.close()
        if self._open:
            raise ValueError(f"left open: {self._open}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append((tag, len(self.elements) - 1))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        opened, _ = self._open.pop()
        if opened != tag:
            raise ValueError(f"</{tag}> closes <{opened}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        if self._open:
            number = self._open[-1][1]
            self.texts[number] = self.texts.get(number, "") + data

    def tags(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all elements with this tag."""
        return [attributes for name, attributes in self.elements if name == tag]

    def text_of(self, identifier: str) -> str:
        """The own text of the element with this id."""
        numbers = [n for n, (_, attributes) in enumerate(self.elements) if attributes.get("id") == identifier]
        return self.texts[numbers[0]]

    def fetched(self) -> list[str]:
        """Addresses that a browser would load by itself."""
        return [
            value
            for tag, attributes in self.elements
            for name, value in attributes.items()
            if value and (name in {"src", "srcset", "data", "poster"} or (tag == "link" and name == "href"))
        ]
