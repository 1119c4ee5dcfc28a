"""Reports for a pull request: what they tell, in either form, how long they are, and what they take from nobody."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings

from netspec.diagnostics import SystemFault
from netspec.review.changes import Diff
from netspec.review.html import POLICY, in_page, render_page
from netspec.review.marking import code
from netspec.review.picture import draw_diff, draw_new
from netspec.review.report import COMMENT, LEAST, Report, address, counted, headline
from netspec.review.report_markdown import render_report
from netspec.review.strip import strip
from netspec.validation import Member
from tests.review.families import diff, family
from tests.review.repositories import Git, commit, told, write
from tests.review.test_properties import texts
from tests.review.update_cases import CASES, names, report_of, reported, reports

SPEC: Final = "netspec: 1\nname: net\ndescription: plain\ninput: 1\nwidths: [3, 3]\noutput: 1\n"
WIDER: Final = SPEC.replace("[3, 3]", "[3, 4]")
SMOOTH: Final = SPEC + "activation: tanh\n"
HOSTILE: Final = (
    "@team https://evil.example/#1 <script>alert(1)</script> ]]> --><img src=x onerror=alert(1)> `x` $a$ :smile: a|b"
)
Texts = tuple[str, bytes | None, bytes | None]
"""A spec: its path, what it was, and what it is."""
VOID: Final = {"meta", "img", "br", "hr", "input", "link"}


class Page(HTMLParser):
    """A page, read strictly: its tags balance; `tags` with their attributes, and the text that stands in each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), attrs
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.setdefault(self._open[-1] if self._open else "", []).append(data)

    def all(self, *wanted: str) -> list[tuple[str, dict[str, str]]]:
        """Return the tags of these kinds."""
        return [each for each in self.tags if each[0] in wanted]


FAMILY = """\
netspec: 1
name: family
hyperparameters: {D: 3}
input: 1
widths: [D]
output: 1
variants:
  big: {D: 8}
  small: {D: 2}
"""


def page(*changed: tuple[str, bytes | None, bytes | None], base: str = "") -> Page:
    """Return the page of specs that are the one text before and the other after."""
    return Page(render_page(report_of(changed, drawing=draw_diff, portrait=draw_new), base=base))


def row(text: str, name: str) -> str:
    """Return the row of the table that begins with a spec."""
    (found,) = [line for line in text.splitlines() if line.startswith(f"| {code(name)} |")]
    return found


@pytest.mark.parametrize("name", reports())
def test_a_case_is_reported_as_expected(name: str) -> None:
    assert render_report(reported(name)) == (CASES / name / "report.md").read_text(encoding="utf-8")


def test_the_manual_has_reports() -> None:
    assert len(reports()) >= 8


# -- what is told ---------------------------------------------------------------------------------------------------


def test_the_verdict_is_the_strictest_class_of_all_specs() -> None:
    before = SPEC.encode()
    same, smooth, wider = (
        (f"{word}.yaml", before, word_.encode()) for word, word_ in (("a", SPEC), ("b", SMOOTH), ("c", WIDER))
    )
    new, gone, also_gone = ("n.yaml", None, before), ("g.yaml", before, None), ("h.yaml", before, None)
    invalid, mended = ("i.yaml", before, b"netspec: 1\n"), ("m.yaml", b"netspec: 1\n", before)
    cases: list[tuple[list[Texts], tuple[str, str], str]] = [
        ([], ("", "no spec changed"), ""),
        ([same], ("", "no network changed"), "in 1 spec the networks are equal"),
        ([new], ("", "no network changed"), "1 spec added"),
        ([smooth, same], ("FUNCTION", "a checkpoint of the old network loads, and computes something else"),
         "1 spec changed; in 1 more the networks are equal"),
        ([smooth, wider], ("WEIGHTS", "old checkpoints of one network do not load one to one"), "2 specs changed"),
        ([wider, ("d.yaml", before, WIDER.encode()), new],
         ("WEIGHTS", "old checkpoints of 2 networks do not load one to one"), "2 specs changed, 1 added"),
        ([wider, gone], ("INTERFACE", "a spec is gone"), "1 spec changed, 1 removed"),
        ([gone, also_gone], ("INTERFACE", "specs are gone"), "2 specs removed"),
        ([wider, invalid], ("INVALID", "a spec has no network; of the others the strictest class is weights"),
         "1 spec changed, 1 invalid"),
        ([invalid, ("j.yaml", None, b"netspec: 1\n")], ("INVALID", "2 specs have no network"), "2 specs invalid"),
        ([mended], ("", "no network changed"),
         "1 spec not compared, since there was no network before"),
        ([("a.yaml", before, SPEC.replace("plain", "other").encode())],
         ("COSMETIC", "text and names only; the networks are equal"), "1 spec changed"),
    ]  # fmt: skip
    for changed, verdict, counts in cases:
        found = report_of(changed)
        assert (headline(found), counted(found)) == (verdict, counts)


