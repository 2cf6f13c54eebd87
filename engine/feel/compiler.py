"""From a FEEL syntax tree to Python closures: each takes a scope and returns a value. No Python is reachable."""

from collections.abc import Callable, Mapping
from decimal import DecimalException
from typing import Any

from lark import Token, Tree

from engine.feel import operators
from engine.feel.errors import FeelEvaluationError, FeelLimitError
from engine.feel.iteration import compile_every, compile_filter, compile_for, compile_some
from engine.feel.scope import Node, Scope, spend, spend_for, truth
from engine.feel.types import TYPE_PREFIX, compile_formal_type, compile_type, file_type_name
from engine.feel.values import NUMBERS, Function, Range, compare, parse_temporal

_KEPT = {"NAME", "STRING", "NUMBER"}
_CALL_STEPS = 5  # a call costs about as much time as five other steps
_CONDITIONS = {"compare", "and_", "or_", "not_", "between", "in_", "in_compare", "instance_of", "some", "every", "call"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "\\": "\\", "'": "'", "/": "/"}


class Compiler:
    """Walks one tree. `free` collects the names the expression takes from outside."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self.functions = functions
        self.free: set[str] = set()
        self.shadowing: set[str] = set()
        self.bound: list[str] = []

    def node(self, tree: Any) -> Node:
        """Return the closure of a subtree."""
        parts = [part for part in tree.children if not isinstance(part, Token) or part.type in _KEPT]
        return getattr(self, f"_{tree.data.rstrip('_')}")(parts)  # type: ignore[no-any-return]  # by grammar rule name

    def nodes(self, parts: list[Any]) -> list[Node]:
        """Return the closures of several subtrees."""
        return [self.node(part) for part in parts if part is not None]

    def binding(self, names: list[str], tree: Any) -> Node:
        """Return the closure of a subtree in which `names` are not free."""
        self.bound.extend(names)
        try:
            return self.node(tree)
        finally:
            del self.bound[len(self.bound) - len(names) :]

    def _start(self, parts: list[Any]) -> Node:
        return self.node(parts[0])

    # literals and names

    def _number(self, parts: list[Any]) -> Node:
        try:
            value = NUMBERS.create_decimal(parts[0])
        except DecimalException:
            raise FeelLimitError("the number is too large", number=str(parts[0])[:40]) from None
        return lambda _scope: value

    def _string(self, parts: list[Any]) -> Node:
        value = unquote(parts[0])
        return lambda _scope: value

    def _true(self, _parts: list[Any]) -> Node:
        return lambda _scope: True

    def _false(self, _parts: list[Any]) -> Node:
        return lambda _scope: False

    def _null(self, _parts: list[Any]) -> Node:
        return lambda _scope: None

    def _at_literal(self, parts: list[Any]) -> Node:
        value = parse_temporal(unquote(parts[0]))
        return lambda _scope: value

    def _question(self, _parts: list[Any]) -> Node:
        return lambda scope: scope.variables.get("?")

    def _name(self, parts: list[Any]) -> Node:
        name = str(parts[0])
        if name not in self.bound and name not in self.functions:
            self.free.add(name)
        if (known := self.functions.get(name)) is not None:
            self.shadowing.add(name)
            return lambda scope: scope.variables.get(name, known)

        if "." in name:
            return self._dotted(name)

        def read(scope: Scope) -> Any:
            return scope.variables.get(name)

        return read

    def _dotted(self, name: str) -> Node:
        """Return the closure of a declared name that holds a dot: the variable so named, else the path."""
        root, *steps = name.split(".")
        self.free.discard(name)
        self.shadowing.add(name)
        if root not in self.bound:
            self.free.add(root)

        def read(scope: Scope) -> Any:
            if name in scope.variables:
                return scope.variables[name]
            value = scope.variables.get(root)
            for step in steps:
                value = operators.component(value, step)
            return value

        return read

    # logic

    def _or(self, parts: list[Any]) -> Node:
        left, right = self.nodes(parts)

        def disjunction(scope: Scope) -> Any:
            first = left(scope)
            if first is True:
                return True
            second = right(scope)
            if second is True:
                return True
            return False if first is False and second is False else None

        return disjunction

    def _and(self, parts: list[Any]) -> Node:
        left, right = self.nodes(parts)

        def conjunction(scope: Scope) -> Any:
            first = left(scope)
            if first is False:
                return False
            second = right(scope)
            if second is False:
                return False
            return True if first is True and second is True else None

        return conjunction

    def _not(self, parts: list[Any]) -> Node:
        inner = self.node(parts[0])

        def negation(scope: Scope) -> Any:
            value = inner(scope)
            return not value if isinstance(value, bool) else None

        return negation

    def _not_named(self, parts: list[Any]) -> Node:
        name, inner = str(parts[0].children[0]), self.node(parts[0].children[1])
        return lambda scope: not value if name == "negand" and isinstance(value := inner(scope), bool) else None

    def _if(self, parts: list[Any]) -> Node:
        condition, then, other = self.nodes(parts)
        return lambda scope: then(scope) if condition(scope) is True else other(scope)

    # comparison

    def _compare(self, parts: list[Any]) -> Node:
        left, sign, right = self.node(parts[0]), str(parts[1].children[0]), self.node(parts[2])
        if parts[2].data in {"string", "number"}:
            return operators.compare_with_literal(left, sign, right(Scope({})))
        return operators.compare_values(left, sign, right)

    def _between(self, parts: list[Any]) -> Node:
        value, low, high = self.nodes(parts)
        return lambda scope: Range(low(scope), high(scope)).contains(value(scope))

    def _in(self, parts: list[Any]) -> Node:
        value, test = self.node(parts[0]), self.test(parts[1])
        return lambda scope: truth(test(scope, value(scope)))

    def _in_compare(self, parts: list[Any]) -> Node:
        value, sign, limit = self.node(parts[0]), str(parts[1].children[0]), self.node(parts[2])
        return lambda scope: compare(sign, value(scope), limit(scope))

    def _instance_of(self, parts: list[Any]) -> Node:
        value = self.node(parts[0])
        if (name := file_type_name(parts[1])) is not None:
            key = TYPE_PREFIX + name
            self.shadowing.add(key)
            return lambda scope: scope.variables[key].accepts(value(scope)) if key in scope.variables else False
        accepts = compile_type(parts[1])
        return lambda scope: accepts(value(scope))

    def test(self, tree: Any) -> Callable[[Scope, Any], Any]:
        """Return a unary test: takes the scope and the value tested (DMN 1.5, 7.3.12)."""
        if tree.data == "unary_compare":
            sign, limit = str(tree.children[0].children[0]), self.node(tree.children[1])
            return lambda scope, value: compare(sign, value, limit(scope))
        if tree.data in {"group", "test_list"}:
            items = tree.children[0].children if tree.data == "group" else tree.children
            return operators.any_test([self.test(item) for item in items])
        if tree.data == "not_":  # in a cell, not(…) negates the tests inside it
            return operators.negated_test(self.test(next(part for part in tree.children if isinstance(part, Tree))))
        expression = self.node(tree)
        if tree.data in {"string", "number"}:
            return operators.constant_test(expression(Scope({})))
        uses_value = next(tree.find_data("question"), None) is not None
        condition = tree.data in _CONDITIONS

        def apply(scope: Scope, value: Any) -> Any:
            wanted = expression(scope)
            spend_for(scope.budget, wanted)
            asked = uses_value or (condition and value is not None and not isinstance(value, bool))
            return operators.matches(value, wanted, asked=asked)

        return apply

    def _unary_compare(self, _parts: list[Any]) -> Node:
        raise FeelEvaluationError("a test such as '< 5' stands only after 'in' or in a table cell")

    # arithmetic

    def _binary(self, parts: list[Any], operation: Callable[[Any, Any], Any]) -> Node:
        left, right = self.nodes(parts)
        return lambda scope: operation(left(scope), right(scope))

    def _add(self, parts: list[Any]) -> Node:
        return self._binary(parts, operators.add)

    def _subtract(self, parts: list[Any]) -> Node:
        return self._binary(parts, operators.subtract)

    def _multiply(self, parts: list[Any]) -> Node:
        return self._binary(parts, operators.multiply)

    def _divide(self, parts: list[Any]) -> Node:
        return self._binary(parts, operators.divide)

    def _power(self, parts: list[Any]) -> Node:
        return self._binary(parts, operators.power)

    def _negate(self, parts: list[Any]) -> Node:
        inner = self.node(parts[0])
        return lambda scope: operators.negate(inner(scope))

    # structures

    def _group(self, parts: list[Any]) -> Node:
        items = parts[0].children
        if len(items) != 1:
            raise FeelEvaluationError("several values in parentheses stand only after 'in'")
        return self.node(items[0])

    def _list(self, parts: list[Any]) -> Node:
        items = self.nodes(parts)
        return lambda scope: [item(scope) for item in items]

    def _context(self, parts: list[Any]) -> Node:
        names: list[str] = []
        entries: list[tuple[str, Node]] = []
        for entry in parts:
            if entry is None:
                continue
            key = entry.children[0]
            name = unquote(key) if key.type == "STRING" else str(key)
            entries.append((name, self.binding(list(names), entry.children[1])))
            names.append(name)
        if len(set(names)) != len(names):
            return lambda _scope: None

        def build(scope: Scope) -> Any:
            inner, made = scope.child({}), {}
            for name, value in entries:
                made[name] = inner.variables[name] = value(inner)
            return made

        return build

    def _range(self, parts: list[Any], low_closed: bool, high_closed: bool) -> Node:
        low, high = self.nodes([part for part in parts if isinstance(part, Tree)])
        return lambda scope: operators.interval(low(scope), high(scope), low_closed, high_closed)

    def _closed_closed(self, parts: list[Any]) -> Node:
        return self._range(parts, True, True)

    def _closed_open(self, parts: list[Any]) -> Node:
        return self._range(parts, True, False)

    def _open_closed(self, parts: list[Any]) -> Node:
        return self._range(parts, False, True)

    def _open_open(self, parts: list[Any]) -> Node:
        return self._range(parts, False, False)

    def _half_line(self, parts: list[Any]) -> Node:
        sign, limit = str(parts[0].children[0]), self.node(parts[1])
        return lambda scope: operators.half_line(sign, limit(scope))

    def _path(self, parts: list[Any]) -> Node:
        source, name = self.node(parts[0]), str(parts[1])

        def read(scope: Scope) -> Any:
            value = source(scope)
            if value.__class__ is list:
                spend(scope.budget, len(value))
            return operators.component(value, name)

        return read

    # calls and iterations

    def _function(self, parts: list[Any]) -> Node:
        declared = parts[0].children if parts[0] is not None else []
        formals = [str(formal.children[0]) for formal in declared]
        types = [compile_formal_type(formal.children[1]) for formal in declared]
        body = self.binding(formals, parts[1])

        def close(scope: Scope) -> Function:
            def call(*values: Any) -> Any:
                scope.step(_CALL_STEPS)
                if len(values) != len(formals):
                    return None
                taken = [accept(value) for accept, value in zip(types, values, strict=True)]
                with scope.deeper() as inner:
                    inner.variables.update(zip(formals, taken, strict=True))
                    return body(inner)

            return Function(tuple(formals), call)

        return close

    def _external(self, parts: list[Any]) -> Node:
        """Return the closure of a function in another language: it exists, and every call of it is null."""
        declared = parts[0].children if parts[0] is not None else []
        made = Function(tuple(str(formal.children[0]) for formal in declared), lambda *_values: None)
        return lambda _scope: made

    def _call(self, parts: list[Any]) -> Node:
        target, arguments = self.node(parts[0]), parts[1]
        if arguments is None:
            return lambda scope: operators.call(scope.budget, target(scope), ())
        if arguments.data == "named":
            named = [(str(part.children[0]), self.node(part.children[1])) for part in arguments.children]
            return lambda scope: operators.call_named(
                scope.budget, target(scope), {name: value(scope) for name, value in named}
            )
        values = self.nodes(arguments.children)
        return lambda scope: operators.call(scope.budget, target(scope), [value(scope) for value in values])

    def _for(self, parts: list[Any]) -> Node:
        return compile_for(self, parts)

    def _some(self, parts: list[Any]) -> Node:
        return compile_some(self, parts)

    def _every(self, parts: list[Any]) -> Node:
        return compile_every(self, parts)

    def _filter(self, parts: list[Any]) -> Node:
        return compile_filter(self, parts)


def unquote(token: str) -> str:
    """Return the text of a string literal with its escapes resolved."""
    body, out, position = str(token)[1:-1], [], 0
    while position < len(body):
        if body[position] != "\\" or position + 1 == len(body):
            out.append(body[position])
            position += 1
            continue
        mark = body[position + 1]
        width = {"u": 4, "U": 6}.get(mark, 0)
        digits = body[position + 2 : position + 2 + width]
        if width and len(digits) == width and all(c in "0123456789abcdefABCDEF" for c in digits):
            if (code := int(digits, 16)) > 0x10FFFF:
                raise FeelLimitError("no such character", code=digits)
            out.append(chr(code))
            position += 2 + width
            continue
        out.append(_ESCAPES.get(mark, "\\" + mark))
        position += 2
    text = "".join(out)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if "\\u" in body else text
