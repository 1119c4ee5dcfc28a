"""A program takes what NumPy users pass, refuses the rest in words, and is the same function from every thread."""

import copy
import pickle
import threading

import numpy as np
import pytest

from netspec.runtime.program import Program, Step
from tests.runtime.networks import AFFINE_SOURCE, ONE_SOURCE, Array, affine, affine_twin, n1, n1_twin


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_n1_computes_the_notebooks_function_at_its_joints_and_between(dtype: str) -> None:
    program = n1(dtype)
    x = np.array([-1, -0.5, 0, 0.25, 0.67, 1.0])
    expected = np.array([-1, 0, 1, 0.25, -1.01, 1.069])
    np.testing.assert_allclose(n1_twin(x), expected, atol=1e-15)
    y = program(x[:, None])
    assert y.shape == (6, 1)
    assert y.dtype == dtype
    np.testing.assert_allclose(y[:, 0], expected, atol=1e-6 if dtype == "float32" else 1e-15)


@pytest.mark.parametrize("tile", [1, 2, 7, 64])
@pytest.mark.parametrize("rows", [0, 1, 2, 6, 7, 8, 63, 64, 65, 200])
def test_tiles_and_what_is_left_over_give_the_same_as_one_by_one(tile: int, rows: int) -> None:
    program = affine(3, 2, tile=tile)
    x = np.arange(rows * 3, dtype=np.float32).reshape(rows, 3) % 11
    y = program(x)
    assert y.shape == (rows, 2)
    np.testing.assert_array_equal(y, affine_twin(program, x))
    for example, result in zip(x, y, strict=True):
        np.testing.assert_array_equal(program(example), result)


X = np.arange(15, dtype=np.float32).reshape(5, 3)


@pytest.mark.parametrize(
    "x",
    [
        X.tolist(),
        tuple(map(tuple, X.tolist())),
        X.astype(np.float64),
        X.astype(np.float16),
        X.astype(np.longdouble),
        X.astype(np.int64),
        X.astype(np.uint8),
        X.astype(">f4"),
        np.asfortranarray(X),
        np.repeat(X, 2, axis=0)[::2],
        np.repeat(X, 2, axis=1)[:, ::2],
        X[::-1][::-1],
        np.frombuffer(b"\0" + X.tobytes(), np.uint8)[1:].view(np.float32).reshape(5, 3),
    ],
)
def test_lists_any_real_dtype_and_any_memory_order_are_taken(x: object) -> None:
    program = affine(3, 2)
    y = program(x)  # type: ignore[arg-type]  # what mypy would accept is part of what is tested
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, affine_twin(program, X))


def test_truth_values_count_as_0_and_1_and_read_only_input_is_not_copied_or_written() -> None:
    program = affine(3, 2)
    np.testing.assert_array_equal(program([True, False, True]), program([1, 0, 1]))
    x = X.copy()
    x.flags.writeable = False
    np.testing.assert_array_equal(program(x), affine_twin(program, X))


def test_one_example_gives_one_result_and_a_batch_gives_a_batch() -> None:
    program = affine(3, 2)
    assert program([1, 2, 3]).shape == (2,)
    assert program([[1, 2, 3]]).shape == (1, 2)
    assert program(np.empty((0, 3))).shape == (0, 2)