def test_a_variant_that_changed_by_itself_has_a_row_and_is_named_in_the_verdict() -> None:
    changed = ("a.yaml", FAMILY.encode(), FAMILY.replace("D: 8", "D: 16").encode())
    found = report_of([changed])
    text, html = render_report(found), render_page(found)
    assert [line for line in text.splitlines() if line.startswith("| `a.yaml`")] == [
        "| `a.yaml` | **weights** | 10 | = | = | = |",
        "| `a.yaml`, variant `big` | **weights** | 25 → 49 | +96.0 % | +100.0 % | +100.0 % |",
    ]
    verdict = "in the variant `big` alone, a checkpoint of the old network does not load one to one; "
    assert f"\nWEIGHTS: {verdict}the architecture as written is the same.\n" in text
    name = '<a href="#spec-1"><code>a.yaml</code></a>'
    assert f'<tr><th scope="row" class="spec">{name}, variant <code>big</code></th><td>' in html
    assert "</span>: in the variant <code>big</code> alone, a checkpoint of the old network" in html
    assert report_of([changed], drawing=draw_diff).entries[0].picture == ""  # the networks as written are equal


def test_specs_stand_in_the_order_of_what_matters() -> None:
    found = report_of(
        [
            ("a.yaml", None, SPEC.encode()),
            ("b.yaml", SPEC.encode(), SMOOTH.encode()),
            ("c.yaml", b"netspec: 1\n", SPEC.encode()),
            ("d.yaml", SPEC.encode(), WIDER.encode()),
            ("e.yaml", SPEC.encode(), None),
            ("f.yaml", SPEC.encode(), b"netspec: 1\n"),
            ("g.yaml", SPEC.encode(), SPEC.replace("input: 1", "input: 2").encode()),
        ]
    )
    assert [(each.path, each.kind, each.level) for each in found.entries] == [
        ("f.yaml", "invalid", None),
        ("g.yaml", "changed", "interface"),
        ("e.yaml", "removed", "interface"),
        ("d.yaml", "changed", "weights"),
        ("b.yaml", "changed", "function"),
        ("c.yaml", "uncompared", None),
        ("a.yaml", "added", None),
    ]
    text = render_report(found)
    assert [row(text, f"{name}.yaml") for name in "fgedbca"] == [
        "| `f.yaml` | **invalid** | 22 → – |  |  |  |",
        "| `g.yaml` | **interface** | 22 → 25 | +13.6 % | +20.0 % | = |",
        "| `e.yaml` | **gone** | 22 → – |  |  |  |",
        "| `d.yaml` | **weights** | 22 → 27 | +22.7 % | +26.7 % | +33.3 % |",
        "| `b.yaml` | **function** | 22 | = | = | = |",
        "| `c.yaml` | not compared | 22 |  |  |  |",
        "| `a.yaml` | new | 22 |  |  |  |",
    ]
    assert Page(render_page(found)).words["title"] == [
        "netspec: INVALID: a spec has no network; of the others the strictest class is interface"
    ]


def test_a_variant_has_its_own_tables() -> None:
    text = render_report(reported("variant-changed"))
    assert text.index("| what | change |") < text.index("\n#### Variant `small`\n") < text.index("\n| fact |")
    found = Page(render_page(reported("variant-changed")))
    assert "Variant " in found.words["h3"]
    assert found.words["h4"] == ["Changes", "Facts"]


