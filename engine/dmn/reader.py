"""Turns the XML of expressions and tables into logic; what is wrong is kept as findings that name the place."""

from dataclasses import replace
from typing import Any

from engine.dmn import boxed, xml
from engine.dmn.errors import DmnFileError
from engine.dmn.run import Logic
from engine.dmn.table import DecisionTable, InputClause, OutputClause, Rule
from engine.dmn.trace import Finding
from engine.dmn.types import ItemType, Types
from engine.errors import EngineError
from engine.feel import Expression, FeelLimitError, FeelSyntaxError, UnaryTests, compile_expression, compile_unary_tests

_POLICIES = {
    "UNIQUE": "U", "ANY": "A", "PRIORITY": "P", "FIRST": "F", "RULE ORDER": "R", "OUTPUT ORDER": "O", "COLLECT": "C",
}  # fmt: skip
_AGGREGATIONS = {"SUM": "+", "MIN": "<", "MAX": ">", "COUNT": "#"}


class Reader:
    """Keeps what every expression of one file needs: names with spaces, types, findings."""

    def __init__(self, root: Any, functions: tuple[str, ...], types: dict[str, ItemType], names: set[str]) -> None:
        self.functions = functions
        self.findings: list[Finding] = []
        self.faults: list[DmnFileError] = []
        found = {node.get("name") for node in root.iter() if node.get("name") and xml.local(node) != "definitions"}
        self.names = frozenset(" ".join(name.split()) for name in found | names)
        self.types = Types(root, self.tests, types)
        self.tables: dict[str, DecisionTable] = {}

    # leaves

    def expression(self, text: str, place: str, **where: Any) -> Expression:
        """Return a compiled expression; an empty one is null. `where` is its row and column, for the fault.

        Raises:
            DmnFileError: names the place and what was expected.

        """
        try:
            return compile_expression(text or "null", names=self.names, functions=self.functions)
        except EngineError as fault:
            raise DmnFileError(f"{place}: {fault}", place=place, **where, **_misspelt(fault)) from None

    def tests(self, text: str, place: str, **where: Any) -> UnaryTests:
        """Return the compiled tests of a cell; an empty one accepts everything. `where` is its row and column.

        Raises:
            DmnFileError: names the place and what was expected.

        """
        try:
            return compile_unary_tests(text or "-", names=self.names, functions=self.functions)
        except EngineError as fault:
            raise DmnFileError(f"{place}: {fault}", place=place, **where, **_misspelt(fault)) from None

    def report(self, fault: DmnFileError, table: str, rule: str) -> None:
        """Keep a fault and go on, so that one reading lists them all."""
        known = fault.details
        self.faults.append(fault)
        self.findings.append(
            Finding(
                table, rule, str(fault), known.get("row"), known.get("column", ""), code=known.get("problem", ""),
                details=dict(known),
            )
        )  # fmt: skip

    # expressions

    def logic(self, node: Any | None, place: str) -> Logic:
        """Return the logic of an expression element; null where there is none.

        Raises:
            DmnFileError: names the place.

        """
        if node is None:
            return lambda _values, _run: None
        kind = xml.local(node)
        if kind == "literalExpression":
            return self._literal(node, place)
        if kind == "decisionTable":
            table = self.table(node, place)
            self.tables[place] = table
            return table.evaluate
        if kind in _BOXED:
            made: Logic = getattr(self, _BOXED[kind])(node, place)
            return made if node.get("typeRef") is None else boxed.typed(made, self.types.of(node), place)
        raise DmnFileError(
            f"{place}: this engine knows no expression {kind!r}", place=place, problem="unknown_expression", name=kind
        )

    def _literal(self, node: Any, place: str) -> Logic:
        language = node.get("expressionLanguage") or ""
        if (language and "feel" not in language.lower()) or xml.child(node, "importedValues") is not None:
            raise DmnFileError(f"{place}: the expression is not written in FEEL", place=place, problem="not_feel")
        made = boxed.literal(self.expression(xml.text_of(node), place))
        return boxed.typed(made, self.types.of(node), place)

    def _inside(self, node: Any, name: str, place: str) -> Logic:
        """Return the logic of the expression inside a part, e.g. of `in` or `then`."""
        part = xml.child(node, name)
        return self.logic(xml.expression_node(part) if part is not None else None, f"{place}, {name}")

    def _context(self, node: Any, place: str) -> Logic:
        entries: list[tuple[str, Logic]] = []
        result: Logic | None = None
        for entry in xml.children(node, "contextEntry"):
            variable = xml.child(entry, "variable")
            name = variable.get("name") if variable is not None else None
            inner = f"{place}, {name or 'result'}"
            made = boxed.typed(self.logic(xml.expression_node(entry), inner), self.types.of(variable), inner)
            if name is None:
                result = made
            else:
                entries.append((name, made))
        return boxed.context(entries, result)

    def _list(self, node: Any, place: str) -> Logic:
        return boxed.items([self.logic(part, place) for part in node if xml.local(part) not in ("", "description")])

    def _relation(self, node: Any, place: str) -> Logic:
        columns = [column.get("name") for column in xml.children(node, "column")]
        rows = []
        for number, row in enumerate(xml.children(node, "row"), 1):
            cells = [part for part in row if xml.local(part)]
            if len(cells) != len(columns):
                raise DmnFileError(
                    f"{place}, row {number}: it has not one cell for each column", place=place, row=number,
                    **_cells(len(cells), len(columns)),
                )  # fmt: skip
            rows.append([self.logic(cell, f"{place}, row {number}") for cell in cells])
        return boxed.relation(columns, rows)

    def _invocation(self, node: Any, place: str) -> Logic:
        target = self.logic(xml.expression_node(node), place)
        bindings = []
        for binding in xml.children(node, "binding"):
            parameter = xml.child(binding, "parameter")
            name = parameter.get("name") if parameter is not None else ""
            bindings.append((name, self.logic(xml.expression_node(binding), f"{place}, parameter {name}")))
        return boxed.invocation(target, bindings, place)

    def _conditional(self, node: Any, place: str) -> Logic:
        return boxed.conditional(*(self._inside(node, part, place) for part in ("if", "then", "else")))

    def _filter(self, node: Any, place: str) -> Logic:
        return boxed.filtered(self._inside(node, "in", place), self._inside(node, "match", place), place)

    def _iterator(self, node: Any, place: str) -> Logic:
        kind = xml.local(node)
        body = self._inside(node, "return" if kind == "for" else "satisfies", place)
        uses_partial = kind == "for" and any("partial" in (part or "") for part in node.itertext())
        source, variable = self._inside(node, "in", place), node.get("iteratorVariable") or "item"
        return boxed.iterator(kind, variable, source, body, uses_partial=uses_partial)

    def function(self, node: Any, place: str) -> Logic:
        """Return the logic of a function definition, also of a knowledge model's.

        Raises:
            DmnFileError: the function is Java or PMML, or its body is faulty.

        """
        if (node.get("kind") or "FEEL") not in ("FEEL", "F"):
            raise DmnFileError(f"{place}: only functions written in FEEL run here", place=place, problem="not_feel")
        formals = xml.children(node, "formalParameter")
        parameters = [(formal.get("name"), self.types.of(formal)) for formal in formals]
        return boxed.function(parameters, self.logic(xml.expression_node(node), place), place)

    # tables

    def table(self, node: Any, name: str) -> DecisionTable:
        """Return a decision table; each faulty cell is reported with row and column.

        Raises:
            DmnFileError: unknown hit policy or aggregation, or a faulty column.

        """
        policy = _POLICIES.get(node.get("hitPolicy") or "UNIQUE")
        aggregation = _AGGREGATIONS.get(node.get("aggregation") or "", "")
        if policy is None or (node.get("aggregation") and not aggregation):
            written = node.get("hitPolicy"), node.get("aggregation")
            raise DmnFileError(
                f"table {name}: unknown hit policy {written[0]} {written[1] or ''}", table=name, problem="hit_policy",
                name=" ".join(filter(None, written)),
            )  # fmt: skip
        policy += aggregation if policy == "C" else ""
        inputs = _distinct_labels(
            [self._input(clause, name, number) for number, clause in enumerate(xml.children(node, "input"), 1)]
        )
        outputs = tuple(self._output(clause, name) for clause in xml.children(node, "output"))
        if not outputs or len({clause.name for clause in outputs}) < len(outputs):
            raise DmnFileError(
                f"table {name}: each output column needs a name of its own", table=name, problem="output_names"
            )
        if len(policy) == 2 and policy != "C#" and len(outputs) > 1:
            raise DmnFileError(
                f"table {name}: {policy} cannot aggregate several output columns", table=name, problem="aggregate"
            )
        notes = tuple(clause.get("name") or "" for clause in xml.children(node, "annotation"))
        rules = tuple(
            self._rule(rule, number, name, inputs=inputs, outputs=outputs, notes=notes)
            for number, rule in enumerate(xml.children(node, "rule"), 1)
        )
        return DecisionTable(name, policy, inputs, outputs, rules, notes)

    def _input(self, node: Any, table: str, number: int) -> InputClause:
        expression = xml.child(node, "inputExpression")
        text = xml.text_of(expression)
        label = node.get("label") or text or str(number)
        place = f"table {table}, column {label}"
        values = xml.text_of(xml.child(node, "inputValues"))
        allowed = self.tests(values, place, column=label) if values else None
        compiled = self.expression(text, place, column=label)
        return InputClause(node.get("id") or str(number), label, compiled, self.types.of(expression), allowed)

    def _output(self, node: Any, table: str) -> OutputClause:
        name = node.get("name") or table
        label = node.get("label") or name
        place = f"table {table}, column {name}"
        item_type = self.types.of(node)
        default = xml.text_of(xml.child(node, "defaultOutputEntry"))
        values = xml.text_of(xml.child(node, "outputValues"))
        allowed = self.tests(values, place, column=label) if values else item_type.allowed
        order = values or (item_type.allowed.text if item_type.allowed else "")
        return OutputClause(
            node.get("id") or name, name, label, item_type,
            self.expression(default, place, column=label) if default else None, self._priority(order), allowed,
        )  # fmt: skip

    def _priority(self, values: str) -> tuple[Any, ...]:
        """Return the listed output values in order; none when they are tests such as ranges."""
        try:
            return tuple(compile_expression(f"[{values}]", names=self.names).evaluate({})) if values else ()
        except EngineError:
            return ()

    def _rule(
        self, node: Any, number: int, table: str, *, inputs: tuple[InputClause, ...],
        outputs: tuple[OutputClause, ...], notes: tuple[str, ...],
    ) -> Rule:  # fmt: skip
        cells, answers = xml.children(node, "inputEntry"), xml.children(node, "outputEntry")
        if len(cells) != len(inputs) or len(answers) != len(outputs):
            place = f"table {table}, row {number}"
            counts = _cells(len(cells) + len(answers), len(inputs) + len(outputs))
            raise DmnFileError(f"{place}: it has not one cell for each column", table=table, row=number, **counts)
        place = f"table {table}, row {number}, column"
        tests, made = [], []
        for cell, clause in zip(cells, inputs, strict=True):
            try:
                where = {"row": number, "column": clause.label}
                tests.append(self.tests(xml.text_of(cell), f"{place} {clause.label}", **where))
            except DmnFileError as fault:
                self.report(fault, table, "syntax")
        for cell, column in zip(answers, outputs, strict=True):
            try:
                text = xml.text_of(cell)
                where = {"row": number, "column": column.label}
                made.append(self.expression("null" if text == "-" else text, f"{place} {column.label}", **where))
            except DmnFileError as fault:
                self.report(fault, table, "syntax")
        written = [xml.text_of(entry) for entry in xml.children(node, "annotationEntry")]
        names = [name or str(column) for column, name in enumerate(notes, 1)]
        names += [str(column) for column in range(len(names) + 1, len(written) + 1)]
        annotations = dict(zip(names, written, strict=False))
        return Rule(number, node.get("id") or str(number), tuple(tests), tuple(made), annotations)


