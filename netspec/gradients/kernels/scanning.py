"""Recurrent layers from zero states, one direction, and backward through time.

x: (N, T, F), y: (N, T, H); the weights of the gates are stacked in PyTorch's order: Ω_input (gates H, F), Ω_hidden
(gates H, H), each β (gates H,) or none. Within, time is the first axis, (T, N, ·), in the order of the steps, so that
what a step reads lies together. The text is copied into emitted programs, so these functions need nothing but NumPy and
each other.
"""

import numpy as np


def rnn_forward(
    x: np.ndarray,
    *,
    y: np.ndarray,
    Omega_input: np.ndarray,
    Omega_hidden: np.ndarray,
    beta_input: np.ndarray | None = None,
    beta_hidden: np.ndarray | None = None,
    reverse: bool,
    function: str,
) -> None:
    """Write h_t = a[β_i + Ω_i x_t + β_h + Ω_h h_{t-1}] into y, a being "tanh" or "relu"; nothing but y is saved."""
    z = _over_time(x, Omega_input, reverse)
    for beta in (beta_input, beta_hidden):
        if beta is not None:
            z += beta
    weights = np.ascontiguousarray(Omega_hidden.T)
    more = np.empty((len(x), len(Omega_hidden)), x.dtype)
    for t, h in enumerate(z):
        if t:
            h += np.matmul(z[t - 1], weights, out=more)
        if function == "tanh":
            np.tanh(h, out=h)
        else:
            np.maximum(h, 0.0, out=h)
    _by_steps(y, reverse)[...] = z


def rnn_backward(
    dy: np.ndarray,
    saved: None,  # noqa: ARG001 - the contract's signature
    x: np.ndarray,
    y: np.ndarray,
    *,
    Omega_input: np.ndarray,
    Omega_hidden: np.ndarray,
    beta_input: np.ndarray | None = None,  # noqa: ARG001 - the contract's signature
    beta_hidden: np.ndarray | None = None,  # noqa: ARG001 - likewise
    dx: np.ndarray | None = None,
    dOmega_input: np.ndarray | None = None,
    dOmega_hidden: np.ndarray | None = None,
    dbeta_input: np.ndarray | None = None,
    dbeta_hidden: np.ndarray | None = None,
    reverse: bool,
    function: str,
) -> None:
    """Write the gradients of `rnn_forward`; that of relu is 0 at 0."""
    h = _states(y, reverse)
    dz = np.array(_by_steps(dy, reverse), order="C")
    slope = 1.0 - np.square(h[1:]) if function == "tanh" else (h[1:] > 0.0).astype(h.dtype)
    dh = np.empty_like(h[0])
    for t in range(len(dz))[::-1]:
        if t + 1 < len(dz):
            dz[t] += np.matmul(dz[t + 1], Omega_hidden, out=dh)
        dz[t] *= slope[t]
    _write_input_gradients(dz, x, Omega_input, reverse, dx, dOmega_input, dbeta_input)
    _write_hidden_gradients(dz, h[:-1], dOmega_hidden, dbeta_hidden)