def test_a_variant_may_have_other_facts_alone() -> None:
    """A hyperparameter that only it sets otherwise reaches a layer that both have."""
    old = SPEC.replace("[3, 3]", "[D, D]") + "hyperparameters: {D: 3}\nvariants: {wide: {D: 9}}\n"
    text = render_report(report_of([("a.yaml", old.encode(), old.replace("input: 1", "input: 2").encode())]))
    assert "\n#### Variant `wide`\n\nThe changes above, and these facts.\n\n| fact |" in text
    found = page(("a.yaml", old.encode(), old.replace("input: 1", "input: 2").encode()))
    assert "The changes above, and these facts." in found.words["p"]


def test_few_sections_are_open_and_many_are_folded() -> None:
    few = [(f"{number}.yaml", SPEC.encode(), WIDER.encode()) for number in range(3)]
    assert render_report(report_of(few)).count("\n### `") == 3
    many = render_report(report_of([*few, ("3.yaml", SPEC.encode(), WIDER.encode())]))
    assert many.count("\n### `") == 0
    assert many.count("\n<details><summary><code>") == 4
    assert "<details open>" in render_page(report_of(few))
    assert "<details open>" not in render_page(report_of([(f"{number}.yaml", *few[0][1:]) for number in range(13)]))


def test_an_assertion_that_holds_no_more_is_told_once() -> None:
    text = render_report(reported("expect-crossed"))
    help_ = "if the change is meant, write `parameters: 27`"
    plan = "what becomes of a checkpoint: `netspec plan net.yaml --weights FILE --from main:net.yaml`"
    assert [line for line in text.splitlines() if line.startswith("* ")] == [
        f"* **breaking-weights** `net.yaml:5`: `h_2`: width 3 → 4; 3 tensors of an old checkpoint do not fit ({plan})",
        f"* **expect** `net.yaml:7`: `parameters` is 27, but 22 is expected ({help_})",
    ]


def test_errors_beyond_some_are_counted() -> None:
    old, new = (
        "netspec: 1\nname: n\ninput: 4\nlayers:\n"
        + "".join(f"  - dense: {{width: {width}}}\n" for width in range(first, first + 31))
        + "  - dense: 1\noutput: 1\n"
        for first in (9, 109)
    )
    lines = render_report(report_of([("a.yaml", old.encode(), new.encode())])).splitlines()
    assert sum(line.startswith("* **breaking-weights** ") for line in lines) == 20
    assert "* … and 11 more" in lines


def test_a_link_leads_to_the_line_of_the_new_text() -> None:
    base = "https://github.com/o/n/blob/0a1b"
    changed = ("a b/é.yaml", SPEC.encode(), WIDER.encode())
    text = render_report(report_of([changed]), base=base)
    assert "| [`a b/é.yaml`](https://github.com/o/n/blob/0a1b/a%20b/%C3%A9.yaml) | **weights** |" in text
    assert "[`a b/é.yaml:5`](https://github.com/o/n/blob/0a1b/a%20b/%C3%A9.yaml#L5)" in text
    links = [attributes["href"] for _, attributes in page(changed, base=base).all("a")]
    assert links == [
        "#spec-1",
        "https://github.com/o/n/blob/0a1b/a%20b/%C3%A9.yaml",
        "https://github.com/o/n/blob/0a1b/a%20b/%C3%A9.yaml#L5",
    ]
    assert address("https://h/b", 'a"<>()\udcff.yaml') == "https://h/b/a%22%3C%3E%28%29%FF.yaml"


def test_what_is_new_is_linked_to_its_file() -> None:
    links = [attributes["href"] for _, attributes in page(("a.yaml", None, SPEC.encode()), base="https://h/b").all("a")]
    assert links == ["#spec-1", "https://h/b/a.yaml"]


def test_a_link_to_what_is_gone_is_none() -> None:
    found = report_of([("a.yaml", SPEC.encode(), None)])
    assert "](" not in render_report(found, base="https://h/b")
    assert [each[1]["href"] for each in Page(render_page(found, base="https://h/b")).all("a")] == ["#spec-1"]


