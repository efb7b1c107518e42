import { concatenate, slice, type Tensor, zeros } from "../autodiff/mod.ts";
import { checkCounts, checkOptions, type Known, oneOf, truth } from "../autodiff/options.ts";
import { type Cell, elman, gru, lstm } from "../autodiff/primitives/cells.ts";
import { requireTensors } from "../autodiff/primitive.ts";
import { showShape } from "../autodiff/shape.ts";
import type { Module } from "./module.ts";
import { Parameter, uniform } from "./parameter.ts";

/** Options of {@link LSTMCell} and {@link GRUCell}. */
export interface CellOptions {
  /** Default true. */
  bias?: boolean;
}

/** Options of {@link RNNCell}. */
export interface RNNCellOptions extends CellOptions {
  /** Default "tanh". */
  nonlinearity?: "tanh" | "relu";
}

/** The state of a cell. */
export interface CellState {
  /** The output h, [rows, units]. */
  hidden: Tensor;
  /** The cell c of an LSTM, of the same shape. */
  cell?: Tensor;
}

const known: Known<CellOptions> = { bias: truth };
const knownOfRNN: Known<RNNCellOptions> = { ...known, nonlinearity: oneOf("tanh", "relu") };
const cells: Record<RecurrentCell["mode"], Cell> = { ...elman, lstm, gru };

/** One step of a recurrent network. Parameters are named and initialised as in PyTorch: uniform within ±1/√units. */
export abstract class RecurrentCell implements Module {
  /** [gates · units, inputs]. */
  readonly weight_ih: Parameter;
  /** [gates · units, units]. */
  readonly weight_hh: Parameter;
  /** [gates · units]; `null` without bias. */
  readonly bias_ih: Parameter | null;
  /** [gates · units]; `null` without bias. */
  readonly bias_hh: Parameter | null;
  /** Which cell it is. */
  readonly mode: "tanh" | "relu" | "lstm" | "gru";

  /**
   * Makes the parameters.
   * @param inputs numbers per row
   * @param units numbers per row of the state
   */
  constructor(inputs: number, units: number, mode: "tanh" | "relu" | "lstm" | "gru", { bias = true }: CellOptions) {
    checkCounts("make a recurrent cell", { inputs, units });
    const initial = uniform(1 / Math.sqrt(units)), rows = cells[mode].gates * units;
    this.weight_ih = new Parameter([rows, inputs], initial);
    this.weight_hh = new Parameter([rows, units], initial);
    this.bias_ih = bias ? new Parameter([rows], initial) : null;
    this.bias_hh = bias ? new Parameter([rows], initial) : null;
    this.mode = mode;
  }
  /** The output after a step from a state of zeros: [rows, inputs] to [rows, units]. */
  forward(x: Tensor): Tensor {
    return this.step(x).hidden;
  }
  /**
   * The state after one step; states that are not given are 0.
   * @throws {RangeError} unless x is [rows, inputs]
   */
  step(x: Tensor, { hidden, cell }: Partial<CellState> = {}): CellState {
    requireTensors("step by", x);
    const [inputs, units] = [this.weight_ih.shape[1], this.weight_hh.shape[1]], kind = cells[this.mode];
    if (x.rank !== 2 || x.shape[1] !== inputs) {
      throw new RangeError(`Cannot step by rows of shape ${showShape(x.shape)}: wanted [rows, ${inputs}]`);
    }
    const none = () => zeros([x.shape[0], units], x.dtype), h = hidden ?? none();
    const gates = (product: Tensor, bias: Tensor | null) => bias === null ? product : product.add(bias);
    const gx = gates(x.matmul(this.weight_ih.transpose()), this.bias_ih);
    const gh = gates(h.matmul(this.weight_hh.transpose()), this.bias_hh);
    if (kind.states === 1) return { hidden: kind.next(gx, gh, h) };
    const state = kind.next(gx, gh, concatenate([h, cell ?? none()], 1));
    return { hidden: slice(state, 1, 0, units), cell: slice(state, 1, units) };
  }
}

/** One step of {@link RNN}, like torch.nn.RNNCell. */
export class RNNCell extends RecurrentCell {
  /**
   * A step of an Elman network.
   * @param inputs numbers per row
   * @param units numbers per row of the state
   */
  constructor(inputs: number, units: number, options: RNNCellOptions = {}) {
    const { nonlinearity = "tanh", ...rest } = checkOptions("make a recurrent cell", options, knownOfRNN);
    super(inputs, units, nonlinearity, rest);
  }
}

/** One step of {@link LSTM}, like torch.nn.LSTMCell. */
export class LSTMCell extends RecurrentCell {
  /**
   * A step of long short-term memory.
   * @param inputs numbers per row
   * @param units numbers per row of the state
   */
  constructor(inputs: number, units: number, options: CellOptions = {}) {
    super(inputs, units, "lstm", checkOptions("make a recurrent cell", options, known));
  }
}

/** One step of {@link GRU}, like torch.nn.GRUCell. */
export class GRUCell extends RecurrentCell {
  /**
   * A step of gated recurrent units.
   * @param inputs numbers per row
   * @param units numbers per row of the state
   */
  constructor(inputs: number, units: number, options: CellOptions = {}) {
    super(inputs, units, "gru", checkOptions("make a recurrent cell", options, known));
  }
}
