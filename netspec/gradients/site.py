"""One entry in one event, as its rule sees it when its lines are written."""

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Final

from netspec.files.parameters import label
from netspec.gradients.schedule import Life
from netspec.gradients.tape import Entry, Phase, Sizes

if TYPE_CHECKING:
    from netspec.gradients.page import TrainingPage

_LINE: Final = 64  # bytes of a cache line


class EntrySite:
    """One entry in one event, as its rule sees it."""

    def __init__(self, page: "TrainingPage", at: int, phase: Phase | None, entry: Entry) -> None:
        self.page, self.at, self.phase, self.entry = page, at, phase, entry
        self.batch, self.dtype, self.training = page.batch, page.dtype, page.training
        self.again = phase == "again"
        self._used = 0  # bytes of scratch
        self._rooms: dict[str, str] = {}
        self._added: dict[str, str] = {}  # what is added to what behind the rule's lines

    def _take(self, count: int, shape: str) -> str:
        begin = self._used
        self._used += -(-count * self.page.item_bytes // _LINE) * _LINE
        return self.page.scratch_array(begin, count, shape)

    def backward(self) -> Iterator[str]:
        """Yield the rule's lines with what adds up gradients around them."""
        page = self.page
        lines = list(page.rules[self.entry.number].backward(self))
        for value in dict.fromkeys(ref.value for ref in self.entry.operands):
            begins = value in page.schedule.flowing and page.schedule.first_contribution(value, self.at)
            if begins and self._occurs(value) > 1:
                yield f"{page.array(Life('gradient', value))}.fill(0.0)"
        yield from lines
        for term, whole in self._added.items():
            yield f"np.add({whole}, {term}, out={whole})"

    def _occurs(self, value: int) -> int:
        return [ref.value for ref in self.entry.operands].count(value)

    def derived(self) -> bool:
        """Return whether the entry has backward lines in this program."""
        return self.entry.number in self.page.schedule.derived

    def lies_upright(self, index: int = 0) -> bool:
        """Return whether an operand has the batch axis last."""
        return self.page.tape.upright[self.entry.operands[index].value]

    def x(self, index: int = 0, shape: Sizes | None = None) -> str:
        ref = self.entry.operands[index]
        return self.page.array(self.page.schedule.life(self.phase, ref.value), ref.shape if shape is None else shape)

    def with_ones(self, index: int = 0) -> str:
        return self.page.with_ones(self.phase, self.entry.operands[index])

    def y(self, shape: Sizes | None = None) -> str:
        life = self.page.schedule.life(self.phase, self.entry.result)
        life = Life("value", self.entry.result) if self.phase == "forward" else life
        return self.page.array(life, self.entry.shape if shape is None else shape)

    def dy(self, shape: Sizes | None = None) -> str:
        return self.page.array(Life("gradient", self.entry.result), self.entry.shape if shape is None else shape)

    def dx(self, index: int = 0, shape: Sizes | None = None) -> str:
        if not self.wants(index):
            return "None"
        page, ref = self.page, self.entry.operands[index]
        shape = ref.shape if shape is None else shape
        whole = page.array(Life("gradient", ref.value), shape)
        if page.schedule.first_contribution(ref.value, self.at) and self._occurs(ref.value) == 1:
            return whole
        key = f"d{index}"
        if key not in self._rooms:
            self._rooms[key] = self._take(prod(ref.shape) * self.batch, page.sizes_of(ref.value, shape))
            self._added[self._rooms[key]] = whole
        return self._rooms[key]

    def wants(self, index: int = 0) -> bool:
        return self.entry.operands[index].value in self.page.schedule.flowing

    def in_place(self) -> bool:
        """Return whether the result lies where the first operand does."""
        return (self.at, "value", 0) in self.page.joined

    def shares(self, index: int = 0) -> bool:
        """Return whether the gradient of an operand lies where that of the result does."""
        return index == 0 and (self.at, "gradient", 0) in self.page.joined

    def tensor(self, role: str) -> str:
        name = self.entry.tensors.get(role)
        return "None" if name is None else self.page.tensor(name)

    def dtensor(self, role: str) -> str:
        if role not in self.entry.learned:
            return "None"
        page, name = self.page, self.entry.tensors[role]
        whole = page.own("gradients", name, f"d{name}", f"of {label(name)}")
        shape = ", ".join(map(str, page.tape.tensors[name]))
        return self._written((name,), whole, prod(page.tape.tensors[name]), shape, role)

    def joint(self) -> str:
        page, joint = self.page, self.page.joint_of(self.entry)
        if joint is None:
            return ""
        remark = f"[{label(joint.Omega)} {label(joint.beta)}] {joint.rows} × {joint.columns}"
        return page.own("parameters", f"{joint.Omega}, {joint.beta}", _joint_name(joint.Omega), remark)

    def djoint(self) -> str:
        page, joint = self.page, self.page.joint_of(self.entry)
        if joint is None:
            return "None"
        remark = f"of [{label(joint.Omega)} {label(joint.beta)}]"
        whole = page.own("gradients", f"{joint.Omega}, {joint.beta}", f"d{_joint_name(joint.Omega)}", remark)
        names = (joint.Omega, joint.beta)
        return self._written(names, whole, joint.rows * joint.columns, f"{joint.rows}, {joint.columns}", "joint")

    def _written(self, names: tuple[str, ...], whole: str, count: int, shape: str, role: str) -> str:
        """Return where the gradient of tensors is written: at once, or first beside it where it has begun."""
        known = self._rooms.get(f"tensor {role}")
        if known is None:
            known = whole
            if self.page.claim(names):
                known = self._take(count, shape)
                self._added[known] = whole
            self._rooms[f"tensor {role}"] = known
        return known

    def room(self, name: str) -> str:
        for room in self.page.rules[self.entry.number].rooms(self.entry, self.batch):
            if room.name == name:
                key = f"room {name}"
                if key not in self._rooms:
                    self._rooms[key] = self._take(prod(room.shape), ", ".join(map(str, room.shape)))
                return self._rooms[key]
        raise KeyError(name)

    def saved(self) -> str:
        return self.page.saved(self.entry)

    def kernel(self, name: str) -> str:
        self.page.kernels.add(name)
        return name

    def bound(self, text: str, name: str) -> str:
        return self.page.bind(text, name)


def _joint_name(Omega: str) -> str:
    """Return what [Ω β] is called: `Omega_beta_0` for `Omega_0`, `fold__Omega_beta` for `fold.Omega`."""
    head, dot, tail = Omega.rpartition(".")
    return f"{head}{dot}{tail.replace('Omega', 'Omega_beta', 1)}"
