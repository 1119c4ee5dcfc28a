"""The keys of a spec besides its layers: what is written before and after, with its values worked out."""

import posixpath
from collections.abc import Iterator, Mapping

from netspec.diagnostics import Place, show
from netspec.files.parameters import canonical
from netspec.graph import Facts
from netspec.operations import Graph, Shape
from netspec.review.changes import ORDER, Change, Field, Level, strictest
from netspec.review.places import names_in
from netspec.review.spelling import shape, value
from netspec.sizes import Polynomial, Size, substitute, symbol, symbols
from netspec.spec import Assertion, Draw, ParameterFile, Parameters, Part, Values
from netspec.summary.totals import input_dtypes
from netspec.validation import Member

_SHOWN = 120


def written_changes(old: Member, new: Member) -> Iterator[Change]:
    """Yield the changes of a spec's keys: its names, inputs and outputs, hyperparameters, and what it asserts."""
    one, other = old.part, new.part
    for key, before, after in (
        ("name", one.head.name, other.head.name or one.head.name),
        ("description", one.head.description, other.head.description),
    ):
        if before != after and not (key == "name" and before is None):  # then it is called like its file
            fields = (Field(key, _text(before), _text(after)),)
            yield _change("cosmetic", key, key, fields, old, new, (key,))
    if one.head.dtype != other.head.dtype:
        fields = (Field("dtype", one.head.dtype, other.head.dtype),)
        yield _change("interface", "dtype", "dtype", fields, old, new, ("dtype",))
    yield from _hyperparameters(old, new)
    yield from _checks(old, new)
    yield from _inputs(old, new)
    yield from _outputs(old, new)
    yield from reordered(old, new)
    yield from _expectations(old, new)
    places = [_claim(part, "parameters") for part in (one, other)]
    yield from (
        Change("function", "parameters", "parameters", "", (field,), old=places[0], new=places[1])
        for field in parameters_field(one, other)
    )
    if one.training is not None or other.training is not None:
        from netspec.review.trained import training_changes  # few specs say how they are trained

        yield from training_changes(one, other)


def variant_changes(old: Member, new: Member, levels: Mapping[str, Mapping[str, Level]]) -> Iterator[Change]:
    """Yield the variants that came, went, or have other settings.

    `levels` are the classes of what the hyperparameters of a variant bring about, if they are others.
    """
    ours, theirs = old.part.head.variants, new.part.head.variants
    renamed = _renamed(old.part, new.part)
    for name in dict.fromkeys((*ours, *theirs)):
        a, b = ours.get(name), theirs.get(name)
        settings = [{} if each is None else each.settings for each in (a, b)]
        named = {renamed.get(key, key): each for key, each in settings[0].items()}
        if a is not None and b is not None and named == settings[1]:
            continue
        level: Level = "interface" if b is None else "cosmetic"
        if a is not None and b is not None:
            brought = levels.get(name, {})
            others = [key for key in {**named, **settings[1]} if named.get(key) != settings[1].get(key)]
            level = strictest(*(brought[key] for key in others if key in brought))
        before, after = None if a is None else value(settings[0]), None if b is None else value(settings[1])
        fields = (Field("settings", before, after),)
        yield _change(level, "variant", name, fields, old, new, ("variants", name), key=True)


def parameters_field(old: Part, new: Part) -> list[Field]:
    """Return how the parameters of a part are drawn or given otherwise; drawn with the seed 0 unless it says how."""
    before, after = (_canonical(part, part.claims.parameters) for part in (old, new))
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict):
        names = [name for name in dict.fromkeys((*before, *after)) if before.get(name) != after.get(name)]
        texts = [", ".join(f"{name} {value(side.get(name))}" for name in names) for side in (before, after)]
        return [Field("parameters", *(show(text, _SHOWN) for text in texts))]
    return [Field("parameters", *(show(_parameters(each), _SHOWN) for each in (before, after)))]


def _canonical(part: Part, given: Parameters | None) -> object:
    if isinstance(given, ParameterFile):
        folder = posixpath.dirname(part.document.relative)
        return ParameterFile(posixpath.normpath(posixpath.join(folder, given.path)))
    if isinstance(given, Values):
        return {canonical(name): each for name, each in given.tensors.items()}
    return Draw() if given is None else given


def _parameters(given: object) -> str:
    if isinstance(given, ParameterFile):
        return f"file {given.path}"
    if isinstance(given, Draw):
        return f"init {given.init or 'by activation'}, seed {given.seed}"
    return f"values of {', '.join(given)}" if isinstance(given, Mapping) else ""