# -- the layers as a list ---------------------------------------------------------------------------------------------


def drawn(name: str) -> list[str]:
    """Return the lines of the layers of a case."""
    return reported(name).entries[0].picture.splitlines()


def test_layers_are_told_as_the_lines_of_a_difference() -> None:
    assert drawn("inserted-convolution") == [
        "  input       (1, 28, 28)",
        "  conv        conv, gives (6, 28, 28)",
        "  max_pool    max_pool, gives (6, 14, 14)",
        "+ conv_2      conv: channels 16, kernel 5, activation relu, gives (16, 10, 10)",
        "+ max_pool_2  max_pool: kernel 2, gives (16, 5, 5)",
        "  flatten     flatten, gives (1176,) → (400,)",
        "! dense       dense: reads another shape",
        "  dense_2     dense, gives (10,)",
        "  output      (10,)",
    ]


def test_what_is_within_a_layer_stands_below_it() -> None:
    assert drawn("kind-replaced") == [
        "  input        (32,)",
        "  stem         dense, gives (64,)",
        "! repeat       repeat, gives (64,)",
        "!   res        res, gives (64,)",
        "      dense    dense, gives (256,)",
        "      dense_2  dense, gives (64,)",
        "!     norm     rms_norm: kind layer_norm → rms_norm, epsilon 1e-05 → 1e-06",
        "      add      add, gives (64,)",
        "  head         dense, gives (10,)",
        "  output       (10,)",
    ]


def test_equal_layers_are_one_line_and_of_more_the_rest_is_added() -> None:
    assert drawn("much-deeper") == [
        "  input         (1,)",
        "  h_1           gives (10,)",
        "  h_{2…5}       gives (10,)",
        "+ h_{6…100000}  width 10, activation relu, gives (10,)",
        "! y             named otherwise",
        "  output        (1,)",
    ]


def test_what_a_deeper_network_lost_is_a_line() -> None:
    deep, shallow = (f"netspec: 1\ninput: 1\nK: {depth}\nwidths: 10\noutput: 1\n" for depth in (100_000, 5))
    (entry,) = report_of([("a.yaml", deep.encode(), shallow.encode())]).entries
    assert entry.picture.splitlines() == [
        "  input         (1,)",
        "  h_1           gives (10,)",
        "  h_{2…5}       gives (10,)",
        "- h_{6…100000}  width 10, activation relu, gives (10,)",
        "! y             named otherwise",
        "  output        (1,)",
    ]


def test_lines_beyond_some_are_counted() -> None:
    old, new = (
        f"netspec: 1\ninput: 1\nwidths: [{', '.join(map(str, range(first, first + 70)))}]\noutput: 1\n"
        for first in (2, 100)
    )
    (entry,) = report_of([("a.yaml", old.encode(), new.encode())]).entries
    lines = entry.picture.splitlines()
    assert (len(lines), lines[0], lines[-1]) == (61, "  input  (1,)", "  … 13 more lines")


@pytest.mark.parametrize("name", ["seed", "dtype", "expect-new", "variant-new"])
def test_where_no_layer_changed_there_is_no_list_of_layers(name: str) -> None:
    assert drawn(name) == []


def test_long_names_are_cut() -> None:
    name = "n" * 64
    old = f"netspec: 1\ninput: 4\nlayers:\n  - dense: {{width: 4, as: {name}}}\n  - relu\noutput: 4\n"
    (entry,) = report_of([("a.yaml", old.encode(), old.replace("relu", "tanh").encode())]).entries
    assert entry.picture.splitlines()[1] == f"  {name[:31]}…  dense, gives (4,)"


@pytest.mark.parametrize("name", [name for name in names() if name.startswith("equal")])
def test_equal_networks_have_no_list_of_layers(name: str) -> None:
    assert [each.picture for each in reported(name).entries] in ([""], [])


def test_an_output_that_another_layer_gives_is_marked() -> None:
    old = "netspec: 1\ninput: 4\nlayers:\n  - dense: {width: 4, as: a}\n  - dropout: {from: in}\noutput: 4\n"
    (entry,) = report_of([("a.yaml", old.encode(), old.replace("from: in", "from: a").encode())], drawing=strip).entries
    assert "! output   (4,)" in entry.picture.splitlines()


