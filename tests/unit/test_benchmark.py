"""What the benchmark says of its figures, and that the page of the docs says what was measured."""

from itertools import pairwise

import pytest
from lxml import etree

from tests.bench import page, plot, report
from tests.bench.result import Result, Spread, Target, at_p95


def test_a_figure_on_the_limit_meets_its_target() -> None:
    assert Target(2).met_by(2)
    assert not Target(2).met_by(2.01)
    assert Target(5, at_least=True).met_by(5)
    assert not Target(5, at_least=True).met_by(4.99)


def test_a_share_above_one_is_a_miss_on_either_side() -> None:
    for target, good, bad in ((Target(2), 1, 4), (Target(100, at_least=True), 200, 50)):
        assert target.share_of(good) == 0.5
        assert target.share_of(bad) == 2


def test_the_ratio_says_how_many_times_better_we_are() -> None:
    assert Result("time", 2, "ms", baseline=10).ratio == 5
    assert Result("rate", 200, "/s", Target(100, at_least=True), baseline=50).ratio == 4
    assert Result("alone", 2, "ms").ratio is None


def test_percentiles_are_measured_values() -> None:
    spread = Spread.of([float(number) for number in range(100, 0, -1)])
    assert (spread.median, spread.p95, spread.count) == (50.5, 96, 100)
    assert Spread.of([3.0]) == Spread(3, 3, 1)


def test_a_line_is_kept_whole() -> None:
    line = at_p95("page", Target(30), [1.0, 2.0, 40.0], [5.0], data="3 tasks", detail="as seen", series=((1.0, 2.0),))
    kept = Result.from_dict(line.as_dict())
    assert kept == line
    assert kept.met is False


def test_the_page_is_made_of_the_kept_figures() -> None:
    """Who keeps new figures writes the page with them: `python -m tests.bench --report`."""
    run = report.read()
    assert page.PAGE.read_text(encoding="utf-8") == page.as_markdown(run)
    assert page.SHARES.read_text(encoding="utf-8") == page.shares_of(run)
    assert page.CURVES.read_text(encoding="utf-8") == page.curves_of(run)


def test_the_page_covers_every_part() -> None:
    from tests.bench.__main__ import PARTS

    assert set(page.TITLES) == set(PARTS) == set(report.read().parts)


def test_a_longer_bar_uses_more_of_its_target() -> None:
    lines = [Result(f"<{share}>", share, "ms", Target(1)) for share in (0.01, 0.5, 1, 3, 40)]
    drawn = etree.fromstring(plot.shares(lines).encode())
    bars = [(float(bar.get("width")), bar.get("fill")) for bar in drawn.iter("{*}rect") if bar.get("rx") == "2"]
    assert [colour for _width, colour in bars] == [plot.MET] * 3 + [plot.MISSED] * 2
    assert all(shorter < longer for (shorter, _one), (longer, _other) in pairwise(bars))


@pytest.mark.parametrize("most", [0.3, 7, 100_000])
def test_a_curve_stays_inside_its_frame(most: float) -> None:
    chart = plot.Chart("a & b", "steps", (plot.Curve("ours", plot.MET, ((1, most / 2), (10, most))),), level=most * 1.1)
    drawn = etree.fromstring(plot.charts([chart]).encode())
    points = [point.split(",") for point in drawn.find("{*}polyline").get("points").split()]
    assert all(0 <= float(x) <= 480 and 60 <= float(y) <= 250 for x, y in points)