def _hyperparameters(old: Member, new: Member) -> Iterator[Change]:
    ours, theirs = old.part.declared, new.part.declared
    values = [member.part.scope.values for member in (old, new)]
    renamed = _renamed(old.part, new.part)
    for was, name in renamed.items():
        places = [
            member.part.document.source.place((*member.part.path, "hyperparameters", each), key=True)
            for member, each in ((old, was), (new, name))
        ]
        fields = [Field("name", was, name)]
        yield Change("cosmetic", "hyperparameter", name, "", tuple(fields), old=places[0], new=places[1])
    for name in dict.fromkeys((*ours, *theirs)):
        if name in renamed or name in renamed.values():
            continue
        one, other = values[0].get(name), values[1].get(name)
        fields = []
        if name not in ours or name not in theirs or type(one) is not type(other) or one != other:  # else not spelled
            before, after = value(one) if name in ours else None, value(other) if name in theirs else None
            fields = [Field("value", before, after)] if before != after else []
        if not fields:
            texts = [_raw(member.part, ("hyperparameters", name)) for member in (old, new)]
            texts = [each for each in texts if isinstance(each, dict)] or [None]
            if len(texts) == 2 and texts[0] != texts[1]:
                fields = [Field("bounds", value(texts[0]), value(texts[1]))]
        if fields:
            places = [_setting(member.part, name) for member in (old, new)]
            yield Change("cosmetic", "hyperparameter", name, "", tuple(fields), old=places[0], new=places[1])


def _renamed(old: Part, new: Part) -> dict[str, str]:
    """Return what a hyperparameter of the old part is called in the new one: where one went, and one came that has its
    value.
    """
    gone = [name for name in old.declared if name not in new.declared]
    come = [name for name in new.declared if name not in old.declared]
    if len(gone) == len(come) == 1 and old.scope.values.get(gone[0]) == new.scope.values.get(come[0]):
        return {gone[0]: come[0]}
    return {}


def _setting(part: Part, name: str) -> Place:
    """Return where a hyperparameter has its value: in the variant where that sets it, else where it is declared."""
    source = part.document.source
    setting = (*part.path, "variants", part.variant or "", name)
    declared = (*part.path, "hyperparameters", name)
    return source.place(declared if part.variant is None or source.node(setting) is None else setting)


def _checks(old: Member, new: Member) -> Iterator[Change]:
    """Yield the checks over free sizes that came, which refuse what was taken before, and that went."""
    names = renaming(new.graph, old.graph)
    ours = [_compared(each.left, each.operator, each.right) for each in old.graph.checks]
    theirs = [
        _compared(substitute(each.left, names), each.operator, substitute(each.right, names))
        for each in new.graph.checks
    ]
    for check in dict.fromkeys((*ours, *theirs)):
        if check in ours and check in theirs:
            continue
        text = show(check, _SHOWN)
        fields = (Field("check", text if check in ours else None, text if check in theirs else None),)
        level: Level = "interface" if check in theirs else "cosmetic"
        yield _change(level, "check", text, fields, old, new, ("checks",))


def _compared(left: Size, operator: str, right: Size) -> str:
    return f"{left} {operator} {right}"


def renaming(new: Graph, old: Graph) -> dict[str, Size]:
    """Return what the free sizes of one graph are called in another: by the order in which its inputs have them, each
    beside the input of its name.
    """
    order = _order_of(new, old)
    found = [
        list(dict.fromkeys(name for coming in inputs for size in coming for name in sorted(symbols(size))))
        for inputs in ([new.inputs[place] for place in order], old.inputs)
    ]
    if found[0] == found[1]:
        return {}
    fresh = [*found[1], *(f"{name}_" for name in found[0][len(found[1]) :])]
    return {name: symbol(other) for name, other in zip(found[0], fresh, strict=False)}


def _order_of(new: Graph, old: Graph) -> list[int]:
    """Return the numbers of a graph's inputs, in the order in which another one has those names."""
    ours, theirs = old.input_names, new.input_names
    if len(theirs) == len(new.inputs) and sorted(ours) == sorted(theirs):
        places = {name: place for place, name in enumerate(theirs)}
        return [places[name] for name in ours]
    return list(range(len(new.inputs)))


