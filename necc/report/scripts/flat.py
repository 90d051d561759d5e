"""The numbers of a result as one flat table: what a Python script compares. Its text stands in that script, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def numbers(value: object, path: str = "") -> Iterator[tuple[str, float]]:
    """Each number of a result, as JSON holds it, with where it stands; of a curve the sums over its steps.

    Rows of the file and what is told of single patients are left out.

    Example:
        >>> dict(numbers({"n": 88, "curve": [{"time": 1.0, "survival": 0.5}, {"time": 2.0, "survival": 0.25}]}))
        {'n': 88.0, 'curve.time': 3.0, 'curve.survival': 0.75}
    """
    left_out = ("row", "impossible", "doubtful", "spreadsheet_rows", "seed")
    if isinstance(value, Mapping):
        for name, part in value.items():
            if name not in left_out:
                yield from numbers(part, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and path.endswith(("curve", "one_minus_km")):
        sums: dict[str, float] = {}
        for row in value:
            for name, number in numbers(row, path):
                sums[name] = sums.get(name, 0.0) + number
        yield from sums.items()
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from numbers(part, f"{path}[{place}]")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, float(value)