def _misspelt(fault: EngineError) -> dict[str, Any]:
    """Return what is wrong with a FEEL text: where it stops being FEEL, or that it is too much."""
    if isinstance(fault, FeelSyntaxError):
        known = fault.details
        ends = known["position"] >= len(known["expression"])
        return {
            "problem": "syntax_end" if ends else "syntax", "expression": known["expression"],
            "position": known["position"] + 1, "found": known["found"],
        }  # fmt: skip
    return {"problem": "expression_limit" if isinstance(fault, FeelLimitError) else "syntax_unclear"}


def _cells(found: int, wanted: int) -> dict[str, Any]:
    return {"problem": "cells", "found": found, "wanted": wanted}


def _distinct_labels(clauses: list[InputClause]) -> tuple[InputClause, ...]:
    """Return the columns, one of a label that comes twice with its number, so that a trace shows each value."""
    labels = [clause.label for clause in clauses]
    return tuple(
        replace(clause, label=f"{clause.label} ({number})") if labels.count(clause.label) > 1 else clause
        for number, clause in enumerate(clauses, 1)
    )


_BOXED = {
    "context": "_context", "list": "_list", "relation": "_relation", "invocation": "_invocation",
    "conditional": "_conditional", "filter": "_filter", "for": "_iterator", "some": "_iterator",
    "every": "_iterator", "functionDefinition": "function",
}  # fmt: skip
