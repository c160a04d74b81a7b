"""What can be shown is told by how a file begins, and never by its name alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from programme import Programme, document

from qmdoc import pictures

PNG, JPEG, GIF, WEBP = b"\x89PNG\r\n\x1a\n...", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF....WEBP"


@pytest.mark.parametrize(
    "name, begins",
    [
        ("a.png", PNG), ("a.PNG", PNG), ("a.jpg", JPEG), ("a.jpeg", JPEG), ("a.JPG", JPEG), ("a.gif", GIF), ("a.webp", WEBP),
        ("a.svg", b"<svg"), ("a.svg", b"<?xml"),
    ],
)  # fmt: skip
def test_a_picture_that_begins_as_its_name_says(name: str, begins: bytes) -> None:
    assert pictures.kind(name) and pictures.trouble(name, begins) == ""


@pytest.mark.parametrize(
    "name, begins, trouble",
    [
        ("a.png", JPEG, "is no PNG, but a JPG"),
        ("a.jpeg", PNG, "is no JPEG, but a PNG"),
        ("a.png", b"", "is no PNG"),
        ("a.gif", b"hello", "is no GIF"),
        ("a.svg", b"version https://git-lfs.github.com/spec/v1", "is a pointer of Git LFS, and the picture itself is not in the repository"),
    ],
)  # fmt: skip
def test_a_picture_that_begins_otherwise(name: str, begins: bytes, trouble: str) -> None:
    assert pictures.trouble(name, begins) == trouble


@pytest.mark.parametrize("name", ["a.bmp", "a.tiff", "a.heic", "a", "png", "a.svgz", "a.pdf"])
def test_a_name_that_tells_no_picture(name: str) -> None:
    assert pictures.kind(name) is None


def test_a_picture_that_no_print_can_hold_is_named_before_the_text_is_signed(tmp_path: Path) -> None:
    """It would stop the build of the whole manual once the text was approved."""
    made = Programme()
    body = "## Purpose\n\nLook.\n\n```{figure} QM-001/flow.bmp\n:alt: The flow\n\nThe flow.\n```\n"
    made.commit("w.writer", {"sops/quality/QM-001-title.md": document(body=body), "sops/quality/QM-001/flow.bmp": "BM"})
    [found] = [each for each in made.audit(tmp_path / "p").findings if each.check == "picture-not-shown"]
    first_line = document(body=body).split(body)[0].count("\n") + 1
    assert (found.line, found.document) == (first_line + 4, "QM-001")
    assert "the picture QM-001/flow.bmp is of a kind that no page or print can hold" in found.message
