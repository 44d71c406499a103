"""Texts in cells: a spreadsheet takes what begins with an equals sign for a formula and runs it."""

_ARMED = tuple("=+-@\t\r")
_GUARD = "'"


def disarmed(text: str) -> str:
    """The text as a cell that is read as nothing but text."""
    return _GUARD + text if text.startswith((*_ARMED, _GUARD)) else text


def rearmed(cell: str) -> str:
    """The text that ``disarmed`` made a cell of; others stay as they are."""
    if cell.startswith(_GUARD) and cell[1:].startswith((*_ARMED, _GUARD)):
        return cell[1:]
    return cell