def test_a_network_of_one_input_and_one_output_is_a_function_of_numbers() -> None:
    program = n1("float64")
    assert program(0.5).shape == ()
    assert program(0.5) == pytest.approx(-0.5)
    assert program([0.5]).shape == (1,)
    x = np.linspace(-1, 1, 1001)
    np.testing.assert_allclose(program(x), n1_twin(x), atol=1e-15)
    assert program([]).shape == (0,)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((4, 2)), "x has shape (4, 2); expected (batch, 3) or (3,)"),
        (np.zeros((3, 5)), "x has shape (3, 5); expected (batch, 3) or (3,); is it transposed? write x.T"),
        (np.zeros(4), "x has shape (4,); expected (batch, 3) or (3,)"),
        (np.zeros((1, 1, 3)), "x has shape (1, 1, 3); expected (batch, 3) or (3,)"),
        (0.5, "x has shape (); expected (batch, 3) or (3,)"),
        ([], "x has shape (0,); expected (batch, 3) or (3,)"),
        ([[1, 2, 3], [1, 2]], "x is ragged: its rows differ in length; expected (batch, 3)"),
        (
            [1j, 0, 0],
            "x has dtype complex128 and shape (3,); expected real numbers of shape (batch, 3) or (3,)",
        ),
        (["1", "2", "3"], "x has dtype <U1 and shape (3,); expected real numbers of shape (batch, 3) or (3,)"),
        (
            np.array([1, None, 2], object),
            "x has dtype object and shape (3,); expected real numbers of shape (batch, 3) or (3,)",
        ),
        (
            np.zeros(3, "M8[s]"),
            "x has dtype datetime64[s] and shape (3,); expected real numbers of shape (batch, 3) or (3,)",
        ),
    ],
)
def test_what_does_not_fit_is_refused_naming_both_shapes(x: object, message: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011  the whole message is compared below
        affine(3, 2)(x)  # type: ignore[arg-type]
    assert str(refusal.value) == message


def test_a_row_of_numbers_for_one_input_and_two_outputs_is_ambiguous() -> None:
    program = affine(1, 2)
    assert program([4]).shape == (2,)
    with pytest.raises(ValueError) as refusal:  # noqa: PT011  the whole message is compared below
        program([4, 5])
    assert str(refusal.value) == (
        "x has shape (2,); expected (batch, 1) or (1,); for a batch of numbers write x[:, None]"
    )


def test_every_result_is_a_fresh_array() -> None:
    program = n1()
    first = program([[0.0]])
    second = program([[1.0]])
    assert not np.shares_memory(first, second)
    assert first[0, 0] == 1
    assert first.flags.writeable
    assert first.flags.owndata


@pytest.mark.parametrize("rows", [0, 1, 3, 9])
def test_out_is_filled_and_given_back(rows: int) -> None:
    program = affine(3, 2)
    x = np.ones((rows, 3), np.float32)
    for out in (
        np.full((rows, 2), 9, np.float32),
        np.full((2, rows), 9, np.float32).T,
        np.full((rows, 4), 9, np.float32)[:, ::2],
    ):
        assert program(x, out=out) is out
        np.testing.assert_array_equal(out, affine_twin(program, x))


def test_out_may_be_the_input_itself() -> None:
    program = affine(3, 3)
    x = np.arange(27, dtype=np.float32).reshape(9, 3)
    expected = affine_twin(program, x.copy())
    program(x, out=x)
    np.testing.assert_array_equal(x, expected)


def test_out_of_another_shape_or_dtype_is_refused_and_left_alone() -> None:
    program = affine(3, 2)
    locked = np.zeros((5, 2), np.float32)
    locked.flags.writeable = False
    for out, found in [
        (np.zeros((5, 3), np.float32), "float32 (5, 3)"),
        (np.zeros((5, 2)), "float64 (5, 2)"),
        (locked, "float32 (5, 2)"),
        ([[0.0, 0.0]] * 5, "list"),
    ]:
        with pytest.raises(ValueError) as refusal:  # noqa: PT011  the whole message is compared below
            program(X, out=out)  # type: ignore[arg-type]
        assert str(refusal.value) == f"out is {found}; expected a writeable float32 array of shape (5, 2)"


def test_a_thread_keeps_a_bounded_number_of_plans_and_always_the_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    bound: list[int] = []
    program = affine(3, 2, tile=64)
    bind = program._bind

    def counting(rows: int) -> Step:
        bound.append(rows)
        return bind(rows)

    monkeypatch.setattr(program, "_bind", counting)
    program(np.zeros((64, 3)))
    for _ in range(3):
        for rows in range(1, 40):
            program(np.zeros((rows, 3)))
        assert len(program._bound.steps) <= 9
        assert len(program._bound.calls) <= 9
        program(np.zeros((128, 3)))
    assert bound.count(64) == 1
    bound.clear()
    for _ in range(5):
        for rows in (1, 2, 3, 64):
            program(np.zeros((rows, 3)))
    assert bound == [1, 2, 3]


def test_eight_threads_calling_at_once_get_what_one_gets() -> None:
    program = n1(tile=16)
    inputs = [np.linspace(-2, 2, rows, dtype=np.float32)[:, None] for rows in (1, 3, 16, 17, 40, 100)]
    expected = [program(x) for x in inputs]
    wrong: list[str] = []
    start = threading.Barrier(8)

    def work(thread: int) -> None:
        start.wait()
        for call in range(300):
            case = (thread + call) % len(inputs)
            if not np.array_equal(program(inputs[case]), expected[case]):
                wrong.append(f"thread {thread}, call {call}")

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_program_travels_to_another_process_without_its_plans() -> None:
    program = n1()
    expected = program([[0.25]])
    for twin in (pickle.loads(pickle.dumps(program)), copy.deepcopy(program)):
        np.testing.assert_array_equal(twin([[0.25]]), expected)
    assert repr(program) == "Program(N1: (batch, 1) -> (batch, 1), float32)"


def test_a_program_holds_no_copy_of_the_parameters() -> None:
    parameters: dict[str, Array] = {"Omega_0": np.ones((1, 2), np.float32), "beta_0": np.zeros(1, np.float32)}
    source = AFFINE_SOURCE.format(inputs=2, outputs=1, dtype="float32", tile=8, one=ONE_SOURCE)
    assert Program(source, parameters).parameters is parameters