@settings(max_examples=80, deadline=None)
@given(texts(), texts())
def test_every_layer_that_came_or_went_is_a_line(one: str, other: str) -> None:
    old, new = family(one).written, family(other).written
    assert old is not None
    assert new is not None
    found = diff(one, other)
    text = strip(old, new, found)
    if found.equal:
        assert text == ""
        return
    assert (text == "") == (not _told_of_layers(found))
    lines = text.splitlines()
    assert len(lines) <= 61
    if len(lines) < 61 and not any("{" in change.subject for change in found.changes):
        for sign, kind in (("+", "added"), ("-", "removed")):
            told_ = [line.split()[1] for line in lines if line.startswith(sign)]
            outer = [each.subject for each in found.changes if each.kind == kind and "." not in each.subject]
            assert set(outer) <= {*told_, *(each.partition(" ")[0] for each in told_)}


def _told_of_layers(found: Diff) -> bool:
    """Whether a change is of a layer, an input or an output."""
    return any(each.kind in ("added", "removed", "changed", "input", "output") for each in found.changes)


# -- how long it is ---------------------------------------------------------------------------------------------------


def many(count: int) -> list[tuple[str, bytes, bytes]]:
    """Return so many specs that changed, with long names."""
    return [(f"{'nets/' * 20}{number:04}.yaml", SPEC.encode(), WIDER.encode()) for number in range(count)]


@pytest.mark.parametrize("most", [LEAST, 5_000, 20_000, COMMENT])
@pytest.mark.parametrize("count", [1, 30, 300])
def test_markdown_is_cut_at_whole_sections(count: int, most: int) -> None:
    found = report_of(many(count))
    whole, text = render_report(found, most=0), render_report(found, most=most)
    assert len(text.encode()) <= most
    if len(whole.encode()) <= most - 600 and count <= 200:
        assert text == whole
        return
    assert text.count("<details>") == text.count("</details>")
    assert text.count("```") % 2 == 0
    *kept, last = text.rstrip("\n").split("\n")
    assert re.fullmatch(r"… left out: .*, since there are at most [\d,]+ bytes\.", last), last
    rows = sum(line.startswith("| `nets/") for line in kept)
    sections = sum(line.startswith(("<details><summary><code>nets/", "### `nets/")) for line in kept)
    left = [int(each.replace(",", "")) for each in re.findall(r"([\d,]+) (?:rows?|sections?) ", last)]
    assert rows + sections + sum(left) == 2 * count
    assert whole.startswith(text.partition("\n| `nets/")[0])


def test_any_length_is_a_report_of_all_sections() -> None:
    text = render_report(report_of(many(300)), most=0)
    assert text.count("<summary><code>nets/") == 300
    assert text.endswith("\n… left out: 100 rows of the table.\n")


def test_a_page_leaves_out_what_nobody_scrolls_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netspec.review.html._MOST_SECTIONS", 2)
    monkeypatch.setattr("netspec.review.html._MOST_ROWS", 1)
    monkeypatch.setattr("netspec.review.html._MOST_FAULTS", 1)
    several = ("a.yaml", SPEC.encode(), WIDER.replace("[3, 4]", "[5, 6]").encode())
    found = page(several, *(("b.yaml", SPEC.encode(), WIDER.encode()),) * 2)
    assert "… and 1 more spec, which the table has." in found.words["p"]
    assert "… and 2 more." in found.words["p"]
    assert [each["href"] for _, each in found.all("a")] == ["#spec-1", "#spec-2"]
    assert "… and 1 more" in found.words["li"]


def test_a_picture_that_is_too_large_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netspec.review.html._PICTURE", 10)
    found = page(("a.yaml", SPEC.encode(), WIDER.encode()))
    assert found.all("svg") == []
    assert "The picture is left out: it is too large." in found.words["p"]


