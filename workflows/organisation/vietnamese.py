"""The order of the Vietnamese alphabet."""

from unicodedata import normalize

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: place + 20 for place, letter in enumerate(_ALPHABET)}
# Order of tones in dictionaries: none, huyền, hỏi, ngã, sắc, nặng.
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}


def collation_key(text: str) -> str:
    """Return a text key that sorts by letters first, tones second, case last (TCVN 6909 letters)."""
    letters, tones, cases = [], [], []
    for sign in normalize("NFC", text):
        tone, rest = 0, []
        for part in normalize("NFD", sign):
            if part in _TONES:
                tone = _TONES[part]
            else:
                rest.append(part)
        base = normalize("NFC", "".join(rest))
        letters.append(_weight(base.lower()))
        tones.append(str(tone))
        cases.append("1" if base != base.lower() else "0")
    return "".join(letters) + "!" + "".join(tones) + "!" + "".join(cases)


def _weight(letter: str) -> str:
    if letter in _RANK:
        return f"{_RANK[letter]:02x}"
    if letter.isdigit():
        return f"{5 + int(letter):02x}"
    return "01" if letter.isspace() else "02"


def name_key(full_name: str) -> str:
    """Return the sort key of a person: given name first, then family and middle names, as rolls are kept."""
    words = full_name.split()
    return f"{collation_key(words[-1] if words else '')}~{collation_key(' '.join(words[:-1]))}"
