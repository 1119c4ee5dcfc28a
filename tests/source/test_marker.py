"""The key by which a spec is told from any other YAML file."""

import pytest

from netspec.source.marker import is_spec


@pytest.mark.parametrize(
    "text",
    [
        "netspec: 1\n",
        "# a comment\nname: a\nnetspec: 1\n",
        "'netspec' : 1\n",
        "{netspec: 1, input: 1}\n",
        "{input: 1, netspec: 1}\n",
        '{"input": 1, "netspec": 1}\n',
        '"\\u006eetspec": 1\ninput: 1\n',
        "netspec: 1\nwidths: [3\n",
        "{netspec: 1, widths: [3\n",
        "  netspec: 1\n  input: 1\n",
        "---\nnetspec: 1\n",
    ],
)
def test_a_spec_has_the_key_however_it_is_spelled(text: str) -> None:
    assert is_spec(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "services: {web: 1}\n",
        "services:\n  netspec: {image: x}\n",
        "services: &x\n  netspec: *x\n",
        'path: "C:\\\\netspec"\n',
        "repos:\n  - id: netspec-validate\n",
        "- netspec: 1\n",
        "text: |\n  netspec: 1\n",
        "\t\\netspec: [\n",
    ],
)
def test_another_file_has_not(text: str) -> None:
    assert not is_spec(text.encode())


def test_a_file_that_is_no_text_is_none() -> None:
    assert not is_spec(b"\xff\\\x00")
