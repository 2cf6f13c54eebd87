"""From FEEL text to a syntax tree, by the LALR grammar of grammar.lark."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
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


@dataclass(frozen=True, slots=True)
class _Grammar:
    """The parser, the signs it knows as name by text, and what people call its terminals.

    Attributes:
        operators: terminals that go on an expression.

    """

    lark: Lark
    signs: dict[str, str]
    words: dict[str, str]
    operators: frozenset[str]


@cache
def _grammar() -> _Grammar:
    """Return the grammar, built at the first expression: a start of the web needs none."""
    text = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    lark = Lark(text, parser="lalr", lexer=_GivenTokens, start=["start", "tests"], maybe_placeholders=True)
    signs = {terminal.pattern.value.replace("\\", ""): terminal.name for terminal in lark.terminals}
    words = {name: sign for sign, name in {**TERMINALS, **signs}.items()} | {
        "NAME": "a name", "NUMBER": "a number", "STRING": "a text", "$END": "the end", "OPEN_START": "]",
        "OPEN_END": "[",
    }  # fmt: skip
    operators = (signs[sign] for sign in ("+", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "."))
    return _Grammar(
        lark, signs, words, frozenset((*operators, "DASH", "AND", "OR", "BETWEEN", "IN", "INSTANCE", "LPAR", "LSQB"))
    )


_STARTS = frozenset({
    "NAME", "NUMBER", "STRING", "TRUE", "FALSE", "NULL", "NOT", "AT", "DASH", "LPAR", "LSQB", "LBRACE", "QMARK",
    "OPEN_START", "IF", "FOR", "SOME", "EVERY", "FUNCTION",
})  # fmt: skip


def _in_words(expected: set[str]) -> list[str]:
    """Return what a person would call the terminals: the many that begin or go on an expression have one name."""
    grammar, words = _grammar(), []
    groups = (("NUMBER", _STARTS, "an expression"), (grammar.signs["*"], grammar.operators, "an operator"))
    for sure, group, name in groups:
        if sure in expected:
            words.append(name)
            expected = expected - group
    return words + [grammar.words.get(name, name.lower()) for name in expected]


def parse(text: str, names: Iterable[str], *, start: str = "start") -> Tree[Any]:
    """Return the syntax tree of an expression (`start`) or of unary tests (`tests`).

    Raises:
        FeelSyntaxError: names the character and what was expected there.
        FeelLimitError: longer than `MAX_LENGTH` or nested deeper than `MAX_DEPTH`.

    """
    if len(text) > MAX_LENGTH:
        raise FeelLimitError("the expression is too long", length=len(text), limit=MAX_LENGTH)
    tokens = list(tokenize(text, names, _grammar().signs))
    _check_depth(tokens)
    try:
        return _grammar().lark.parse(tokens, start=start)  # type: ignore[arg-type,unused-ignore]  # our lexer takes tokens
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
