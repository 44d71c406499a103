"""Weighted lists, as the Accept headers of HTTP are: ``zh-CN,zh;q=0.9,en;q=0.8``."""

LONGEST = 500
"""Characters that are looked at; browsers send some hundred."""


def weighted(header: str) -> list[str]:
    """What is listed, the weightiest first; left out: what weighs nothing or does not read."""
    found: list[tuple[float, str]] = []
    for part in header[:LONGEST].split(","):
        named, *parameters = (piece.strip() for piece in part.split(";"))
        weight = _weight(parameters)
        if named and weight > 0:
            found.append((weight, named))
    return [named for _, named in sorted(found, key=lambda one: -one[0])]


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, given = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return min(float(given), 1.0)
            except ValueError:
                return 0.0
    return 1.0
