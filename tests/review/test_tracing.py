"""One tensor through commits: names, rounds, and names that others had before."""

import pytest

from netspec.diagnostics import SystemFault
from netspec.review.changes import TensorChange, TensorKind
from netspec.review.history import Step
from netspec.review.tracing import traced


def step(subject: str, *tensors: tuple[TensorKind, str | None, str | None]) -> Step:
    """Return a step that changed tensors, each by its names before and after."""
    changes = tuple(TensorChange(kind, before, after, (3,), (3,)) for kind, before, after in tensors)
    return Step("0" * 40, "2026-01-01", "ada", subject, False, "changed", "net.yaml", tensors=changes)


def told(steps: list[Step], name: str) -> list[tuple[str, str | None]]:
    """Return the subjects of the steps that changed a tensor, each with its name before."""
    return [(each.subject, each.tensors[0].before) for each in traced(steps, name)]


def test_a_name_is_followed_into_the_past() -> None:
    steps = [
        step("reshape", ("reshaped", "c", "c"), ("reshaped", "b", "b")),
        step("rename", ("renamed", "b", "c"), ("renamed", "c", "d")),
        step("another c", ("reshaped", "c", "c")),
        step("move", ("moved", "a", "b")),
        step("begin", ("added", None, "a"), ("added", None, "c")),
    ]
    assert told(steps, "c") == [("reshape", "c"), ("rename", "b"), ("move", "a"), ("begin", None)]
    assert told(steps, "d") == [("rename", "c"), ("another c", "c"), ("begin", None)]


def test_rounds_keep_their_distance_from_the_first() -> None:
    steps = [
        step("shift", ("renamed", "h.{0…3}.Omega", "h.{2…5}.Omega")),
        step("widen the second", ("reshaped", "h.1.Omega", "h.1.Omega")),
        step("begin", ("added", None, "h.{0…3}.Omega")),
    ]
    assert told(steps, "h.3.Omega") == [
        ("shift", "h.{0…3}.Omega"),
        ("widen the second", "h.1.Omega"),
        ("begin", None),
    ]
    assert [subject for subject, _ in told(steps, "h.4.Omega")] == ["shift", "begin"]
    assert [subject for subject, _ in told(steps, "h.{4…5}.Omega")] == ["shift", "begin"]
    assert [subject for subject, _ in told(steps, "h.{2…5}.Omega")] == ["shift", "widen the second", "begin"]
    for other in ("h.6.Omega", "h.x.Omega", "h.{2…5}.beta", "h.999999999999999999999.Omega"):
        with pytest.raises(SystemFault):
            traced(steps, other)


def test_rounds_that_are_asked_for_together_are_met_one_by_one() -> None:
    steps = [
        step("two of another name", ("renamed", "k.{0…1}.Omega", "h.{2…3}.Omega")),
        step("one of them", ("reshaped", "k.1.Omega", "k.1.Omega")),
        step("another one", ("reshaped", "k.2.Omega", "k.2.Omega")),
        step("more", ("added", None, "h.{1…4}.Omega"), ("added", None, "h.{1…4}.beta")),
        step("begin", ("added", None, "h.0.Omega")),
    ]
    assert [subject for subject, _ in told(steps, "h.{0…3}.Omega")] == [
        "two of another name",
        "one of them",
        "more",
        "begin",
    ]


def test_where_rounds_are_others_all_of_them_are_meant() -> None:
    steps = [
        step("unroll", ("renamed", "h.{0…3}.{0…1}.Omega", "h.{0…7}.Omega")),
        step("widen", ("reshaped", "h.{0…3}.{0…1}.Omega", "h.{0…3}.{0…1}.Omega")),
    ]
    assert [subject for subject, _ in told(steps, "h.5.Omega")] == ["unroll", "widen"]


def test_a_tensor_that_is_stored_no_more_is_found_by_the_name_that_it_had() -> None:
    steps = [step("tie", ("tied", "out.Omega", "words.Omega")), step("begin", ("added", None, "out.Omega"))]
    assert [subject for subject, _ in told(steps, "out.Omega")] == ["tie", "begin"]
    assert [subject for subject, _ in told(steps, "words.Omega")] == ["tie"]
    steps = [step("drop", ("removed", "out.Omega", None)), step("begin", ("added", None, "out.Omega"))]
    assert [subject for subject, _ in told(steps, "out.Omega")] == ["drop", "begin"]


def test_a_name_that_there_is_not_has_a_hint() -> None:
    with pytest.raises(SystemFault) as refused:
        traced([step("begin", ("added", None, "out.Omega"))], "out.omega")
    assert (refused.value.headline, refused.value.help) == (
        "--tensor: no commit has a tensor `out.omega`",
        "did you mean `out.Omega`?",
    )
    with pytest.raises(SystemFault) as refused:
        traced([], "\x1b[31m")
    assert (refused.value.headline, refused.value.help) == ("--tensor: no commit has a tensor `U+001B[31m`", "")


@pytest.mark.parametrize(
    ("name", "help_"),
    [
        ("dense.Omega", "did you mean `dense.{0…3}.Omega`?"),
        ("dense.{4…7}.Omega", "did you mean `dense.{0…3}.Omega`?"),
        ("Omega", "name it with its layer: `enter.Omega`, `dense.{0…3}.Omega`, `leave.Omega`"),
        ("beta", "name it with its layer: `enter.beta`, `dense.{0…3}.beta`, `leave.beta` and 1 more"),
        ("nothing of the kind", "there are `enter.beta`, `enter.Omega`, `dense.{0…3}.beta` and 4 more"),
    ],
)
def test_a_hint_has_names_as_they_are_told(name: str, help_: str) -> None:
    names = (
        "enter.beta",
        "enter.Omega",
        "dense.{0…3}.beta",
        "dense.{0…3}.Omega",
        "leave.beta",
        "leave.Omega",
        "n.beta",
    )
    with pytest.raises(SystemFault) as refused:
        traced([step("begin", *(("added", None, each) for each in names))], name)
    assert (refused.value.headline, refused.value.help) == (f"--tensor: no commit has a tensor `{name}`", help_)