def lstm_forward(
    x: np.ndarray,
    *,
    y: np.ndarray,
    Omega_input: np.ndarray,
    Omega_hidden: np.ndarray,
    beta_input: np.ndarray | None = None,
    beta_hidden: np.ndarray | None = None,
    reverse: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Write h_t = o tanh(c_t), c_t = f c_{t-1} + i g, into y, and return the gates, c and tanh(c).

    The gates are (T, N, 4 H) in the order i, f, o, g, so that those of σ are neighbours; c is (T + 1, N, H), zeros
    first. σ(z) = 1 / (1 + exp(-z)), and the sign is in the weights.
    """
    width = Omega_hidden.shape[1]
    three = 3 * width
    gates = _over_time(x, _sigmoids_first(Omega_input), reverse)
    for beta in (beta_input, beta_hidden):
        if beta is not None:
            gates += _sigmoids_first(beta)
    weights = np.ascontiguousarray(_sigmoids_first(Omega_hidden).T)
    c, bent = (np.zeros((len(gates) + more, len(x), width), x.dtype) for more in (1, 0))
    h, new, more = np.empty_like(c[0]), np.empty_like(c[0]), np.empty((len(x), 4 * width), x.dtype)
    targets = _by_steps(y, reverse)
    with np.errstate(over="ignore"):  # exp(-z) may be infinite, and σ is 0
        for t, z in enumerate(gates):
            if t:
                z += np.matmul(h, weights, out=more)
            open_ = z[:, :three]
            np.exp(open_, out=open_)
            open_ += 1.0
            np.divide(1.0, open_, out=open_)
            np.tanh(z[:, three:], out=z[:, three:])
            np.multiply(z[:, width : 2 * width], c[t], out=c[t + 1])
            c[t + 1] += np.multiply(z[:, :width], z[:, three:], out=new)
            np.tanh(c[t + 1], out=bent[t])
            np.multiply(z[:, 2 * width : three], bent[t], out=h)
            targets[t] = h
    return gates, c, bent


def lstm_backward(
    dy: np.ndarray,
    saved: tuple[np.ndarray, np.ndarray, np.ndarray],
    x: np.ndarray,
    y: np.ndarray,
    *,
    Omega_input: np.ndarray,
    Omega_hidden: np.ndarray,
    beta_input: np.ndarray | None = None,  # noqa: ARG001 - the contract's signature
    beta_hidden: np.ndarray | None = None,  # noqa: ARG001 - likewise
    dx: np.ndarray | None = None,
    dOmega_input: np.ndarray | None = None,
    dOmega_hidden: np.ndarray | None = None,
    dbeta_input: np.ndarray | None = None,
    dbeta_hidden: np.ndarray | None = None,
    reverse: bool,
) -> None:
    """Write the gradients of `lstm_forward`."""
    gates, c, bent = saved
    width = Omega_hidden.shape[1]
    three = 3 * width
    given = _by_steps(dy, reverse)
    dz = np.empty_like(gates)
    dh, dc, new = np.empty_like(c[0]), np.zeros_like(c[0]), np.empty_like(c[0])
    slope = np.empty((len(x), three), x.dtype)
    for t in range(len(gates))[::-1]:
        d, z = dz[t], gates[t]
        i, f, o, g = z[:, :width], z[:, width : 2 * width], z[:, 2 * width : three], z[:, three:]
        if t + 1 < len(gates):
            np.matmul(dz[t + 1], Omega_hidden, out=dh)
            dh += given[t]
        else:
            dh[...] = given[t]
        np.subtract(1.0, z[:, :three], out=slope)  # σ' is σ (1 - σ), and tanh' is 1 - tanh²
        slope *= z[:, :three]
        do = d[:, three:]
        np.multiply(dh, bent[t], out=do)
        do *= slope[:, 2 * width :]
        np.multiply(bent[t], bent[t], out=new)
        np.subtract(1.0, new, out=new)
        dh *= o
        dh *= new
        dc += dh
        np.multiply(dc, g, out=new)
        np.multiply(new, slope[:, :width], out=d[:, :width])
        np.multiply(dc, c[t], out=new)
        np.multiply(new, slope[:, width : 2 * width], out=d[:, width : 2 * width])
        np.multiply(g, g, out=new)
        np.subtract(1.0, new, out=new)
        new *= i
        np.multiply(new, dc, out=d[:, 2 * width : three])
        dc *= f
    _write_input_gradients(dz, x, Omega_input, reverse, dx, dOmega_input, dbeta_input)
    _write_hidden_gradients(dz, _states(y, reverse)[:-1], dOmega_hidden, dbeta_hidden)


def gru_forward(
    x: np.ndarray,
    *,
    y: np.ndarray,
    Omega_input: np.ndarray,
    Omega_hidden: np.ndarray,
    beta_input: np.ndarray | None = None,
    beta_hidden: np.ndarray | None = None,
    reverse: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """Write h_t = (1 - z) n + z h_{t-1}, n = tanh(u_n + r v_n), into y, and return the gates (r, z, n) and v_n.

    u is β_i + Ω_i x_t, v is β_h + Ω_h h_{t-1}. The gates are (T, N, 3 H), v_n is (T, N, H). As
    σ(z) = ½ + ½ tanh(z / 2), the halves are in the weights.
    """
    width = Omega_hidden.shape[1]
    both = 2 * width
    half = np.full(3 * width, 0.5, x.dtype)
    half[both:] = 1.0
    gates = _over_time(x, Omega_input * half[:, None], reverse)
    if beta_input is not None:
        gates += beta_input * half
    if beta_hidden is not None:
        gates[:, :, :both] += beta_hidden[:both] * 0.5
    weights = np.ascontiguousarray((Omega_hidden * half[:, None]).T)
    hidden, more = np.empty((len(gates), len(x), width), x.dtype), np.empty((len(x), 3 * width), x.dtype)
    h = np.zeros((len(x), width), x.dtype)
    targets = _by_steps(y, reverse)
    for t, u in enumerate(gates):
        np.matmul(h, weights, out=more)
        r, z, n = u[:, :width], u[:, width:both], u[:, both:]
        rz = u[:, :both]
        rz += more[:, :both]
        np.tanh(rz, out=rz)
        rz *= 0.5
        rz += 0.5
        if beta_hidden is None:
            hidden[t] = more[:, both:]
        else:
            np.add(more[:, both:], beta_hidden[both:], out=hidden[t])
        n += np.multiply(r, hidden[t], out=more[:, :width])
        np.tanh(n, out=n)
        h -= n
        h *= z
        h += n
        targets[t] = h
    return gates, hidden


def gru_backward(
    dy: np.ndarray,
    saved: tuple[np.ndarray, np.ndarray],
    x: np.ndarray,
    y: np.ndarray,
    *,
    Omega_input: np.ndarray,
    Omega_hidden: np.ndarray,
    beta_input: np.ndarray | None = None,  # noqa: ARG001 - the contract's signature
    beta_hidden: np.ndarray | None = None,  # noqa: ARG001 - likewise
    dx: np.ndarray | None = None,
    dOmega_input: np.ndarray | None = None,
    dOmega_hidden: np.ndarray | None = None,
    dbeta_input: np.ndarray | None = None,
    dbeta_hidden: np.ndarray | None = None,
    reverse: bool,
) -> None:
    """Write the gradients of `gru_forward`."""
    gates, hidden = saved
    h = _states(y, reverse)
    width = Omega_hidden.shape[1]
    both = 2 * width
    given = _by_steps(dy, reverse)
    dv, dn = np.empty_like(gates), np.empty_like(hidden)
    dh, new = np.zeros_like(h[0]), np.empty_like(h[0])
    for t in range(len(gates))[::-1]:
        d, a, u = dv[t], dn[t], gates[t]
        r, z, n = u[:, :width], u[:, width:both], u[:, both:]
        dh += given[t]
        np.subtract(1.0, u[:, :both], out=d[:, :both])
        np.multiply(dh, d[:, width:both], out=a)  # dh (1 - z) (1 - n²) reaches what n is the tanh of
        np.multiply(n, n, out=new)
        np.subtract(1.0, new, out=new)
        a *= new
        d[:, :both] *= u[:, :both]
        np.subtract(h[t], n, out=new)
        new *= dh
        d[:, width:both] *= new
        np.multiply(a, r, out=d[:, both:])
        np.multiply(a, hidden[t], out=new)
        d[:, :width] *= new
        if t:
            dh *= z
            dh += np.matmul(d, Omega_hidden, out=new)
    _write_hidden_gradients(dv, h[:-1], dOmega_hidden, dbeta_hidden)
    dv[:, :, both:] = dn
    _write_input_gradients(dv, x, Omega_input, reverse, dx, dOmega_input, dbeta_input)


def _sigmoids_first(tensor: np.ndarray) -> np.ndarray:
    """Return a tensor of the gates i, f, g, o as those of -i, -f, -o, g."""
    width = len(tensor) // 4
    return np.concatenate([-tensor[: 2 * width], -tensor[3 * width :], tensor[2 * width : 3 * width]])


def _by_steps(x: np.ndarray, reverse: bool) -> np.ndarray:
    """Return a view of x, (N, T, ·), in the order of the steps, (T, N, ·)."""
    return x.swapaxes(0, 1)[:: -1 if reverse else 1]


def _states(y: np.ndarray, reverse: bool) -> np.ndarray:
    """Return the states before and after every step, (T + 1, N, H), the first of which is zero. y: (N, T, H)."""
    h = np.empty((y.shape[1] + 1, y.shape[0], y.shape[2]), y.dtype)
    h[0] = 0.0
    h[1:] = _by_steps(y, reverse)
    return h


def _over_time(x: np.ndarray, Omega: np.ndarray, reverse: bool) -> np.ndarray:
    """Return Ω x_t for all steps by one product, (T, N, gates H)."""
    steps = np.ascontiguousarray(_by_steps(x, reverse)).reshape(x.shape[0] * x.shape[1], x.shape[2])
    z: np.ndarray = np.matmul(steps, Omega.T)
    return z.reshape(x.shape[1], x.shape[0], len(Omega))


def _write_input_gradients(
    dz: np.ndarray,
    x: np.ndarray,
    Omega: np.ndarray,
    reverse: bool,
    dx: np.ndarray | None,
    dOmega: np.ndarray | None,
    dbeta: np.ndarray | None,
) -> None:
    """Write the gradients of β + Ω x_t over all steps. dz: (T, N, gates H)."""
    rows = dz.reshape(-1, len(Omega))
    if dx is not None:
        _by_steps(dx, reverse)[...] = np.matmul(rows, Omega).reshape(x.shape[1], x.shape[0], x.shape[2])
    if dOmega is not None:
        steps = np.ascontiguousarray(_by_steps(x, reverse)).reshape(len(rows), x.shape[2])
        np.matmul(rows.T, steps, out=dOmega)
    if dbeta is not None:
        np.matmul(np.ones(len(rows), dz.dtype), rows, out=dbeta)


def _write_hidden_gradients(
    dz: np.ndarray, before: np.ndarray, dOmega: np.ndarray | None, dbeta: np.ndarray | None
) -> None:
    """Write the gradients of β + Ω h_{t-1} over all steps. dz: (T, N, gates H), before: h_{t-1}, (T, N, H)."""
    rows = dz.reshape(-1, dz.shape[2])
    if dOmega is not None:
        np.matmul(rows.T, before.reshape(len(rows), before.shape[2]), out=dOmega)
    if dbeta is not None:
        np.matmul(np.ones(len(rows), dz.dtype), rows, out=dbeta)
