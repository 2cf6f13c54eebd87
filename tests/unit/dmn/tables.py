"""Builds the XML of small decision tables for tests."""

from xml.sax.saxutils import escape, quoteattr

Column = tuple[str, str]  # expression or name, type
_HEAD = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" id="m" namespace="urn:test"'
    ' xmlns:t="urn:thidua" t:lookedUpBy="filed_on">'
)


def table(
    inputs: list[tuple[str, str]],
    outputs: list[tuple[str, str]],
    rows: list[list[str]],
    *,
    policy: str = "UNIQUE",
    aggregation: str = "",
    notes: list[str] | None = None,
    allowed: dict[str, str] | None = None,
    output_values: dict[str, str] | None = None,
    defaults: dict[str, str] | None = None,
) -> bytes:
    """Return a file with one decision `d`; a row is input cells, output cells, then annotations."""
    data = "".join(
        f"<inputData name={quoteattr(n)} id={quoteattr('i_' + n)}>"
        f'<variable name={quoteattr(n)} typeRef="{t}"/></inputData>'
        for n, t in inputs
    )
    needs = "".join(
        f"<informationRequirement><requiredInput href={quoteattr('#i_' + n)}/></informationRequirement>"
        for n, _ in inputs
    )
    columns = "".join(
        f'<input id={quoteattr("c_" + n)}><inputExpression typeRef="{t}"><text>{escape(n)}</text></inputExpression>'
        + _texts("inputValues", (allowed or {}).get(n))
        + "</input>"
        for n, t in inputs
    )
    columns += "".join(
        f'<output name={quoteattr(n)} typeRef="{t}">'
        + _texts("outputValues", (output_values or {}).get(n))
        + _texts("defaultOutputEntry", (defaults or {}).get(n))
        + "</output>"
        for n, t in outputs
    )
    columns += "".join(f"<annotation name={quoteattr(n)}/>" for n in notes or [])
    wide = len(inputs), len(inputs) + len(outputs)
    rules = "".join(
        f'<rule id="r{number}">'
        + "".join(
            f"<{kind}><text>{escape(cell)}</text></{kind}>"
            for kind, cells in (
                ("inputEntry", row[: wide[0]]),
                ("outputEntry", row[wide[0] : wide[1]]),
                ("annotationEntry", row[wide[1] :]),
            )
            for cell in cells
        )
        + "</rule>"
        for number, row in enumerate(rows, 1)
    )
    hit = f'hitPolicy="{policy}"' + (f' aggregation="{aggregation}"' if aggregation else "")
    logic = f"<decisionTable {hit}>{columns}{rules}</decisionTable>"
    return model(f'{data}<decision name="d" id="d"><variable name="d"/>{needs}{logic}</decision>')


def model(body: str) -> bytes:
    """Return a file that holds the given elements."""
    return f"{_HEAD}{body}</definitions>".encode()


def _texts(name: str, text: str | None) -> str:
    return f"<{name}><text>{escape(text)}</text></{name}>" if text else ""
