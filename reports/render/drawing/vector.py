"""Turns the SVG of matplotlib into a small one: a file, or an element of a page.

The tree is changed and written by ``xml.etree``, which escapes all text.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from reports.content.figure import Figure
from reports.render.drawing import style

_NUMBER = re.compile(r"-?\d+\.\d+")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_FONT = re.compile(r" ?font-family:[^;]*;?")
_GEOMETRY = ("d", "x", "y", "width", "height", "transform")
_UPRIGHT = re.compile(r"rotate\(-?0 ")
_ROOT_STYLE = "stroke-linejoin: round; stroke-linecap: butt"


def svg_file(figure: Figure, source: str) -> str:
    """Return the SVG file of ``figure`` on white; ``source`` is what matplotlib wrote."""
    root = _cleaned(source, _prefix(figure.name), colours={})
    root.set("style", f"{_ROOT_STYLE}; font-family: {style.FONTS}")
    _, _, width, height = root.attrib["viewBox"].split()
    root.insert(0, Element("rect", {"width": width, "height": height, "fill": style.PAPER}))
    _describe(root, figure)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{_text(root)}\n'


def inline_svg(figure: Figure, source: str, *, targets: Sequence[Element]) -> str:
    """Return the element of ``figure`` for a page, with the pointer ``targets`` on top."""
    variables = {
        colour: f"var(--series-{number}, {colour})"
        for number, colour in enumerate(style.PALETTE, start=1)
    }
    own = {style.INK: "currentColor", style.PAPER: "var(--paper, Canvas)"}
    root = _cleaned(source, _prefix(figure.name), colours={**own, **variables})
    root.attrib.pop("height")
    root.set("width", "100%")
    root.set("style", f"{_ROOT_STYLE}; font-family: inherit")
    if targets:
        above = SubElement(root, "g", {"fill": "none", "pointer-events": "all"})
        above.extend(targets)
    _describe(root, figure)
    return _text(root)


def _describe(root: Element, figure: Figure) -> None:
    """Add title and description for readers who cannot see the drawing."""
    prefix = _prefix(figure.name)
    root.set("role", "img")
    for place, (tag, text) in enumerate((("title", figure.title), ("desc", figure.summary))):
        element = Element(tag, {"id": f"{prefix}-{tag}"})
        element.text = style.plain(text)
        root.insert(place, element)
    root.set("aria-labelledby", f"{prefix}-title")
    root.set("aria-describedby", f"{prefix}-desc")


def _prefix(name: str) -> str:
    """Return the prefix of the ids of a figure; its name is free text."""
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:24]
    return f"f-{readable}-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:6]}"


def _cleaned(source: str, prefix: str, *, colours: Mapping[str, str]) -> Element:
    """Return the tree without unneeded parts and with replaced colours."""
    root = ElementTree.fromstring(source)
    identities: dict[str, str] = {}
    numbers = count(1)

    def identity(old: str) -> str:
        if old not in identities:
            identities[old] = f"{prefix}-{next(numbers)}"
        return identities[old]

    for element in root.iter():
        _tidy(element, colours)
        _refer(element, identity)
    for element in root.iter():
        old = element.attrib.pop("id", None)
        if old in identities:
            element.set("id", identities[old])
    _prune(root)
    root.set("xmlns", "http://www.w3.org/2000/svg")
    return root


def _tidy(element: Element, colours: Mapping[str, str]) -> None:
    """Remove namespaces, blanks, fonts and unneeded digits."""
    element.tag = element.tag.rpartition("}")[2]
    element.tail = None
    if element.tag != "text":
        element.text = None
    if _UPRIGHT.match(element.get("transform", "")):
        del element.attrib["transform"]
    for name in _GEOMETRY:
        if name in element.attrib:
            value = " ".join(element.attrib[name].split())
            element.set(name, _NUMBER.sub(lambda found: _rounded(found[0]), value))
    if "style" in element.attrib:
        given = _FONT.sub("", element.attrib["style"])
        for colour, replacement in colours.items():
            given = given.replace(colour, replacement)
        element.set("style", given.strip("; "))


def _rounded(number: str) -> str:
    short = f"{float(number):.2f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short


def _refer(element: Element, identity: Callable[[str], str]) -> None:
    """Replace references by those to the figure's own ids."""
    for name, value in list(element.attrib.items()):
        if name.endswith("}href"):
            del element.attrib[name]
            element.set("href", f"#{identity(value.removeprefix('#'))}")
        elif "url(#" in value:
            element.set(name, _REFERENCE.sub(lambda found: f"url(#{identity(found[1])})", value))


def _prune(element: Element) -> None:
    """Remove metadata, style sheets, which would affect the whole page, and bare groups."""
    kept: list[Element] = []
    for child in element:
        _prune(child)
        if child.tag in ("metadata", "style") or (child.tag in ("g", "defs") and not len(child)):
            continue
        _share_style(child)
        kept += list(child) if child.tag == "g" and not child.attrib else [child]
    element[:] = kept


def _share_style(group: Element) -> None:
    """Move the common style of all markers to their group."""
    styles = {child.get("style") for child in group}
    if group.tag == "g" and len(styles) == 1 and all(child.tag == "use" for child in group):
        for child in group:
            shared = child.attrib.pop("style", "")
            group.set("style", shared)


def _text(root: Element) -> str:
    return ElementTree.tostring(root, encoding="unicode")