def test_a_network_that_is_too_large_to_be_drawn_has_all_but_its_picture() -> None:
    def drawing(old: Member, new: Member, found: Diff) -> str:
        raise SystemFault("too-many-tensors", f"{old.part.name}, {new.part.name}, {found.level}")

    (entry,) = report_of([("a.yaml", SPEC.encode(), WIDER.encode())], drawing=drawing).entries
    assert (entry.picture, entry.level) == ("", "weights")


# -- what it takes from nobody ----------------------------------------------------------------------------------------


def test_markdown_takes_no_text_of_a_spec_for_its_own() -> None:
    changed = SPEC.replace("plain", f'"{HOSTILE}"')
    text = render_report(report_of([("--><b>@a|`.yaml", SPEC.encode(), changed.encode())]))
    assert row(text, "--><b>@a|`.yaml") == "| ``--><b>@a\\|`.yaml`` | cosmetic | 22 | = | = | = |"
    (line,) = [line for line in text.splitlines() if "| `description` |" in line]
    assert line == (
        "| `~` | `description` | plain → `@team` `https://evil.example/#1` \\<script\\>alert(1)\\</script\\> \\]\\]\\> "
        "--\\>\\<img src=x onerror=alert(1)\\> \\`x\\` `$a$` `:smile:` a\\|b | cosmetic |"
    )


def test_faults_of_an_invalid_spec_stay_in_their_fence() -> None:
    invalid = 'netspec: 1\n"```": "--><img src=x>"\n"<script>alert(1)</script>": 3 # ````\n'
    text = render_report(report_of([("a.yaml", None, invalid.encode())]))
    lines = text.splitlines()
    (start,) = [number for number, line in enumerate(lines) if line.endswith("`text")]
    fence = lines[start].removesuffix("text")
    assert len(fence) > max(len(run) for line in lines[start + 1 : -1] for run in re.findall("`+", line))
    assert lines[-1] == fence
    found = page(("a.yaml", None, invalid.encode()))
    assert "<script>alert(1)</script>" in "".join(found.words["pre"])
    assert found.all("script", "img") == []


