"""What is shipped runs where there is nothing but Python and NumPy, and computes what the model in memory does."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from netspec.model import Model
from netspec.network import Network
from tests.model.specs import tile_of
from tests.model.test_saving import BODIES, models, rows

_CALL = """
import importlib.util, sys
import numpy as np
path, source, target = sys.argv[1:]
spec = importlib.util.spec_from_file_location("shipped", path)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
try:
    import netspec
except ImportError:
    np.save(target, module.network(np.load(source)))
"""


@pytest.fixture(scope="module")
def numpy_only(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which there is NumPy and nothing else."""
    folder = tmp_path_factory.mktemp("site")
    installed = Path(np.__file__).parent
    for place in (installed, installed.parent / "numpy.libs"):
        if place.is_dir():
            (folder / place.name).symlink_to(place, target_is_directory=True)
    return folder


def run(numpy_only: Path, arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python with NumPy alone: no site-packages, no project, warnings as errors."""
    return subprocess.run(
        [sys.executable, "-S", "-s", "-W", "error", *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(numpy_only)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(params=[f"{name}-{dtype}" for name in BODIES for dtype in ("float32", "float64")])
def model(request: pytest.FixtureRequest, tmp_path: Path) -> Model:
    """A model of each body in each dtype."""
    name, _, dtype = request.param.partition("-")
    names = [f"{found}-{kind}" for found in BODIES for kind in ("float32", "float64")]
    return list(models(tmp_path / "specs"))[names.index(f"{name}-{dtype}")]


def test_a_module_gives_the_bits_of_the_model(model: Model, numpy_only: Path, tmp_path: Path) -> None:
    model.save(str(tmp_path / "shipped.py"))
    x = rows(model, tile_of(model) + 3)
    np.save(tmp_path / "x.npy", x)
    done = run(numpy_only, ["-c", _CALL, "shipped.py", "x.npy", "y.npy"], tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    y = np.load(tmp_path / "y.npy")
    assert y.dtype == model.dtype
    assert np.array_equal(y, model(x))


def test_an_archive_gives_the_bits_of_the_model(model: Model, numpy_only: Path, tmp_path: Path) -> None:
    model.save(str(tmp_path / "shipped.pyz"))
    x = rows(model).astype(model.dtype)
    np.save(tmp_path / "x.npy", x)
    done = run(numpy_only, ["shipped.pyz", "x.npy", "-o", "y.npy"], tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    y = np.load(tmp_path / "y.npy")
    assert y.dtype == model.dtype
    assert np.array_equal(y, model(x))


def test_a_module_takes_batches_and_single_examples_and_refuses_other_shapes(tmp_path: Path) -> None:
    model = Network(input=3, widths=[4], output=2, parameters={"seed": 1}).build()
    model.save(str(tmp_path / "shipped.py"))
    namespace: dict[str, object] = {"__name__": "shipped"}
    exec(compile((tmp_path / "shipped.py").read_text(encoding="utf-8"), "shipped.py", "exec"), namespace)
    call = namespace["network"]
    assert callable(call)
    x = rows(model, 5)
    assert np.array_equal(call(x), model(x))
    assert np.array_equal(call(x.tolist()), model(x))
    assert np.array_equal(call(x[0]), model(x[0]))
    assert call(x[:0]).shape == (0, 2)
    for shape in ((4,), (2, 4), (1, 2, 3), ()):
        with pytest.raises(ValueError, match="expected \\(batch, 3\\) or \\(3,\\)"):
            call(np.zeros(shape))


def test_a_module_s_values_read_back_as_they_are(tmp_path: Path) -> None:
    numbers = [1 / 3, 1e-45, -3.4e38, 16777217.0, 0.1, -0.0]
    for dtype in ("float32", "float64"):
        values = {"beta_0": [0], "Omega_0": [numbers]}
        model = Network(input=6, K=0, output=1, dtype=dtype, parameters=values).build()
        model.save(str(tmp_path / f"{dtype}.py"))
        namespace: dict[str, dict[str, object]] = {}
        exec(compile((tmp_path / f"{dtype}.py").read_text(encoding="utf-8"), "shipped.py", "exec"), namespace)
        array = namespace["PARAMETERS"]["Omega_0"]
        assert isinstance(array, np.ndarray)
        assert array.tobytes() == model.parameters["Omega_0"].tobytes()


@pytest.mark.parametrize("stem", ["plain", "it's", 'a"quote', "back\\slash", "β", "two words", "{brace}", "x'+y"])
def test_a_module_finds_its_arrays_whatever_it_is_called(stem: str, numpy_only: Path, tmp_path: Path) -> None:
    model = Network(input=30, widths=[40], output=1).build()
    model.save(str(tmp_path / f"{stem}.py"))
    np.save(tmp_path / "x.npy", rows(model))
    done = run(numpy_only, ["-c", _CALL, f"{stem}.py", "x.npy", "y.npy"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert np.array_equal(np.load(tmp_path / "y.npy"), model(rows(model)))


def test_building_a_module_again_leaves_a_module_that_is_whole(tmp_path: Path) -> None:
    """The arrays beside it are called by their values, so that the old module and its own still fit each other."""
    net = Network(input=30, widths=[40], output=1)
    for seed in (0, 1, 0):
        net.build(seed=seed).save(str(tmp_path / "model.py"))
    assert len(list(tmp_path.glob("model-*.npz"))) == 2
