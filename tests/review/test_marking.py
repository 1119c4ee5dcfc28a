"""Text of users within Markdown and within tags: never markup, never a link, never a mention."""

import pytest

from netspec.review.marking import code, fenced, plain, sentence, tagged


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", "`plain`"),
        ("a|b", "`a\\|b`"),
        ("a`b", "``a`b``"),
        ("``", "``` `` ```"),
        (" a", "`  a `"),
        ("", ""),
        ("a\nb\u202e", "`a\\nbU+202E`"),
        ("<b>@team", "`<b>@team`"),
    ],
)
def test_code_is_a_text_as_it_is(text: str, written: str) -> None:
    assert code(text) == written


def test_a_bar_needs_a_backslash_in_a_table_only() -> None:
    assert code("a|b", table=False) == "`a|b`"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("width 3 → 4", "width 3 → 4"),
        ("a_b *c* <!-- d", "a\\_b \\*c\\* \\<!-- d"),
        ("by @team now", "by `@team` now"),
        ("see #12, o/r#3 and !4", "see `#12,` `o/r#3` and `!4`"),
        ("https://a.b www.a.b a@b.c GH-7", "`https://a.b` `www.a.b` `a@b.c` `GH-7`"),
        ("$x$ :smile:", "`$x$` `:smile:`"),
        ("@a|b", "`@a\\|b`"),
    ],
)
def test_a_word_that_a_site_would_make_a_link_of_is_code(text: str, written: str) -> None:
    assert plain(text) == written


def test_a_message_has_its_names_as_code() -> None:
    assert sentence("`a_b` is 3 `@x` <b>") == "`a_b` is 3 `@x` \\<b\\>"
    assert sentence("one ` alone_") == "one \\` alone\\_"


def test_a_fence_is_longer_than_any_in_its_text() -> None:
    assert fenced("a\n````\nb\n", "text") == ["`````text", "a", "````", "b", "`````"]


def test_text_within_tags_is_escaped() -> None:
    assert tagged("<b>\x1b@a") == "<code>&lt;b&gt;U+001B@a</code>"
