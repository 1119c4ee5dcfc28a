"""CSV: which columns are what, what classes are, and every refusal with its place, compared whole."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netspec.gradients.obvious import obvious_loss
from netspec.runtime.ports import Port
from netspec.training.data.examples import Examples
from netspec.training.data.kinds import TargetKind, target_kind
from netspec.training.data.layout import Columns
from tests.training.data.given import PAIR, Ends, ends, read, refusal, taken

CLASSES = TargetKind("classes", (), 3)


def only(examples: Examples) -> tuple[str, tuple[str, ...]]:
    """Return the kind and the labels of the only target."""
    ((kind, _, _),) = examples.kinds
    (labels,) = examples.labels
    return kind, labels


def test_the_last_column_is_the_target_and_the_others_are_inputs(tmp_path: Path) -> None:
    examples = read(tmp_path, "data.csv", "a,b,c\n1,2,0.5\n3,4,-1\n", ends(outputs=(1,)))
    assert taken(examples) == [[[1, 2], [3, 4]], [[0.5], [-1]]]
    assert only(examples) == ("numbers", ())


def test_targets_are_named_and_inputs_keep_their_order(tmp_path: Path) -> None:
    text = "y;a;x;b\n5;1;6;2\n7;3;8;4\n"
    examples = read(tmp_path, "data.csv", text, ends(outputs=(2,)), targets=("x", "y"))
    assert taken(examples) == [[[1, 2], [3, 4]], [[6, 5], [8, 7]]]


def test_a_table_without_a_header_is_read_by_its_order(tmp_path: Path) -> None:
    examples = read(tmp_path, "data.tsv", "1\t2\tno\n3\t4\tyes\n", ends(outputs=(2,)))
    assert taken(examples) == [[[1, 2], [3, 4]], [0, 1]]


def test_classes_that_are_words_are_numbered_in_sorted_order(tmp_path: Path) -> None:
    examples = read(tmp_path, "data.csv", 'a,b,c\n1,2,virginica\n3,4," setosa"\n5,6,größe\n7,8,setosa \n', ends())
    assert only(examples) == ("classes", ("größe", "setosa", "virginica"))
    assert taken(examples)[1] == [2, 1, 0, 1]


@pytest.mark.parametrize("column", ["2\n0\n1\n", "2.0\n0e0\n1.000\n"])
def test_classes_may_be_integers_however_they_are_written(tmp_path: Path, column: str) -> None:
    rows = [f"1,2,{row}\n" for row in column.split()]
    examples = read(tmp_path, "data.csv", "a,b,c\n" + "".join(rows), ends(), wanted=[CLASSES])
    assert only(examples) == ("classes", ())
    assert taken(examples)[1] == [2, 0, 1]


def test_a_class_may_be_a_row_with_a_single_one(tmp_path: Path) -> None:
    text = "a,b,r,s,t\n1,2,0,0,1\n3,4,1,0,0\n"
    examples = read(tmp_path, "data.csv", text, ends(), wanted=[CLASSES])
    assert taken(examples)[1] == [2, 0]
    assert taken(read(tmp_path, "data.csv", text, ends()))[1] == [[0, 0, 1], [1, 0, 0]]  # numbers, where nobody asks


def test_a_class_may_be_a_row_of_probabilities(tmp_path: Path) -> None:
    text = "a,b,r,s,t\n1,2,0,0,1\n3,4,0.5,0.25,0.25\n"
    examples = read(tmp_path, "data.csv", text, ends(), wanted=[CLASSES])
    assert taken(examples)[1] == [[0, 0, 1], [0.5, 0.25, 0.25]]


@pytest.mark.parametrize(
    ("outputs", "rows", "kind", "loss"),
    [
        ((3,), "0\n2\n", "classes", "cross_entropy"),
        ((3,), "x\ny\n", "classes", "cross_entropy"),
        ((3,), "0.5,1,2\n", "numbers", "squared_error"),
        ((1,), "0\n1\n", "binary", "binary_cross_entropy"),
        ((1,), "0.0\n1.0\n", "binary", "binary_cross_entropy"),  # text does not tell integers from other numbers
        ((1,), "no\nyes\n", "binary", "binary_cross_entropy"),
        ((1,), "0\n1\n0.5\n", "numbers", "squared_error"),
        ((1,), "0\n2\n", "numbers", "squared_error"),
    ],
)
def test_what_stands_there_tells_the_loss(
    tmp_path: Path, outputs: tuple[int, ...], rows: str, kind: str, loss: str
) -> None:
    text = "".join(f"1,2,{row}\n" for row in rows.split())
    examples = read(tmp_path, "data.csv", text, ends(outputs=outputs))
    assert examples.kinds[0].kind == kind
    assert obvious_loss("", examples.kinds[0].kind) == loss


def test_numbers_that_are_asked_for_stay_numbers(tmp_path: Path) -> None:
    wanted = [target_kind("squared_error", (1,))]
    assert only(read(tmp_path, "data.csv", "1,2,0\n3,4,1\n", ends(outputs=(1,)), wanted=wanted))[0] == "numbers"


def test_two_words_are_zero_and_one(tmp_path: Path) -> None:
    examples = read(tmp_path, "data.csv", "1,2,yes\n3,4,no\n", ends(outputs=(1,)))
    assert taken(examples)[1] == [[1], [0]]
    assert only(examples) == ("binary", ("no", "yes"))


def test_a_second_file_keeps_the_labels_of_the_first(tmp_path: Path) -> None:
    examples = read(tmp_path, "data.csv", "1,2,c\n3,4,b\n", ends(), labels=[("a", "b", "c")])
    assert taken(examples)[1] == [2, 1]
    assert refusal(tmp_path, "data.csv", "1,2,c\n3,4,d\n", ends(), labels=[("a", "b", "c")]) == (
        "error[data-dtype]: column 3 is `d`, which is none of the labels of the training data\n  --> data.csv:2:5"
    )


def test_an_image_is_a_row_of_all_its_numbers(tmp_path: Path) -> None:
    text = "label," + ",".join(f"p{k}" for k in range(8)) + "\n1,0,1,2,3,4,5,6,7\n"
    examples = read(tmp_path, "data.csv", text, ends((2, 2, 2)), targets=("label",))
    assert taken(examples) == [[[[[0, 1], [2, 3]], [[4, 5], [6, 7]]]], [1]]


@pytest.mark.parametrize("header", ["v,a_2,u,b,a_1", "v,a_2,u,b,a_1,"])
def test_several_inputs_and_outputs_have_columns_of_their_names(tmp_path: Path, header: str) -> None:
    text = f"{header.rstrip(',')}\nx,2,0.5,7,1\ny,4,1.5,8,3\n"
    assert taken(read(tmp_path, "data.csv", text, PAIR)) == [[[1, 2], [3, 4]], [7, 8], [[0.5], [1.5]], [0, 1]]


def test_several_outputs_are_named_in_their_order(tmp_path: Path) -> None:
    text = "first,a_2,second,b,a_1\n0,2,0.5,7,1\n"
    assert taken(read(tmp_path, "data.csv", text, PAIR, targets=("second", "first"))) == [[[1, 2]], [7], [[0.5]], [0]]


def test_several_inputs_and_outputs_without_names_stand_one_behind_the_other(tmp_path: Path) -> None:
    assert taken(read(tmp_path, "data.csv", "1,2,7,0.5,2\n", PAIR)) == [[[1, 2]], [7], [[0.5]], [2]]
    assert taken(read(tmp_path, "data.csv", "1,2,7,0.5,2,3,4\n", PAIR))[3] == [[2, 3, 4]]


OF_ONE = ends(outputs=(1,))


@pytest.mark.parametrize(
    ("text", "network", "options", "said"),
    [
        (
            "a,b,c\n1,2,3\n1,2\n",
            OF_ONE,
            {},
            "error[data-columns]: expected 3 columns, got 2\n  --> data.csv:3:3",
        ),
        (
            "a,b,c\n1,2,3\n1,,2\n",
            OF_ONE,
            {},
            (
                "error[data-not-a-number]: column 2 (`b`) is empty\n  --> data.csv:3:3\n"
                "   = help: every row needs all its numbers"
            ),
        ),
        (
            "a,b,c\n1,2,3\n1,red,2\n",
            OF_ONE,
            {},
            (
                "error[data-not-a-number]: column 2 (`b`) is not a number: `red`\n  --> data.csv:3:3\n"
                "   = help: leave it out, write categories as columns of 0 and 1, or name it with --target"
            ),
        ),
        (
            "a,b,c\n1,2,3\n1,nan,2\n",
            OF_ONE,
            {},
            (
                "error[data-not-finite]: column 2 (`b`) is nan\n  --> data.csv:3:3\n"
                "   = help: fill the numbers that are missing, or leave out their rows"
            ),
        ),
        (
            "a,b,c\n1,2,3\n1,2,-inf\n",
            OF_ONE,
            {},
            (
                "error[data-not-finite]: column 3 (`c`) is -inf\n  --> data.csv:3:5\n"
                "   = help: fill the numbers that are missing, or leave out their rows"
            ),
        ),
        (
            "a,b,c\n1,1e39,3\n",
            OF_ONE,
            {},
            (
                "error[data-not-finite]: column 2 (`b`) is 1e+39, which is too large for float32\n  --> data.csv:2:3\n"
                "   = help: fill the numbers that are missing, or leave out their rows"
            ),
        ),
        (
            "a,b,c\n1,2,3\n1,2,1\n",
            ends(),
            {},
            (
                "error[data-dtype]: column 3 (`c`) is 3, and the classes of an output of 3 numbers are 0 to 2\n"
                "  --> data.csv:2:5\n   = help: number the classes from 0"
            ),
        ),
        (
            "a,b,c\n1,2,-1\n",
            ends(),
            {},
            (
                "error[data-dtype]: column 3 (`c`) is -1, and the classes of an output of 3 numbers are 0 to 2\n"
                "  --> data.csv:2:5"
            ),
        ),
        (
            "a,b,c\n1,2,0.5\n",
            ends(),
            {},
            "error[data-dtype]: column 3 (`c`) is 0.5, and a class is an integer\n  --> data.csv:2:5",
        ),
        (
            "a,b,c\n1,2,w\n1,2,x\n1,2,y\n1,2,z\n",
            ends(),
            {},
            (
                "error[data-dtype]: column 3 (`c`) is `z`, one more than 3 labels\n  --> data.csv:5:5\n"
                "   = help: the output has a number for each class: make it wider, or leave out rows"
            ),
        ),
        (
            "a,b,c\n1,2,w\n1,2,3\n",
            ends(),
            {},
            (
                "error[data-dtype]: column 3 (`c`) is the number `3` among labels of text\n  --> data.csv:3:5\n"
                "   = help: let classes be integers from 0, or all of them text"
            ),
        ),
        (
            "a,b,c\n1,2,w\n1,2,\n",
            ends(),
            {},
            "error[data-dtype]: column 3 (`c`) is empty\n  --> data.csv:3:5\n   = help: every row needs its class",
        ),
        (
            b"a,b,c\n1,2,w\n1,2,\xff\n",
            ends(),
            {},
            "error[data-dtype]: column 3 (`c`) is not UTF-8\n  --> data.csv:3:5\n   = help: save it as UTF-8",
        ),
        (
            "a,b,c\n1,2," + "w" * 300 + "\n",
            ends(),
            {},
            "error[data-dtype]: column 3 (`c`) is a label of 300 characters, more than 256\n  --> data.csv:2:5",
        ),
        (
            "a,b,r,s,t\n1,2,1,0,0\n1,2,0.5,0.5,0.5\n",
            ends(),
            {"wanted": [CLASSES]},
            (
                "error[data-dtype]: the row sums to 1.5 over the classes, expected 1\n  --> data.csv:3:5\n"
                "   = help: give a class, or the probability of each"
            ),
        ),
        (
            "a,b,r,s,t\n1,2,1,0,-1\n",
            ends(),
            {"wanted": [CLASSES]},
            "error[data-dtype]: column 5 (`t`) is -1, expected a probability\n  --> data.csv:2:9",
        ),
        (
            "a,b,c\n1,2,2\n",
            OF_ONE,
            {"wanted": [TargetKind("binary", (1,))]},
            "error[data-dtype]: column 3 (`c`) is 2, expected 0, 1 or a probability between them\n  --> data.csv:2:5",
        ),
        (
            "a,b,a\n1,2,3\n",
            OF_ONE,
            {},
            "error[data-columns]: columns 1 and 3 are both called `a`\n  --> data.csv:1:5",
        ),
        (
            ",b,c\n1,2,3\n",
            OF_ONE,
            {},
            (
                "error[data-columns]: column 1 has no name\n  --> data.csv:1:1\n"
                "   = help: name it, or leave the column out where it only counts the rows"
            ),
        ),
        (
            "a,b,species\n1,2,3\n",
            OF_ONE,
            {"targets": ("specis",)},
            "error[data-columns]: there is no column `specis`\n  --> data.csv:1:1\n   = help: did you mean `species`?",
        ),
        (
            "a,b,c\n1,2,3\n",
            ends((1,), (2,)),
            {"targets": ("c", "c")},
            "error[data-columns]: the target `c` is named twice\n  --> data.csv:1:5",
        ),
        (
            "1,2,3\n",
            OF_ONE,
            {"targets": ("c",)},
            (
                "error[data-columns]: there is no header that names `c`\n  --> data.csv:1:1\n"
                "   = help: give the columns names in the first line"
            ),
        ),
        (
            "id,a,b,c\n1,2,3,4\n",
            OF_ONE,
            {},
            (
                "error[data-columns]: expected 2 columns of inputs and 1 of targets, got 4 columns\n"
                "  --> data.csv:1:1\n   = help: name the targets with --target, and leave out other columns"
            ),
        ),
        (
            "id,a,b,c\n1,2,3,4\n",
            ends(),
            {},
            (
                "error[data-columns]: expected 2 columns of inputs and 1 or 3 of targets, got 4 columns\n"
                "  --> data.csv:1:1\n   = help: name the targets with --target, and leave out other columns"
            ),
        ),
        (
            "id,a,b,c\n1,2,3,4\n",
            OF_ONE,
            {"targets": ("c",)},
            (
                "error[data-columns]: expected 2 columns of inputs beside the targets, got 3\n  --> data.csv:1:1\n"
                "   = help: leave out other columns"
            ),
        ),
        (
            "a,b,c,d\n1,2,3,4\n",
            ends(),
            {"targets": ("c", "d")},
            "error[data-columns]: expected 1 or 3 columns of targets, got 2\n  --> data.csv:1:1",
        ),
        (
            "a_1,a_3,b,u,v\n1,2,3,4,0\n",
            PAIR,
            {},
            (
                "error[data-columns]: there is no column `a_2`\n  --> data.csv:1:1\n"
                "   = help: the columns of `a` are called `a_1` to `a_2`"
            ),
        ),
        (
            "a_1,a_2,b,u,class\n1,2,3,4,0\n",
            PAIR,
            {},
            (
                "error[data-columns]: there is no column `v` for the output `v`\n  --> data.csv:1:1\n"
                "   = help: name the columns of the targets with --target"
            ),
        ),
        (
            "a_1,a_2,id,b,u,v\n1,2,3,4,5,0\n",
            PAIR,
            {},
            (
                "error[data-columns]: the column `id` is neither of an input nor of a target\n  --> data.csv:1:9\n"
                "   = help: leave it out"
            ),
        ),
        (
            "a_1,a_2,b,u,v\n1,2,3.5,5,0\n",
            PAIR,
            {},
            "error[data-dtype]: column 3 (`b`) is 3.5, and `b` is of integers\n  --> data.csv:2:5",
        ),
        (
            "a_1,a_2,b,u,v\n1,2,3,5,0\n1,2,9,5,0\n",
            PAIR,
            {"vocabularies": {"b": 9}},
            "error[data-dtype]: column 3 (`b`) is 9, expected 0 to 8\n  --> data.csv:3:5",
        ),
        (
            "1,2,3\n",
            ends(("T",)),
            {},
            (
                "error[data-shape]: x has the shape (batch, T), and columns cannot tell its free sizes\n"
                "  --> data.csv\n   = help: give it as .npz"
            ),
        ),
        ("", OF_ONE, {}, "error[data-empty]: there is nothing in it\n  --> data.csv"),
        ("a,b,c\n", OF_ONE, {}, "error[data-empty]: there are no examples in it\n  --> data.csv"),
    ],
)
def test_what_does_not_fit_is_refused_where_it_stands(
    tmp_path: Path, text: str | bytes, network: Ends, options: dict[str, Any], said: str
) -> None:
    assert refusal(tmp_path, "data.csv", text, network, **options) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"1,2,3\n1,2," + b"3" * (1 << 21), "error[data-unreadable]: the line is longer than 1,049,344 bytes"),
        (b"1,2,3\n1,\x002,3\n", "error[data-not-a-number]: column 2 is not a number: `U+00002`"),
        (
            b'1,2,3\n1,"2,3\n' + b"1,2,3\n" * 100_000,
            "error[data-unreadable]: a field is too long; is a quote left open?",
        ),
        (b'1,2,3\n1,"2"x,3\n', "error[data-unreadable]: text follows a closing quote"),
        (b"1,2,3\n1\r,2,3\n", "error[data-unreadable]: a carriage return stands inside the line"),
        ("1,2,3\n".encode("utf-16"), "error[data-unreadable]: it is UTF-16 text"),
        (b"1,2,3\n\n1,2,3\n", "error[data-columns]: expected 3 columns, got an empty line"),
    ],
)
def test_text_that_is_no_table_is_refused(tmp_path: Path, text: bytes, said: str) -> None:
    assert refusal(tmp_path, "data.csv", text, OF_ONE).splitlines()[0] == said


def test_a_wide_header_is_looked_through_quickly(tmp_path: Path) -> None:
    names = ",".join(f"column_{number}" for number in range(50_000))
    said = refusal(tmp_path, "data.csv", names + "\n", OF_ONE)
    assert (
        said.splitlines()[0] == "error[data-columns]: expected 2 columns of inputs and 1 of targets, got 50,000 columns"
    )


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0).normal(size=(5_000, 30)).astype(np.float32)
    text = "\n".join(",".join(map(str, row)) for row in numbers.tolist())
    examples = read(tmp_path, "data.csv", text, ends((27,)))
    x, y = examples.take(np.arange(5_000))
    np.testing.assert_array_equal(np.concatenate([*x, *y], axis=1), numbers)


def test_the_columns_of_an_image_may_be_called_by_its_axes(tmp_path: Path) -> None:
    network = Ends((Port("a", (1, 2), "float32"), Port("b", (1,), "float32")), (Port("out", (1,), "float32"),))
    text = "t,a_1_2,a_1_1,b\n9,2,1,3\n"
    assert taken(read(tmp_path, "data.csv", text, network)) == [[[[1, 2]]], [[3]], [[9]]]


TABLE = "id,income,age,moon\na1,1,2,no\na2,3,4,yes\n"
READ = [[[2, 1], [4, 3]], [0, 1]]


@pytest.mark.parametrize(
    "options",
    [
        {"chosen": ("age", "income"), "targets": ("moon",)},
        {"chosen": ("age", "income"), "ignored": ("id",)},
        {"chosen": ("age", " income "), "ignored": ("id",), "targets": ("moon",)},
    ],
)
def test_inputs_are_chosen_by_name_in_the_order_they_are_named_in(tmp_path: Path, options: dict[str, Any]) -> None:
    examples = read(tmp_path, "data.csv", TABLE, ends(outputs=(2,)), **options)
    assert taken(examples) == READ
    assert examples.columns == (("age", "income"), ("moon",), ("id",))


def test_a_column_that_is_ignored_may_be_of_anything(tmp_path: Path) -> None:
    examples = read(tmp_path, "data.csv", TABLE, ends(outputs=(2,)), ignored=("id",))
    assert taken(examples) == [[[1, 2], [3, 4]], [0, 1]]
    assert examples.columns == (("income", "age"), ("moon",), ("id",))


def test_several_inputs_are_chosen_one_behind_the_other(tmp_path: Path) -> None:
    text = "n,p,q,spare,u,v\n1,2.5,3.5,x,7,0\n"
    options = {"chosen": ("q", "p", "n"), "targets": ("u", "v")}
    assert taken(read(tmp_path, "data.csv", text, PAIR, **options)) == [[[3.5, 2.5]], [1], [[7]], [0]]
    options = {"chosen": ("q", "p", "n"), "ignored": ("spare",)}
    assert taken(read(tmp_path, "data.csv", text, PAIR, **options)) == [[[3.5, 2.5]], [1], [[7]], [0]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"chosen": ("age", "income")},
            (
                "error[data-columns]: which of `id`, `moon` are targets?\n"
                "  --> data.csv:1:1\n"
                "   = help: name them with `--target NAME,…`"
            ),
        ),
        (
            {"ignored": ("ids",)},
            "error[data-columns]: there is no column `ids`\n  --> data.csv:1:1\n   = help: did you mean `id`?",
        ),
        (
            {"chosen": ("age", "moon"), "targets": ("moon",)},
            "error[data-columns]: the column `moon` is an input and a target\n  --> data.csv:1:15",
        ),
        (
            {"chosen": ("age", "id"), "ignored": ("id",)},
            (
                "error[data-columns]: the column `id` is used and ignored\n"
                "  --> data.csv:1:1\n"
                "   = help: leave it out of --ignore"
            ),
        ),
        (
            {"chosen": ("age", "age")},
            "error[data-columns]: the input `age` is named twice\n  --> data.csv:1:11",
        ),
        (
            {"chosen": ("age",), "targets": ("moon",)},
            (
                "error[data-columns]: expected 2 columns of inputs beside the targets, got 1\n"
                "  --> data.csv:1:11\n"
                "   = help: leave out other columns"
            ),
        ),
    ],
)
def test_a_choice_of_columns_that_cannot_be_is_refused(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    assert refusal(tmp_path, "data.csv", TABLE, ends(outputs=(2,)), **options) == message


BEFORE = Columns(("age", "income"), ("moon",), ("id",))


def test_a_header_is_matched_by_name_to_that_of_the_training(tmp_path: Path) -> None:
    assert taken(read(tmp_path, "data.csv", TABLE, ends(outputs=(2,)), before=BEFORE)) == READ
    bare = "moon,income,age\nno,1,2\nyes,3,4\n"
    assert taken(read(tmp_path, "data.csv", bare, ends(outputs=(2,)), before=BEFORE, ignored=("id",))) == READ
    nameless = "2,1,no\n4,3,yes\n"
    assert taken(read(tmp_path, "data.csv", nameless, ends(outputs=(2,)), before=BEFORE)) == READ


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            "income,ages,moon",
            (
                "error[data-columns]: there is no column `age`, which the training data have\n"
                "  --> data.csv:1:1\n"
                "   = help: did you mean `ages`?"
            ),
        ),
        (
            "income,moon,x",
            (
                "error[data-columns]: there is no column `age`, which the training data have\n"
                "  --> data.csv:1:1\n"
                "   = help: name the columns as there"
            ),
        ),
        (
            "income,age,moon,x",
            "error[data-columns]: the training data have no column `x`\n  --> data.csv:1:17\n   = help: leave it out",
        ),
    ],
)
def test_a_header_with_other_names_than_that_of_the_training_is_refused(
    tmp_path: Path, header: str, message: str
) -> None:
    text = f"{header}\n{','.join('1' for _ in header.split(','))}\n"
    assert refusal(tmp_path, "data.csv", text, ends(outputs=(2,)), before=BEFORE) == message
