import { concatenate, slice, stack, type Tensor, zeros } from "../autodiff/mod.ts";
import { checkCounts, checkOptions, type Kind, type Known, oneOf, truth, whole } from "../autodiff/options.ts";
import { type Cell, elman, gru, lstm } from "../autodiff/primitives/cells.ts";
import { requireTensors } from "../autodiff/primitive.ts";
import { scan } from "../autodiff/primitives/recurrent.ts";
import { sameShape, showShape } from "../autodiff/shape.ts";
import { Dropout } from "./dropout.ts";
import type { Module, Pass } from "./module.ts";
import { Parameter, uniform } from "./parameter.ts";

/** Options of recurrent layers. */
export interface RecurrentOptions {
  /** Layers, each of which reads the output of the one before; default 1. */
  numLayers?: number;
  /** Default true. */
  bias?: boolean;
  /** Whether sequences are [rows, steps, inputs] instead of [steps, rows, inputs]. Default false; `train()` needs true. */
  batchFirst?: boolean;
  /** The probability that a number between two layers is dropped in training, default 0. */
  dropout?: number;
  /** Whether a second cell reads each sequence from its end; default false. */
  bidirectional?: boolean;
}

/** Options of {@link RNN}. */
export interface RNNOptions extends RecurrentOptions {
  /** Default "tanh". */
  nonlinearity?: "tanh" | "relu";
}

/** Outputs and last states of a recurrent layer. */
export interface Unrolled {
  /** [steps, rows, directions · units], or with `batchFirst` [rows, steps, …]. */
  output: Tensor;
  /** The outputs h after the last step, [layers · directions, rows, units]. */
  hidden: Tensor;
  /** The cells c of an LSTM after the last step, of the same shape. */
  cell?: Tensor;
}

const share: Kind = {
  type: "number",
  wanted: "a number from 0, below 1",
  holds: (value) => (value as number) >= 0 && (value as number) < 1,
};
const known: Known<RecurrentOptions> = {
  numLayers: whole(1),
  bias: truth,
  batchFirst: truth,
  dropout: share,
  bidirectional: truth,
};
const cells: Record<Recurrent["mode"], Cell> = { ...elman, lstm, gru };
const knownOfRNN: Known<RNNOptions> = { ...known, nonlinearity: oneOf("tanh", "relu") };

/**
 * A recurrent network over sequences. Parameters are named and initialised as in PyTorch: uniform within ±1/√units. `weight_ih_l0`
 * is [gates · units, inputs], `weight_hh_l0` [gates · units, units], biases are [gates · units]; a reversed direction has `_reverse`.
 */
export abstract class Recurrent implements Module {
  /** The parameters by name. */
  [name: `${"weight" | "bias"}_${string}`]: Parameter;
  /** Numbers per step of the output, in one direction. */
  readonly units: number;
  /** Which cell it has. */
  readonly mode: "tanh" | "relu" | "lstm" | "gru";
  /** The options, with defaults. */
  readonly settings: Required<RecurrentOptions>;

  /**
   * Makes the parameters of all layers and directions.
   * @param inputs numbers per step
   * @param units numbers per step of the output, in one direction
   */
  constructor(inputs: number, units: number, mode: "tanh" | "relu" | "lstm" | "gru", options: RecurrentOptions) {
    const { numLayers = 1, bias = true, batchFirst = false, dropout = 0, bidirectional = false } = options;
    checkCounts("make a recurrent layer", { inputs, units });
    this.units = units;
    this.mode = mode;
    this.settings = { numLayers, bias, batchFirst, dropout, bidirectional };
    const initial = uniform(1 / Math.sqrt(units)), rows = cells[mode].gates * units, directions = bidirectional ? 2 : 1;
    for (const { layer, end } of runsOf(this.settings)) {
      this[`weight_ih_${end}`] = new Parameter([rows, layer === 0 ? inputs : directions * units], initial);
      this[`weight_hh_${end}`] = new Parameter([rows, units], initial);
      if (!bias) continue;
      this[`bias_ih_${end}`] = new Parameter([rows], initial);
      this[`bias_hh_${end}`] = new Parameter([rows], initial);
    }
  }

  /** The outputs of the last layer: [steps, rows, inputs] to [steps, rows, directions · units]. */
  forward(x: Tensor, pass?: Pass): Tensor {
    return this.unroll(x, {}, pass).output;
  }

