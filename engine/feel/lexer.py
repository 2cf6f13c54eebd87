"""Splits FEEL text into tokens; joins names with spaces, which no context-free lexer can know (DMN 1.5, 10.3.1.5)."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from lark import Token

from engine.feel.errors import FeelSyntaxError

MAX_LENGTH = 20_000

_KEYWORDS = {
    "if": "IF", "then": "THEN", "else": "ELSE", "for": "FOR", "in": "IN", "return": "RETURN", "some": "SOME",
    "every": "EVERY", "satisfies": "SATISFIES", "function": "FUNCTION", "or": "OR", "and": "AND",
    "between": "BETWEEN", "instance": "INSTANCE", "of": "OF", "true": "TRUE", "false": "FALSE", "null": "NULL",
    "not": "NOT",
}  # fmt: skip
_SYMBOLS = {
    "**": "__STARSTAR", "!=": "__NE", "<=": "__LE", ">=": "__GE", "->": "__ARROW", "..": "__DOTDOT",
}  # fmt: skip
_NAME = re.compile(r"(?:[^\W\d]|[\U00010000-\U000EFFFF])[\w'’\U00010000-\U000EFFFF]*")
_NUMBER = re.compile(r"(?:\d+(?:\.(?!\.)\d+)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BLANK = re.compile(r"\s+|//[^\n]*")
_PUNCTUATION = re.compile(r"\*\*|!=|<=|>=|->|\.\.|[-+*/=<>()\[\]{},:.@?]")
_ENTRY_KEY = re.compile(r"[{,(]\s*([^\W\d][^{}\[\](),:\"]{0,120}?)\s{0,40}:(?!:)")
_TEXT_KEY = re.compile(r'[{,]\s*"([^\W\d][^"\\]{0,120})"\s{0,40}:')
_BOUND_NAME = re.compile(r"\b(?:for|some|every|,)\s+([^\W\d][^{}\[\](),:\"]{0,120}?)\s{1,40}in\b")
_OPERAND_END = {
    "NAME",
    "NUMBER",
    "STRING",
    "TRUE",
    "FALSE",
    "NULL",
    "RPAR",
    "RSQB",
    "RBRACE",
    "QMARK",
    "OPEN_END",
}
_AFTER_OPEN_END = re.compile(r"\s*(?:$|[),\]}]|(?:and|or|then|else|return|satisfies)\b)")
_AFTER_EMPTY_LIST = re.compile(
    r"\s*(?:$|[),\]}\[.=!<>+*/]|(?:and|or|then|else|return|satisfies|in|instance|between)\b)"
)

# lark's own names of the anonymous tokens in grammar.lark
TERMINALS = {
    "+": "PLUS", "*": "STAR", "/": "SLASH", "=": "EQUAL", "<": "LESSTHAN", ">": "MORETHAN", "(": "LPAR", ")": "RPAR",
    "[": "LSQB", "]": "RSQB", "{": "LBRACE", "}": "RBRACE", ",": "COMMA", ":": "COLON", ".": "DOT", "?": "QMARK",
    "-": "DASH", "@": "AT",
}  # fmt: skip


@lru_cache(maxsize=512)
def _phrases(names: frozenset[str]) -> re.Pattern[str] | None:
    """Return a pattern that finds the longest of the names that a plain identifier would not match."""
    special = sorted((name for name in names if not _NAME.fullmatch(name)), key=len, reverse=True)
    if not special:
        return None
    parts = (
        r"\s*".join(re.escape(piece) for piece in re.split(r"\s+", name)).replace(r"\s*", r"\s+") for name in special
    )
    return re.compile(r"(?:" + "|".join(parts) + r")(?![\w'])")


def names_in(text: str) -> set[str]:
    """Return the names the text itself declares: keys of contexts, named arguments, loop variables."""
    found = {match.group(1) for pattern in (_ENTRY_KEY, _TEXT_KEY, _BOUND_NAME) for match in pattern.finditer(text)}
    return {re.sub(r"\s+", " ", name) for name in found if not set(name.split()) & set(_KEYWORDS)}


def tokenize(text: str, names: Iterable[str], multi: dict[str, str]) -> Iterator[Token]:
    """Yield the tokens of `text`.

    Args:
        text: FEEL source, at most `MAX_LENGTH` characters.
        names: names that may contain spaces or signs (variables, functions, components).
        multi: lark's terminal names of the signs with two characters.

    Raises:
        FeelSyntaxError: a character that starts no token, or an unclosed string.

    """
    phrases = _phrases(frozenset(names) | frozenset(names_in(text)))
    position, last, angle = 0, "", False
    while position < len(text):
        if blank := _BLANK.match(text, position):
            position = blank.end()
            continue
        if text.startswith("/*", position):
            if (end := text.find("*/", position + 2)) < 0:
                raise FeelSyntaxError(text, position, ["closing */"])
            position = end + 2
            continue
        kind, end = _next(text, position, phrases, multi)
        if kind == "RSQB" and last not in _OPERAND_END:
            kind = "RSQB" if last == "LSQB" and _AFTER_EMPTY_LIST.match(text, end) else "OPEN_START"
        elif kind == "LSQB" and last in _OPERAND_END and _AFTER_OPEN_END.match(text, end):
            kind = "OPEN_END"
        value = text[position:end]
        if kind == "NAME":
            value = re.sub(r"\s+", " ", value)
            if angle := (last == "OF" or angle) and value == "context":
                kind = "CONTEXT_TYPE"
        if kind == "NAME" and value == "external" and last == "RPAR":
            kind = "EXTERNAL"
        if kind == "FUNCTION" and re.match(r"\s*<", text[end:]):
            kind = "FUNCTION_TYPE"
        if kind == "NAME" and value == "context" and re.match(r"\s*<", text[end:]):
            kind = "CONTEXT_TYPE"
        yield Token(kind, value, start_pos=position)
        position, last = end, kind


def _next(text: str, position: int, phrases: re.Pattern[str] | None, multi: dict[str, str]) -> tuple[str, int]:
    if phrases and (match := phrases.match(text, position)):
        return "NAME", match.end()
    if match := _NAME.match(text, position):
        return _KEYWORDS.get(match.group(), "NAME"), match.end()
    if match := _NUMBER.match(text, position):
        return "NUMBER", match.end()
    if match := _STRING.match(text, position):
        return "STRING", match.end()
    if match := _PUNCTUATION.match(text, position):
        sign = match.group()
        return (multi[sign] if sign in multi else TERMINALS[sign]), match.end()
    if text[position] == '"':
        raise FeelSyntaxError(text, position, ['closing "'])
    raise FeelSyntaxError(text, position, ["an expression"])
