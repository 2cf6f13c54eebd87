"""From FEEL text to a syntax tree, by the LALR grammar of grammar.lark."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lark import Lark, Token, Tree, UnexpectedInput
from lark.lexer import Lexer

from engine.feel.errors import FeelLimitError, FeelSyntaxError
from engine.feel.lexer import MAX_LENGTH, TERMINALS, tokenize

MAX_DEPTH = 120


class _GivenTokens(Lexer):
    """Hands lark the tokens our own lexer made."""

    def __init__(self, _configuration: Any) -> None:
        pass

    def lex(self, data: Any) -> Iterator[Token]:  # type: ignore[override]  # lark types the text, not our tokens
        return iter(data)


_GRAMMAR = Lark(
    Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8"),
    parser="lalr", lexer=_GivenTokens, start=["start", "tests"], maybe_placeholders=True,
)  # fmt: skip
_SIGNS = {terminal.pattern.value.replace("\\", ""): terminal.name for terminal in _GRAMMAR.terminals}
_WORDS = {name: sign for sign, name in {**TERMINALS, **_SIGNS}.items()} | {
    "NAME": "a name", "NUMBER": "a number", "STRING": "a text", "$END": "the end", "OPEN_START": "]", "OPEN_END": "[",
}  # fmt: skip


_STARTS = {
    "NAME", "NUMBER", "STRING", "TRUE", "FALSE", "NULL", "NOT", "AT", "DASH", "LPAR", "LSQB", "LBRACE", "QMARK",
    "OPEN_START", "IF", "FOR", "SOME", "EVERY", "FUNCTION",
}  # fmt: skip
_OPERATORS = {
    *(_SIGNS[sign] for sign in ("+", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", ".")),
    "DASH", "AND", "OR", "BETWEEN", "IN", "INSTANCE", "LPAR", "LSQB",
}  # fmt: skip


def _in_words(expected: set[str]) -> list[str]:
    """Return what a person would call the terminals: the many that begin or go on an expression have one name."""
    words = []
    for sure, group, name in (("NUMBER", _STARTS, "an expression"), (_SIGNS["*"], _OPERATORS, "an operator")):
        if sure in expected:
            words.append(name)
            expected = expected - group
    return words + [_WORDS.get(name, name.lower()) for name in expected]


def parse(text: str, names: Iterable[str], *, start: str = "start") -> Tree[Any]:
    """Return the syntax tree of an expression (`start`) or of unary tests (`tests`).

    Raises:
        FeelSyntaxError: names the character and what was expected there.
        FeelLimitError: longer than `MAX_LENGTH` or nested deeper than `MAX_DEPTH`.

    """
    if len(text) > MAX_LENGTH:
        raise FeelLimitError("the expression is too long", length=len(text), limit=MAX_LENGTH)
    tokens = list(tokenize(text, names, _SIGNS))
    _check_depth(tokens)
    try:
        return _GRAMMAR.parse(tokens, start=start)  # type: ignore[arg-type,unused-ignore]  # our lexer takes tokens
    except UnexpectedInput as fault:
        token = getattr(fault, "token", None)
        position = len(text) if token is None or token.type == "$END" else token.start_pos
        expected = getattr(fault, "accepts", None) or getattr(fault, "expected", None) or ()
        raise FeelSyntaxError(text, position, _in_words(set(expected))) from None


def _check_depth(tokens: list[Token]) -> None:
    depth = 0
    for token in tokens:
        if token.type in ("LPAR", "LSQB", "LBRACE", "OPEN_START", "IF", "FUNCTION", "NOT"):
            depth += 1
        elif token.type in ("RPAR", "RSQB", "RBRACE", "OPEN_END"):
            depth = max(0, depth - 1)
        if depth > MAX_DEPTH:
            raise FeelLimitError("the expression is nested too deep", limit=MAX_DEPTH)