def renamed_shape(given: Shape, names: Mapping[str, Size]) -> Shape:
    """Return a shape with its free sizes called otherwise."""
    if not names:
        return given
    return tuple(substitute(size, names) if isinstance(size, Polynomial) else size for size in given)


def _inputs(old: Member, new: Member) -> Iterator[Change]:
    names = renaming(new.graph, old.graph)
    coming = [
        {
            name: (
                renamed_shape(size, names if member is new else {}),
                input_dtypes(member.part).get(name, member.part.head.dtype),
            )
            for name, size in member.facts.inputs.items()
        }
        for member in (old, new)
    ]
    dtype_changed = old.part.head.dtype != new.part.head.dtype
    for a, b in _matched(list(coming[0]), list(coming[1])):
        fields = _end_fields(a, b, *(each.get(name or "") for each, name in zip(coming, (a, b), strict=True)))
        if dtype_changed and fields == [Field("dtype", old.part.head.dtype, new.part.head.dtype)]:
            continue  # the file's own, which is told
        if fields:
            yield _end("input", a, b, fields, old, new)


def _outputs(old: Member, new: Member) -> Iterator[Change]:
    names = renaming(new.graph, old.graph)
    leaving = [
        {name: (renamed_shape(size, names if member is new else {}), "") for name, size in member.facts.outputs.items()}
        for member in (old, new)
    ]
    for a, b in _matched(list(leaving[0]), list(leaving[1])):
        fields = _end_fields(a, b, *(each.get(name or "") for each, name in zip(leaving, (a, b), strict=True)))
        if fields:
            yield _end("output", a, b, fields, old, new)


def reordered(old: Member, new: Member) -> Iterator[Change]:
    """Yield the change of the order of the inputs, or outputs, that both networks have: they are taken by it."""
    for key, ours, theirs in (
        ("inputs", list(old.facts.inputs), list(new.facts.inputs)),
        ("outputs", list(old.facts.outputs), list(new.facts.outputs)),
    ):
        were = {b: a for a, b in _matched(ours, theirs) if a is not None and b is not None}
        before, after = [name for name in ours if name in were.values()], [name for name in theirs if name in were]
        if before != [were[name] for name in after]:
            fields = (Field(ORDER, *(_text(", ".join(names)) for names in (before, after))),)
            yield _change("interface", key.removesuffix("s"), key, fields, old, new, (key,), key=True)


def _matched(old: list[str], new: list[str]) -> list[tuple[str | None, str | None]]:
    """Return which value is which: by name; where one name went and one came, that one was renamed."""
    gone, come = [each for each in old if each not in new], [each for each in new if each not in old]
    pairs: list[tuple[str | None, str | None]] = [(each, each) for each in new if each in old]
    if len(gone) == len(come) == 1:
        return [*pairs, (gone[0], come[0])]
    return [*pairs, *((each, None) for each in gone), *((None, each) for each in come)]


def _end_fields(
    a: str | None, b: str | None, before: tuple[Shape, str] | None, after: tuple[Shape, str] | None
) -> list[Field]:
    fields = [Field("name", a, b)] if a != b else []
    shapes = [None if each is None else shape(each[0]) for each in (before, after)]
    dtypes = [None if each is None else each[1] for each in (before, after)]
    fields += [Field("shape", *shapes)] if shapes[0] != shapes[1] else []
    fields += [Field("dtype", *dtypes)] if dtypes[0] != dtypes[1] and any(dtypes) else []
    return fields


def _end(kind: str, a: str | None, b: str | None, fields: list[Field], old: Member, new: Member) -> Change:
    places = []
    for member, name in ((old, a), (new, b)):
        document, path = member.part.document, member.part.path
        named = (*path, f"{kind}s", name or "")
        listed = (*path, f"{kind}s")
        at = next(
            (p for p in (named, listed, (*path, kind)) if document.source.node(p) is not None), (*path, f"{kind}s")
        )
        places.append(document.source.place(at, key=a != b and at == named))
    texts = [[_raw(member.part, (key,)) for key in (f"{kind}s", kind)] for member in (old, new)]
    return Change(
        "interface",
        "input" if kind == "input" else "output",
        b or a or "",
        "",
        tuple(fields),
        old=places[0],
        new=places[1],
        written=texts[0] != texts[1],
        names=names_in(texts[1]),
    )


