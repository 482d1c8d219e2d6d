"""Reads a page as a program does: its elements, their attributes and its text."""

from collections import Counter
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "img", "input", "line", "rect", "circle"})


class Page(HTMLParser):
    """What a page holds, and whether its elements close as they open.

    Attributes:
        elements: How often each element and each of its attributes stands in the page.
        texts: Text between elements, in order.
        values: Values of attributes, in order.
        scripts: What stands inside script elements.
    """

    def __init__(self, text: str) -> None:
        """Read it whole."""
        super().__init__()
        self.elements: Counter[str] = Counter()
        self.texts: list[str] = []
        self.values: list[str] = []
        self.scripts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == [], "every element must be closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count it."""
        self.elements[tag] += 1
        self.elements.update(f"{tag} {name}" for name, _ in attrs)
        self.values += [value or "" for _, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count it; it is closed already."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened last."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep it."""
        inside = self._open[-1] if self._open else ""
        (self.scripts if inside in {"script", "style"} else self.texts).append(data)
