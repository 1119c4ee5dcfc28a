"""What holds of every text, and of every network however it is said."""

import os
import tempfile
from collections.abc import Iterator
from math import prod
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netspec.diagnostics.text import render_text
from netspec.graph import tensors
from netspec.validation import Verdict, check_file, check_text
from tests.strategies import Composed, Files, Network, layers, networks, parameters, specs, spellings

MANY = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(files: Files) -> Verdict:
    """Return the verdict on `spec.yaml` among files that are written to a folder of their own."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            Path(folder, name).write_text(text, encoding="utf-8")
        return check_file(os.path.join(folder, "spec.yaml"))


def facts(verdict: Verdict) -> tuple[object, ...]:
    """Return all that is inferred of a network but its names."""
    found = verdict.facts
    assert found is not None, render_text(verdict.diagnostics, verdict.sources)
    regions = found.regions
    return (
        found.fingerprint,
        found.parameters,
        found.capacity,
        found.depth,
        found.macs,
        found.flops,
        found.activation_bytes,
        regions and (regions.lower, regions.upper),
    )


def fingerprint(verdict: Verdict) -> str:
    """Return the fingerprint of a valid spec."""
    assert verdict.facts is not None, render_text(verdict.diagnostics, verdict.sources)
    return verdict.facts.fingerprint


# -- any text -------------------------------------------------------------------------------------------------------

VOCABULARY = """
netspec name description hyperparameters checks input output K widths activation output_activation compose networks
dtype parameters expect variants file set variant default min max init seed beta_0 Omega_1 β_0 relu leaky_relu slope
float64 regions at_most fingerprint layers 1 0 -1 3.5 1e-3 true ~ D 2*D "3" '' [ ] { } , : - # & * ! | > ? << é [1,2]
{} [] a.yaml ../a.yaml 99999999999999999999 0x1 1_0 yes .inf D%2==0
"""
WORDS = st.sampled_from(VOCABULARY.split())


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Draw texts made of the words of the language, laid out anyhow."""
    parts = draw(
        st.lists(st.tuples(WORDS, st.sampled_from([" ", ": ", ":\n  ", "\n", "\n  ", "\n- ", ", "])), max_size=40)
    )
    return "".join(word + space for word, space in parts)


@st.composite
def edited(draw: st.DrawFn) -> str:
    """Draw the text of a valid spec with a few stretches of it lost, doubled or replaced."""
    text = draw(specs())["spec.yaml"]
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        text = (
            text[:start] + draw(st.sampled_from(["", text[start:end] * 2]) | WORDS | st.text(max_size=3)) + text[end:]
        )
    return text


@MANY
@given(st.text() | texts() | edited(), st.booleans())
def test_any_text_has_a_verdict_and_every_error_a_place(text: str, pure: bool) -> None:
    verdict = check_text(text, pure=pure)
    lines = verdict.sources["<text>"].split("\n")
    for fault in verdict.diagnostics:
        span = fault.place.span
        assert span is not None
        assert 1 <= span.line <= len(lines) + 1
        assert span.column >= 1
        assert (span.end_line, span.end_column) > (span.line, span.column)
    assert verdict.valid == (verdict.graph is not None)
    printed = render_text(verdict.diagnostics, verdict.sources)
    assert printed.replace("\n", "").isprintable()


@MANY
@given(edited())
def test_both_parsers_come_to_one_verdict(text: str) -> None:
    fast, pure = (check_text(text, pure=pure) for pure in (False, True))
    assert [(f.code, f.place.span and f.place.span.line) for f in fast.diagnostics] == [
        (f.code, f.place.span and f.place.span.line) for f in pure.diagnostics
    ]


@MANY
@given(st.dictionaries(st.sampled_from(["spec.yaml", "a.yaml", "b.yaml"]), texts() | edited()))
def test_any_files_have_a_verdict(files: Files) -> None:
    text = files.get("spec.yaml", "netspec: 1\ncompose: [a.yaml, b.yaml]\n")
    verdict = check({"a.yaml": "", **files, "spec.yaml": text.replace("../a.yaml", "a.yaml")})
    assert all(fault.place.span is not None for fault in verdict.diagnostics)


# -- any network ----------------------------------------------------------------------------------------------------


@MANY
@given(networks().flatmap(lambda network: st.tuples(st.just(network), spellings(network))))
def test_what_is_inferred_is_what_the_layers_add_up_to(drawn: tuple[Network, Files]) -> None:
    network, files = drawn
    verdict = check(files)
    assert verdict.valid, render_text(verdict.diagnostics, verdict.sources)
    assert verdict.graph is not None
    assert verdict.facts is not None
    found = verdict.facts
    shapes = {tensor.name: tensor.shape for tensor in tensors(verdict.graph)}
    assert len(shapes) == found.tensors
    assert found.parameters == sum(map(prod, shapes.values())) == parameters(network)
    walked = list(layers(network))
    hidden = [layer.output for layer in walked if layer.activation is not None]
    own = hidden.pop() if walked[-1].activation is not None else 0
    assert found.capacity == sum(hidden)
    assert found.depth == len(hidden)
    assert found.macs == sum(layer.input * layer.output for layer in walked)
    activated = sum(layer.output for layer in walked if layer.activation not in (None, "identity"))
    assert found.flops == 2 * found.macs + sum(layer.output for layer in walked) + activated
    assert (found.input, found.output) == ((network.input,), (network.output,))
    assert found.parameter_bytes == 4 * found.parameters
    assert own in (0, network.output)


@MANY
@given(networks().flatmap(lambda network: st.tuples(spellings(network), spellings(network))))
def test_however_a_network_is_said_the_same_is_inferred(drawn: tuple[Files, Files]) -> None:
    """Names, the order of keys, sugar, and the split into files or networks do not matter."""
    first, second = (check(files) for files in drawn)
    assert facts(first) == facts(second)


def changes(network: Network) -> Iterator[Network]:
    """Yield networks that differ from this one in one width, activation, layer, or in what is shared."""
    if isinstance(network, Composed):
        parts = network.parts
        for index, part in enumerate(parts):
            for change in changes(part):
                if (change.input, change.output) == (part.input, part.output):
                    yield network._replace(parts=(*parts[:index], change, *parts[index + 1 :]))
            if network.order.count(index) > 1:  # the last use gets parameters of its own
                last = len(network.order) - 1 - network.order[::-1].index(index)
                yield Composed((*parts, part), (*network.order[:last], len(parts), *network.order[last + 1 :]))
        return
    hidden = network.hidden
    for k, (width, activation) in enumerate(hidden):
        for other in ((width + 1, activation), (width, "tanh" if activation != "tanh" else "relu")):
            yield network._replace(hidden=(*hidden[:k], other, *hidden[k + 1 :]))
    yield network._replace(hidden=(*hidden, (3, "relu")))
    yield network._replace(input=network.input + 1)
    yield network._replace(output=network.output + 1)
    yield network._replace(output_activation="mish" if network.output_activation != "mish" else None)


@MANY
@given(st.data())
def test_any_change_of_the_network_changes_the_fingerprint(data: st.DataObject) -> None:
    network = data.draw(networks())
    change = data.draw(st.sampled_from(list(changes(network))))
    before, after = (check(data.draw(spellings(each))) for each in (network, change))
    assert fingerprint(before) != fingerprint(after)


@MANY
@given(networks().flatmap(spellings))
def test_another_dtype_is_another_fingerprint(files: Files) -> None:
    text = files["spec.yaml"]
    if "compose" in text:
        return
    assert fingerprint(check(files)) != fingerprint(check({"spec.yaml": f"{text}dtype: float64\n"}))
