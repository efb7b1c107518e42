import { noGrad, Tensor } from "../../autodiff/mod.ts";
import { checkArgument, type Kind } from "../../autodiff/options.ts";
import { constant, Parameter } from "../../nn/parameter.ts";
import { type Choice, Policy } from "./policy.ts";
import type { Steps } from "./steps.ts";

const rangesKind: Kind = {
  type: "object",
  wanted: "[low, high] for each number of an action",
  holds: (value) => Array.isArray(value) && value.length > 0 && value.every((range) => range?.[0] < range?.[1]),
};

/**
 * Actions alike in a box of fixed size within the behaviour policy's, whatever the observation; the place of the box is trained. Each
 * side is 1 / shrink of its range and begins at low + sigmoid(theta) (range - side), in the middle at first. Its density has no slope,
 * so it is searched, as by "cma-es". As in the Python toolkit's diabetes example.
 */
export class FixedArea extends Policy {
  /** The log-odds of each side's place, [numbers]. */
  readonly place: Parameter;

  /**
   * A box in a box.
   * @param ranges the behaviour policy's actions, [low, high] for each number
   * @param shrink how many times shorter each side of the box is, at least 1
   */
  constructor(readonly ranges: readonly (readonly [number, number])[], readonly shrink: readonly number[]) {
    super();
    checkArgument("make a box of actions", "ranges", ranges, rangesKind);
    checkArgument("make a box of actions", "shrink", shrink, {
      type: "object",
      wanted: `${ranges.length} numbers of at least 1`,
      holds: (value) => Array.isArray(value) && value.length === ranges.length && value.every((times) => times >= 1),
    });
    this.place = new Parameter([ranges.length], constant(0));
  }

  /** The behaviour policy's box, and how much smaller this one is. */
  fileSettings(): Readonly<Record<string, unknown>> {
    return { ranges: this.ranges, shrink: this.shrink };
  }

  /** The least and greatest number of each part of an action. */
  get box(): [number, number][] {
    const places = noGrad(() => this.place.cast("float64").sigmoid()).data;
    return this.ranges.map(([low, high], j) => {
      const side = (high - low) / this.shrink[j], start = low + places[j] * (high - low - side);
      return [start, start + side];
    });
  }

  /** 1 / area in the box, 0 outside. */
  override probability({ actions }: Steps): Tensor {
    const { box } = this, [n, width = 1] = actions.shape, { data } = actions, density = 1 / areaOf(box);
    if (width !== box.length) throw new RangeError(`Cannot use actions of ${width} numbers: the box has ${box.length}`);
    const inside = (i: number) => box.every(([low, high], j) => data[i * width + j] >= low && data[i * width + j] <= high);
    return Tensor.from(Float64Array.from({ length: n }, (_, i) => inside(i) ? density : 0));
  }

  /** Draws an action for each observation. */
  override choose({ shape: [n] }: Tensor, uniform: (i: number, j: number) => number): Choice {
    const { box } = this, actions = new Float64Array(n * box.length);
    for (let i = 0; i < n; i++) {
      box.forEach(([low, high], j) => actions[i * box.length + j] = low + uniform(i, j) * (high - low));
    }
    return { actions, probabilities: new Float64Array(n).fill(1 / areaOf(box)) };
  }
}

function areaOf(box: readonly (readonly [number, number])[]): number {
  return box.reduce((area, [low, high]) => area * (high - low), 1);
}
