"""What the harness measures is what was asked, in turns, and a process that fails is no measurement."""

import sys
from pathlib import Path

import pytest

from benchmarks.generated import write_specs
from benchmarks.harness import Process, Sample, Spread, difference, interleave, peak, ratio, spread
from benchmarks.results import Goal, spell_megabytes, spell_seconds, spell_times
from netspec.validation import check_file


def test_systems_take_turns_after_one_sample_that_is_thrown_away() -> None:
    order: list[str] = []

    def system(name: str) -> Sample:
        order.append(name)
        return Sample(len(order))

    samples = interleave({name: lambda name=name: system(name) for name in "abc"}, 3)  # type: ignore[misc]  # bound now
    assert "".join(order) == "abc" + "abc" + "bca" + "cab"
    assert [sample.seconds for sample in samples["a"]] == [4, 9, 11]


def test_ratios_and_differences_are_of_the_same_round() -> None:
    ours = [Sample(1, 10), Sample(10, 10), Sample(100, 10)]
    theirs = [Sample(2, 30), Sample(20, 40), Sample(200, 50)]
    assert ratio(theirs, ours) == Spread(2, 2, 2)
    assert difference(theirs, ours) == (Spread(10, 5.5, 55), Spread(30, 25, 35))


def test_a_spread_is_median_and_quartiles() -> None:
    assert spread([5, 1, 2, 4, 3]) == Spread(3, 2, 4)
    assert spread([7]) == Spread(7, 7, 7)


def test_a_process_is_measured_apart_from_the_one_that_starts_it() -> None:
    code = "held = bytearray(60_000_000)"
    large, small = (Process((sys.executable, "-S", "-c", text))() for text in (code, "pass"))
    assert large.peak - small.peak > 5e7
    assert small.peak < 4e7  # this process has more, and its child would begin with that
    assert large.seconds > 0


def test_a_process_that_ends_otherwise_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="ends with 3, not 0: why"):
        Process((sys.executable, "-c", "import sys; print('why', file=sys.stderr); sys.exit(3)"))()
    with pytest.raises(RuntimeError, match="cannot be started"):
        Process(("/no/such/program",))()


def test_peaks_are_of_all_rounds() -> None:
    assert peak([Sample(1, 10), Sample(1, 20), Sample(1, 30)]) == Spread(20, 15, 25)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (Spread(1.5, 1.25, 2), "1.50 s (1.25–2.00)"),
        (Spread(0.0123, 0.0119, 0.0131), "12.3 ms (11.9–13.1)"),
        (Spread(2.5e-6, 2.5e-6, 2.5e-6), "2.50 µs"),
        (Spread(-0.002, -0.004, 0.001), "-2.00 ms (-4.00–1.00)"),
        (Spread(0, 0, 0), "0.00 ns"),
    ],
)
def test_times_are_written_in_the_unit_they_have(found: Spread, text: str) -> None:
    assert spell_seconds(found) == text


def test_a_goal_is_met_by_the_median_and_says_where_the_quartiles_leave_it_open() -> None:
    def verdict(found: Spread, bound: float, at_least: bool = False) -> str:
        return Goal("", "", found, bound, spell_times, at_least).verdict

    assert verdict(Spread(1.1, 1.0, 1.2), 1.25) == "met"
    assert verdict(Spread(1.1, 1.0, 1.3), 1.25) == "met, quartiles on both sides"
    assert verdict(Spread(1.3, 1.26, 1.4), 1.25) == "missed"
    assert verdict(Spread(5.0, 4.5, 5.5), 4.0, at_least=True) == "met"
    assert verdict(Spread(3.0, 2.5, 3.5), 4.0, at_least=True) == "missed"
    assert spell_megabytes(Spread(1.5e6, 1e6, 2e6)) == "1.50 MB (1.00–2.00)"


def test_generated_specs_are_different_valid_and_the_same_each_time(tmp_path: Path) -> None:
    paths = write_specs(tmp_path / "one", 20)
    texts = [path.read_text(encoding="utf-8") for path in paths]
    assert len(set(texts)) == 20
    assert [path.read_text(encoding="utf-8") for path in write_specs(tmp_path / "two", 20)] == texts
    for path, text in zip(paths, texts, strict=True):
        assert 26 <= text.count("\n") <= 35
        assert check_file(str(path)).diagnostics == ()