@pytest.mark.parametrize("name", names())
def test_a_page_is_sound_and_asks_nobody(name: str) -> None:
    """Tags balance, headings are in order, tables have captions, ids are unique, and nothing is elsewhere."""
    text = render_page(_drawn(name))
    found = Page(text)
    levels = [int(tag[1]) for tag, _ in found.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(found.all("caption")) == len(found.all("table"))
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"] for _, attributes in found.tags if "href" in attributes]
    assert {link.removeprefix("#") for link in links} <= set(ids)
    assert found.all("script", "link", "img", "iframe", "object", "form", "base") == []
    assert not any(word in attributes for _, attributes in found.tags for word in ("src", "srcset", "style", "onload"))
    assert re.findall(r"https?://[^\"' ]*|url\(|@import", text) == ["http://www.w3.org/2000/svg"] * len(
        found.all("svg")
    )
    assert ("meta", {"http-equiv": "Content-Security-Policy", "content": POLICY}) in found.tags
    assert render_page(_drawn(name)) == text


@pytest.mark.parametrize("name", ["equal-sugar", "description", "expect-tightened"])
def test_equal_networks_are_not_drawn(name: str) -> None:
    assert Page(render_page(_drawn(name))).all("svg") == []


def _drawn(name: str) -> Report:
    old, new = ((CASES / name / file).read_bytes() for file in ("old.yaml", "new.yaml"))
    return report_of([("net.yaml", old, new)], drawing=draw_diff)


def test_a_page_takes_no_text_of_a_spec_for_its_own() -> None:
    changed = SPEC.replace("plain", f'"{HOSTILE}"').replace("[3, 3]", "[3, 4]")
    path = "nets/<img src=x onerror=alert(1)>\u202e.yaml"
    found = page((path, SPEC.encode(), changed.encode()))
    assert found.all("script", "img") == []
    assert found.words["td"].count(f"plain → {HOSTILE}") == 1
    assert set(found.words["code"]) >= {"nets/<img src=x onerror=alert(1)>U+202E.yaml", "main"}


# -- the command ------------------------------------------------------------------------------------------------------


def test_a_report_of_a_working_tree(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, {"nets/a.yaml": SPEC, "nets/b.yaml": SPEC})
    assert told(capsys, "report", "--against", "HEAD") == (
        0,
        "## netspec: no spec changed\n\n`HEAD` → the working tree.\n",
        "",
    )
    write("nets/a.yaml", WIDER)
    status, out, err = told(capsys, "report", "--against", "HEAD")
    assert (status, err) == (0, "")
    assert out.splitlines()[:7] == [
        "## netspec: WEIGHTS: a checkpoint of the old network does not load one to one",
        "",
        "`HEAD` → the working tree: 1 spec changed.",
        "",
        "| spec | class | parameters | by | macs | activation\\_bytes |",
        "|---|---|---:|---:|---:|---:|",
        "| `nets/a.yaml` | **weights** | 22 → 27 | +22.7 % | +26.7 % | +33.3 % |",
    ]
    assert told(capsys, "report", "--against", "HEAD", "nets/b.yaml")[1].startswith("## netspec: no spec changed\n")


def test_files_are_told_from_the_top_of_the_repository(
    git: Git, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(git, {"nets/a.yaml": SPEC, "b.yaml": SPEC})
    write("nets/a.yaml", WIDER)
    write("b.yaml", WIDER)
    monkeypatch.chdir("nets")
    out = told(capsys, "report", "--against", "HEAD", "--base-url", "https://h/b")[1]
    assert re.findall(r"\(https[^)]*\)", out) == [
        "(https://h/b/b.yaml)",
        "(https://h/b/nets/a.yaml)",
        "(https://h/b/b.yaml)",
        "(https://h/b/b.yaml#L5)",
        "(https://h/b/nets/a.yaml)",
        "(https://h/b/nets/a.yaml#L5)",
    ]


def test_a_report_of_two_revisions(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, {"a.yaml": SPEC})
    commit(git, {"a.yaml": WIDER})
    git("mv", "a.yaml", "b.yaml")
    git("commit", "-q", "-m", "moved")
    for arguments in (("--against", "HEAD~2.."), ("HEAD~2..",)):
        out = told(capsys, "report", *arguments, "--base-url", "https://h/b/")[1]
        assert "`HEAD~2` → `HEAD`: 1 spec changed." in out.splitlines()
        assert "[`b.yaml:5`](https://h/b/b.yaml#L5)" in out
        assert "It was `a.yaml`." in out
        assert "<p>It was <code>a.yaml</code>.</p>" in told(capsys, "report", *arguments, "--format", "html")[1]


def test_the_exit_code_of_a_report_is_asked_for(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, {"a.yaml": SPEC})
    write("a.yaml", SMOOTH)
    for level, status in (("weights", 0), ("function", 1)):
        assert told(capsys, "report", "--against", "HEAD", "--exit-code", "--level", level)[0] == status
        assert told(capsys, "report", "--against", "HEAD", "--level", level)[0] == 0
    write("a.yaml", WIDER)
    status, out, _ = told(
        capsys, "report", "--against", "HEAD", "--exit-code", "--level", "budget", "--limit", "parameters=25"
    )
    assert status == 1
    assert "`parameters` is 27, and was 22; the limit is 25 (make it smaller, or raise the limit)" in out


def test_a_report_is_written_by_the_suffix_of_its_file(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, {"a.yaml": SPEC})
    write("a.yaml", WIDER)
    for name, begins in (("r.html", "<!DOCTYPE html>\n"), ("r.htm", "<!DOCTYPE"), ("r.md", "## netspec: WEIGHTS")):
        assert told(capsys, "report", "--against", "HEAD", "-o", name) == (0, "", "")
        assert Path(name).read_text("utf-8").startswith(begins)
    assert told(capsys, "report", "--against", "HEAD", "--format", "html")[1] == Path("r.html").read_text("utf-8")
    assert told(capsys, "report", "--against", "HEAD", "--format", "markdown", "-o", "a.yaml")[0] == 2
    assert Path("a.yaml").read_text("utf-8") == WIDER


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ((), "a revision to compare with is needed"),
        (("a.yaml",), "a revision to compare with is needed"),
        (("--against", "HEAD", "-o", "report"), "-o: the name `report` does not say what to write"),
        (("--against", "HEAD", "--max-size", "100"), "--max-size: a report has at least 2,000 bytes"),
        (("--against", "HEAD", "--base-url", "javascript:a()"), "--base-url: `javascript:a()` is no URL of a web page"),
        (("--against", "HEAD", "--base-url", "https://a b"), "--base-url: `https://a b` is no URL of a web page"),
        (("--against", "HEAD", "--limit", "beauty=1"), "--limit: `beauty=1` is no limit on a fact"),
    ],
)
def test_what_makes_no_report(
    git: Git, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], fault: str
) -> None:
    commit(git, {"a.yaml": SPEC})
    status, out, err = told(capsys, "report", *arguments)
    assert (status, out, err.splitlines()[0]) == (2, "", f"error[usage]: {fault}")


