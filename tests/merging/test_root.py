"""What a merge refers to lies below its folder, or below a root that is named."""

from pathlib import Path

import pytest

from netspec.cli import main

PART = "netspec: 1\nname: fold\ninput: 1\nwidths: [3]\noutput: 1\n"
WHOLE = "netspec: 1\nname: whole\ncompose: [../fold.yaml, ../fold.yaml]\n"


SAID = """m.yaml: merged without a conflict, but what came of it is not valid
error[expect]: `depth` is 3, but 2 is expected
  --> m.yaml:4:17
   |
 4 | expect: {depth: 2}
   |                 ^
   |
   = help: if the change is meant, write `depth: 3`
"""


@pytest.mark.parametrize(("root", "status"), [((), 0), (("--root", ".."), 1)])
def test_a_part_above_the_folder_is_read_below_a_root(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    root: tuple[str, ...],
    status: int,
) -> None:
    """Without one neither side can be read, so that nothing is known of the merge."""
    (tmp_path / "nets").mkdir()
    monkeypatch.chdir(tmp_path / "nets")
    Path("../fold.yaml").write_text(PART, encoding="utf-8")
    longer = WHOLE.replace("fold.yaml]", "fold.yaml, ../fold.yaml]")
    for name, text in (("b", WHOLE), ("o", f"{WHOLE}expect: {{depth: 2}}\n"), ("t", longer)):
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")
    assert main(["merge", "b.yaml", "o.yaml", "t.yaml", "-o", "m.yaml", *root]) == status
    assert Path("m.yaml").read_text(encoding="utf-8") == f"{longer}expect: {{depth: 2}}\n"
    assert capsys.readouterr().err == (SAID if status else "")
