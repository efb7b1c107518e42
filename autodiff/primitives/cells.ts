import type { TypedArray } from "../dtype.ts";
import { eachGateTanh } from "../mathematics/gate_tanh.ts";
import { concatenate, slice } from "./shapes.ts";
import type { Tensor } from "../tensor.ts";
import { relu, sigmoid, tanh } from "./unary.ts";

/** Where the numbers of one step are: rows of the batch, and units of the state. */
export interface Place {
  rows: number;
  units: number;
}

/**
 * A recurrent cell. Its gates' arguments are a part of the input, gx, and a part of the last state, gh, both [rows, gates · units];
 * a state is [rows, states · units], the output h first.
 */
export interface Cell {
  name: string;
  gates: number;
  states: 1 | 2;
  /** Numbers per unit that the gradient needs. */
  kept: number;
  /** The next state, in tensor operations. */
  next(gx: Tensor, gh: Tensor, state: Tensor): Tensor;
  /** The same in loops: writes the next state, and what the gradient needs. */
  forward(gx: TypedArray, gh: TypedArray, last: TypedArray, state: TypedArray, kept: TypedArray, place: Place): void;
  /**
   * From d(loss)/d(state): writes the slopes of gx and of gh, and replaces `dState` by the part of the last state's slope that does
   * not come through gh.
   */
  backward(
    dState: TypedArray,
    last: TypedArray,
    state: TypedArray,
    kept: TypedArray,
    dx: TypedArray,
    dh: TypedArray,
    place: Place,
  ): void;
}

function parts(x: Tensor, count: number): Tensor[] {
  const length = x.shape[1] / count;
  return Array.from({ length: count }, (_, i) => slice(x, 1, i * length, (i + 1) * length));
}

/** h = f(gx + gh). */
function plain(name: string, f: (x: Tensor) => Tensor, loop: (z: TypedArray) => void, slope: (h: number) => number): Cell {
  return {
    name,
    gates: 1,
    states: 1,
    kept: 0,
    next: (gx, gh) => f(gx.add(gh)),
    forward(gx, gh, _, state) {
      for (let i = 0; i < state.length; i++) state[i] = gx[i] + gh[i];
      loop(state);
    },
    backward(dState, _, state, __, dx, dh) {
      for (let i = 0; i < state.length; i++) {
        dx[i] = dh[i] = dState[i] * slope(state[i]);
        dState[i] = 0;
      }
    },
  };
}

/** An Elman network's cell, by the hyperbolic tangent or by a rectifier. */
export const elman: Record<"tanh" | "relu", Cell> = {
  tanh: plain("RNN", tanh, (z) => eachGateTanh(z, z), (h) => 1 - h * h),
  relu: plain("RNN", relu, (z) => {
    for (let i = 0; i < z.length; i++) z[i] = z[i] <= 0 ? 0 : z[i];
  }, (h) => h <= 0 ? 0 : 1),
};

/**
 * c = σ(f) c + σ(i) tanh g, h = σ(o) tanh c, with gates i, f, g, o.
 * Source: S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9 (1997), with the forget gate of F. Gers.
 */