def test_a_message_on_a_page_has_its_names_as_code() -> None:
    assert in_page("`a_b` is 3 <b>") == "<code>a_b</code> is 3 &lt;b&gt;"
    assert in_page("one ` <b>") == "one ` &lt;b&gt;"


def test_a_branch_of_any_name_is_no_markup(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    name = 'x"><script>`|@team'
    commit(git, {"a.yaml": SPEC})
    git("branch", name)
    write("a.yaml", WIDER)
    assert f"``{name}`` → the working tree: 1 spec changed." in told(capsys, "report", "--against", name)[1]
    found = Page(told(capsys, "report", "--against", name, "--format", "html")[1])
    assert found.all("script") == []
    assert name in found.words["code"]


@settings(max_examples=40, deadline=None)
@given(texts(), texts())
def test_a_report_of_any_two_networks(one: str, other: str) -> None:
    found = report_of([("a.yaml", one.encode(), other.encode())], drawing=draw_diff)
    Page(render_page(found))
    text = render_report(report_of([("a.yaml", one.encode(), other.encode())]))
    assert len(text.encode()) <= COMMENT
    assert text.endswith("\n")


@settings(max_examples=40, deadline=None)
@given(texts())
def test_a_report_of_equal_networks_says_so(text: str) -> None:
    found = report_of([("a.yaml", text.encode(), (text + "# a comment\n").encode())])
    assert found.entries == ()
    assert render_report(found) == (
        "## netspec: no network changed\n\n`main` → the working tree: in 1 spec the networks are equal.\n"
    )
    assert '<h1><span class="faint">netspec:</span> No network changed</h1>' in render_page(found)


NEW: Final = """netspec: 1
name: fresh
hyperparameters: {width: 4}
input: [2, 8]
layers:
  - repeat:
      times: 3
      layers:
        - dense: width
        - dense: {width: 8, activation: relu}
  - flatten
  - dense: 1
output: 1
variants:
  huge: {width: 400}
"""
NEW_SECTION: Final = """
### `n.yaml`

New.

```diff
+ input      (2, 8)
+ repeat     repeat: times 3, gives (2, 8)
+   dense    dense: width 4, gives (2, 4)
+   dense_2  dense: width 8, activation relu, gives (2, 8)
+ flatten    flatten: gives (16,)
+ dense_3    dense: width 1, gives (1,)
+ output     (1,)
```

| what | value |
|---|---:|
"""


def test_a_spec_that_is_new_says_what_it_is() -> None:
    text = render_report(report_of([("n.yaml", None, NEW.encode())]))
    assert NEW_SECTION in text
    assert text.partition(NEW_SECTION)[2].splitlines()[:3] == [
        "| input in | (2, 8) |",
        "| output out | (1,) |",
        "| parameters | 245 |",
    ]
    assert text.splitlines()[-1].startswith("| variant huge | parameters 20,441, capacity ")
    mended = render_report(report_of([("n.yaml", b"netspec: 1\n", NEW.encode())]))
    assert NEW_SECTION.replace("New.", "Not compared: there was no network before.") in mended


def test_the_page_of_a_new_spec_has_its_picture_and_its_facts() -> None:
    found = page(("n.yaml", None, NEW.encode()))
    assert ("a", {"href": "#spec-1"}) in found.tags
    assert len(found.all("svg")) == 1
    assert "parameters" in found.words["th"]
    assert "245" in found.words["td"]