  /**
   * Outputs and last states, from first states that default to 0.
   * @throws {RangeError} for shapes that do not fit
   */
  unroll(x: Tensor, first: { hidden?: Tensor; cell?: Tensor } = {}, pass?: Pass): Unrolled {
    requireTensors("read a sequence of", x);
    const { batchFirst, numLayers, bidirectional, dropout } = this.settings, inputs = this.weight_ih_l0.shape[1];
    if (x.rank !== 3 || x.shape[2] !== inputs) {
      const wanted = batchFirst ? "rows, steps" : "steps, rows";
      throw new RangeError(`Cannot read a sequence of shape ${showShape(x.shape)}: wanted [${wanted}, ${inputs}]`);
    }
    const sequence = batchFirst ? x.transpose(1, 0, 2) : x, rows = sequence.shape[1], kind = cells[this.mode];
    const given = kind.states === 2 ? [first.hidden, first.cell] : [first.hidden];
    const shape = [numLayers * (bidirectional ? 2 : 1), rows, this.units];
    for (const state of given) {
      if (state === undefined || sameShape(state.shape, shape)) continue;
      throw new RangeError(`Cannot start from a state of shape ${showShape(state.shape)}: wanted ${showShape(shape)}`);
    }
    const between = new Dropout(dropout), last: Tensor[] = [];
    let output = sequence, outputs: Tensor[] = [];
    for (const { end, reverse } of runsOf(this.settings)) {
      const place = last.length;
      if (outputs.length === (bidirectional ? 2 : 1)) {
        output = between.forward(joined(outputs), pass);
        outputs = [];
      }
      const start = given.map((state) =>
        state === undefined ? zeros([rows, this.units], x.dtype) : slice(state, 0, place, place + 1).reshape(rows, this.units)
      );
      const states = run(this, end, kind, output, concatenate(start, 1), reverse), steps = states.shape[0];
      outputs.push(kind.states === 1 ? states : slice(states, 2, 0, this.units));
      last.push(slice(states, 0, reverse ? 0 : steps - 1, reverse ? 1 : steps).reshape(rows, kind.states * this.units));
    }
    const all = stack(last), whole = joined(outputs), ended = batchFirst ? whole.transpose(1, 0, 2) : whole;
    if (kind.states === 1) return { output: ended, hidden: all };
    return { output: ended, hidden: slice(all, 2, 0, this.units), cell: slice(all, 2, this.units) };
  }
}

function joined(outputs: Tensor[]): Tensor {
  return outputs.length === 1 ? outputs[0] : concatenate(outputs, 2);
}

/** The runs over a sequence: layers, and in each the directions. */
function runsOf({ numLayers, bidirectional }: Required<RecurrentOptions>): { layer: number; end: string; reverse: boolean }[] {
  return Array.from(
    { length: numLayers },
    (_, layer) =>
      (bidirectional ? [false, true] : [false]).map((reverse) => ({
        layer,
        reverse,
        end: `l${layer}${reverse ? "_reverse" : ""}`,
      })),
  ).flat();
}

/** The states of one run. */
function run(layer: Recurrent, end: string, cell: Cell, x: Tensor, state: Tensor, reverse: boolean): Tensor {
  const weight = layer[`weight_hh_${end}`],
    product = x.matmul(layer[`weight_ih_${end}`].transpose()),
    options = { cell, reverse };
  if (!layer.settings.bias) return scan([product, weight, zeros([weight.shape[0]], x.dtype), state], options);
  const [inner, outer] = [layer[`bias_ih_${end}`], layer[`bias_hh_${end}`]];
  // A GRU's reset gate multiplies the second alone; elsewhere their sum is added once.
  if (cell === gru) return scan([product.add(inner), weight, outer, state], options);
  return scan([product, weight, inner.add(outer), state], options);
}

/** h = tanh(W x + U h + b), or with a rectifier, like torch.nn.RNN. */
export class RNN extends Recurrent {
  /**
   * An Elman network.
   * @param inputs numbers per step
   * @param units numbers per step of the output, in one direction
   */
  constructor(inputs: number, units: number, options: RNNOptions = {}) {
    const { nonlinearity = "tanh", ...rest } = checkOptions("make a recurrent layer", options, knownOfRNN);
    super(inputs, units, nonlinearity, rest);
  }
}

/** Long short-term memory, like torch.nn.LSTM: c = σ(f) c + σ(i) tanh g, h = σ(o) tanh c, with gates i, f, g, o. */
export class LSTM extends Recurrent {
  /**
   * Long short-term memory.
   * @param inputs numbers per step
   * @param units numbers per step of the output, in one direction
   */
  constructor(inputs: number, units: number, options: RecurrentOptions = {}) {
    super(inputs, units, "lstm", checkOptions("make a recurrent layer", options, known));
  }
}

/** Gated recurrent units, like torch.nn.GRU: h = (1 - σ(z)) n + σ(z) h, n = tanh(W x + σ(r) U h), with gates r, z, n. */
export class GRU extends Recurrent {
  /**
   * Gated recurrent units.
   * @param inputs numbers per step
   * @param units numbers per step of the output, in one direction
   */
  constructor(inputs: number, units: number, options: RecurrentOptions = {}) {
    super(inputs, units, "gru", checkOptions("make a recurrent layer", options, known));
  }
}
