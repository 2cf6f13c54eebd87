"""A long list cut into pages; which page is shown stands in the address."""

from typing import TypeVar

from flask import request

Row = TypeVar("Row")


def paged(found: list[Row], size: int) -> tuple[list[Row], int, int]:
    """Return the rows of the page asked for, its number, and how many pages there are; an odd number is the first."""
    wanted = request.args.get("page", "1")
    pages = max(1, -(-len(found) // size))
    page = min(max(int(wanted) if wanted.isdecimal() and len(wanted) < 6 else 1, 1), pages)
    return found[(page - 1) * size : page * size], page, pages