def _expectations(old: Member, new: Member) -> Iterator[Change]:
    """Yield what is asserted otherwise, and what was asserted before and holds no more; what is asserted anew is no
    budget that was crossed.
    """
    ours, theirs = (_asserted(member.part) for member in (old, new))
    for word in dict.fromkeys((*ours, *theirs)):
        before, after = ours.get(word), theirs.get(word)
        crossed = any(said is not None and not holds(word, said, new.facts) for said in (before, after))
        if before == after and not crossed:
            continue
        fields = [Field("expect", _assertion(before), _assertion(after))]
        if crossed:
            fields.append(Field("found", found(word, old.facts), found(word, new.facts)))
        level: Level = "cosmetic" if before is None and not crossed else "budget"
        places = [_claim(member.part, "expect", word) for member in (old, new)]
        yield Change(level, "expect", word, "", tuple(fields), old=places[0], new=places[1])


def _claim(part: Part, *path: str) -> Place:
    """Return where a part, or the variant that it is of, says something of its facts or values.

    How parameters are drawn, a variant has from the file unless it says it itself.
    """
    claims = (*part.claims_path, *path)
    drawn = path == ("parameters",) and part.document.source.node(claims) is None
    return part.document.source.place((*part.path, *path) if drawn else claims)


def _asserted(part: Part) -> dict[str, Assertion | str]:
    expect = part.claims.expect
    return {} if expect is None else {word: said for word, said in expect if said is not None}


def _assertion(said: Assertion | str | None) -> str | None:
    if said is None or isinstance(said, str):
        return said
    if said.exactly is not None:
        return number(said.exactly)
    bounds = (("at least", said.at_least), ("at most", said.at_most))
    return ", ".join(f"{words} {number(bound)}" for words, bound in bounds if bound is not None)


def number(given: Size) -> str:
    """Return a number of an assertion; an expression as it is."""
    return f"{given:,}" if isinstance(given, int) and abs(given) < 10**40 else show(str(given), _SHOWN)


def holds(word: str, said: Assertion | str, facts: Facts) -> bool:
    """Whether a fact is as it is asserted; an expression in free sizes is compared as it stands."""
    if isinstance(said, str):
        return said == facts.fingerprint
    if word == "regions":
        bounds = facts.regions
        if bounds is None:
            return False
        least = said.exactly if said.at_least is None else said.at_least
        most = said.exactly if said.at_most is None else said.at_most
        lower, upper = bounds.lower, bounds.upper
        return (not isinstance(least, int) or (lower.value is not None and lower.value >= least)) and (
            not isinstance(most, int) or (upper.value is not None and upper.value <= most)
        )
    given = fact(word, facts)
    if given is None:
        return False
    if said.exactly is not None:
        return given == said.exactly
    if isinstance(given, Polynomial):
        return False
    return (said.at_least is None or given >= said.at_least) and (said.at_most is None or given <= said.at_most)


def found(word: str, facts: Facts) -> str:
    """Return a fact as text, beside what was asserted of it."""
    if word == "fingerprint":
        return facts.fingerprint
    if word == "regions":
        bounds = facts.regions
        if bounds is None:
            return "none proven"
        from netspec.summary.numbers import bound

        ends = dict.fromkeys((bound(bounds.lower), bound(bounds.upper)))
        return " to ".join(ends)
    given = fact(word, facts)
    return "–" if given is None else number(given)


def fact(word: str, facts: Facts) -> Size | None:
    """Return the fact that a word of `expect` names, a number."""
    if word == "receptive_field":
        return None if facts.receptive_field is None else max(facts.receptive_field)
    found: dict[str, Size | None] = {
        "parameters": facts.parameters,
        "capacity": facts.capacity,
        "macs": facts.macs,
        "flops": facts.flops,
        "parameter_bytes": facts.parameter_bytes,
    }
    if word == "depth":
        return facts.depth
    return facts.activation_bytes if word == "activation_bytes" else found[word]


def _change(
    level: Level,
    kind: str,
    subject: str,
    fields: tuple[Field, ...],
    old: Member,
    new: Member,
    path: tuple[str, ...],
    *,
    key: bool = False,
) -> Change:
    places = [member.part.document.source.place((*member.part.path, *path), key=key) for member in (old, new)]
    return Change(level, kind, subject, "", fields, old=places[0], new=places[1])  # type: ignore[arg-type]  # a kind


def _raw(part: Part, path: tuple[str, ...]) -> object:
    node: object = part.document.data
    for step in (*part.path, *path):
        if not isinstance(node, dict):
            return None
        node = node.get(step)
    return node


def _text(given: str | None) -> str | None:
    return None if given is None else show(given, _SHOWN)