export const lstm: Cell = {
  name: "LSTM",
  gates: 4,
  states: 2,
  kept: 5,
  next(gx, gh, state) {
    const [i, f, g, o] = parts(gx.add(gh), 4), [, c] = parts(state, 2);
    const next = sigmoid(f).mul(c).add(sigmoid(i).mul(tanh(g)));
    return concatenate([sigmoid(o).mul(tanh(next)), next], 1);
  },
  forward(gx, gh, last, state, kept, { rows, units: n }) {
    const gates = kept.subarray(0, 4 * rows * n), curved = kept.subarray(4 * rows * n);
    // σ(x) = (1 + tanh(x / 2)) / 2, so that one call serves all gates.
    for (let row = 0, at = 0; row < rows; row++) {
      for (let k = 0; k < 4 * n; k++, at++) gates[at] = (gx[at] + gh[at]) * (k >= 2 * n && k < 3 * n ? 1 : 0.5);
    }
    eachGateTanh(gates, gates);
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < n; k++) {
        const at = 4 * n * row + k, c = 2 * n * row + n + k;
        gates[at] = 0.5 + 0.5 * gates[at];
        gates[at + n] = 0.5 + 0.5 * gates[at + n];
        gates[at + 3 * n] = 0.5 + 0.5 * gates[at + 3 * n];
        curved[row * n + k] = state[c] = gates[at + n] * last[c] + gates[at] * gates[at + 2 * n];
      }
    }
    eachGateTanh(curved, curved);
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < n; k++) state[2 * n * row + k] = gates[4 * n * row + 3 * n + k] * curved[row * n + k];
    }
  },
  backward(dState, last, _, kept, dx, dh, { rows, units: n }) {
    const curved = kept.subarray(4 * rows * n);
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < n; k++) {
        const at = 4 * n * row + k, h = 2 * n * row + k, c = h + n, t = curved[row * n + k];
        const i = kept[at], f = kept[at + n], g = kept[at + 2 * n], o = kept[at + 3 * n];
        const dc = dState[c] + dState[h] * o * (1 - t * t);
        dx[at] = dh[at] = dc * g * i * (1 - i);
        dx[at + n] = dh[at + n] = dc * last[c] * f * (1 - f);
        dx[at + 2 * n] = dh[at + 2 * n] = dc * i * (1 - g * g);
        dx[at + 3 * n] = dh[at + 3 * n] = dState[h] * t * o * (1 - o);
        dState[h] = 0;
        dState[c] = dc * f;
      }
    }
  },
};

/**
 * h = (1 - σ(z)) n + σ(z) h with n = tanh(gx + σ(r) gh), with gates r, z, n.
 * Source: K. Cho et al., "Learning phrase representations using RNN encoder-decoder", EMNLP 2014, in the form of cuDNN.
 */
export const gru: Cell = {
  name: "GRU",
  gates: 3,
  states: 1,
  kept: 4,
  next(gx, gh, state) {
    const [r, z, n] = parts(gx, 3), [hr, hz, hn] = parts(gh, 3), stay = sigmoid(z.add(hz));
    const fresh = tanh(n.add(sigmoid(r.add(hr)).mul(hn)));
    return fresh.add(stay.mul(state.sub(fresh)));
  },
  forward(gx, gh, last, state, kept, { rows, units: n }) {
    const size = rows * n,
      [gates, fresh, hidden] = [kept.subarray(0, 2 * size), kept.subarray(2 * size, 3 * size), kept.subarray(3 * size)];
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < n; k++) {
        const at = 3 * n * row + k, to = row * n + k;
        gates[to] = 0.5 * (gx[at] + gh[at]);
        gates[to + size] = 0.5 * (gx[at + n] + gh[at + n]);
      }
    }
    eachGateTanh(gates, gates);
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < n; k++) {
        const at = 3 * n * row + 2 * n + k, to = row * n + k;
        gates[to] = 0.5 + 0.5 * gates[to];
        gates[to + size] = 0.5 + 0.5 * gates[to + size];
        hidden[to] = gh[at];
        fresh[to] = gx[at] + gates[to] * gh[at];
      }
    }
    eachGateTanh(fresh, fresh);
    for (let i = 0; i < size; i++) state[i] = fresh[i] + gates[i + size] * (last[i] - fresh[i]);
  },
  backward(dState, last, _, kept, dx, dh, { rows, units: n }) {
    const size = rows * n;
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < n; k++) {
        const i = row * n + k, at = 3 * n * row + k, r = kept[i], z = kept[i + size], fresh = kept[i + 2 * size];
        const dn = dState[i] * (1 - z) * (1 - fresh * fresh);
        dx[at] = dh[at] = dn * kept[i + 3 * size] * r * (1 - r);
        dx[at + n] = dh[at + n] = dState[i] * (last[i] - fresh) * z * (1 - z);
        dx[at + 2 * n] = dn;
        dh[at + 2 * n] = dn * r;
        dState[i] *= z;
      }
    }
  },
};
