import { sameBits } from "./agreement.ts";
import type { Leaf } from "./entries.ts";
import { requireResult } from "./graph.ts";
import { contiguousData, copyInto, isContiguous, type NdArray } from "./ndarray.ts";
import { callable, checkArgument, shown } from "./options.ts";
import { requireTensors } from "./primitive.ts";
import { Recordings } from "./recordings.ts";
import { here, isRemote } from "./remote_array.ts";
import { runningStep } from "./running_step.ts";
import { recordTape } from "./record_tape.ts";
import { recording } from "./recorder.ts";
import type { Tape } from "./tape.ts";
import { Tensor } from "./tensor.ts";
import { ownCopy } from "./views.ts";

/** The result of a recorded function. */
export type Recordable = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>;

/** Functions with inputs of more kinds of shapes run as ever for the others. */
const mostShapes = 8;

/** Memory for the recordings of one kind of shapes. */
const recordedBytes = 2 ** 23;

/**
 * The same function, faster if it is called often and its tensors are small, as in a training step: its operations are recorded
 * and replayed on arrays that stay, without tensors, shapes and a walk through the graph. The results have the same bits.
 *
 * Each kind of shapes is recorded twice, and replayed if both recordings agree. Replays 1, 4, 16, …, 1024, 2048, 3072, … are compared
 * with the function, bit by bit. A function that reads numbers, draws random ones, writes to tensors or takes other operations from
 * call to call runs as ever, as does any function of transposed views; {@link decided} lets it choose by numbers. It must have no
 * other effect, because it is not called at each call: take the optimiser's step outside.
 *
 * @example
 * ```ts
 * import { autodiff, nn, optim, tensor } from "@seldonian/kit";
 * const model = nn.initialize(new nn.Sequential(new nn.Linear(2, 1), new nn.Sigmoid()), 0);
 * const optimizer = optim.adam(model, { lr: 0.01 });
 * const step = autodiff.recorded((x, y) => {
 *   const loss = nn.logLoss(model.forward(x), y);
 *   loss.backward();
 *   return loss;
 * });
 * for (let i = 0; i < 100; i++) {
 *   step(tensor([[1, 2], [3, -4]]), tensor([0, 1]));
 *   optimizer.step();
 *   optimizer.zeroGrad();
 * }
 * ```
 * @param compute gets the inputs as constants, and returns a tensor, or a list or record of tensors; gradients that its backward
 *   passes leave in parameters are an effect that a replay has too
 * @returns the function; its results are outside the graph
 * @throws {RangeError} from a call that a check finds to compute otherwise than earlier calls, with the operation
 */
export function recorded<R extends Recordable>(compute: (...inputs: Tensor[]) => R): (...inputs: Tensor[]) => R {
  checkArgument("record a function", "the function", compute, callable);
  const calls = new Map<string, Calls<R>>();
  return (...inputs) => {
    requireTensors("call a recorded function with", ...inputs);
    const results = () => requireResult(compute(...inputs.map((input) => input.detach())), "recorded()"),
      plainly = () => copied(results());
    // A copy would be a constant of the recording.
    if (recording() !== null) return eachOf(results(), (tensor) => tensor.detach());
    // The results of a running step are gone at its end. The order of numbers in memory decides the last bits of some sums.
    if (runningStep() !== null || inputs.some(({ array }) => isRemote(array) || !isContiguous(array))) return plainly();
    const shapes = inputs.map(({ dtype, shape }) => `${dtype} ${shape}`).join();
    let own = calls.get(shapes);
    if (own === undefined && calls.size < mostShapes) calls.set(shapes, own = new Calls(compute));
    return own === undefined ? plainly() : own.call(inputs, plainly);
  };
}

/** A recorded call: replaying it refills the results. */
interface RecordedCall<R> {
  tape: Tape;
  results: R;
}

/** Calls with inputs of the same shapes. */
class Calls<R extends Recordable> {
  /** The arrays from which replays read the inputs: in the lists' memory, if there is room. */
  #inputs: readonly Tensor[] = [];
  readonly #recordings = new Recordings<RecordedCall<R>>(recordedBytes);
  #called = false;

  constructor(readonly compute: (...inputs: Tensor[]) => R) {}

  call(inputs: readonly Tensor[], plainly: () => R): R {
    const recordings = this.#recordings;
    if (recordings.off || !this.#called) {
      this.#called = true;
      return plainly();
    }
    if (this.#inputs.length === 0) {
      const { room: own } = recordings, room = ({ dtype, shape }: Tensor) => own?.array(dtype, shape) ?? null;
      this.#inputs = inputs.map((input) => new Tensor(room(input) ?? ownCopy(input.array)));
    }
    inputs.forEach((input, i) => here(this.#inputs[i].array).data.set(contiguousData(here(input.array))));
    const before = recordings.checksNext ? new Gradients(recordings.replayable) : null;
    const found = recordings.replayed();
    if (found === null) return copied(this.#record());
    if (before === null) return copied(found.results);
    before.restore();
    return copied(this.#check(found));
  }

  #record(): R {
    const { results, tape } = this.#run();
    this.#recordings.take(typeof tape === "string" || tape.decidesLate ? null : { tape, results });
    return results;
  }

  /** Runs and records the function. @returns the recording, or why there is none */
  #run(): { results: R; tape: Tape | string } {
    const [known] = this.#recordings.all;
    const before = known === undefined ? [] : [...known.tape.sources].map((data) => [data, data.slice()] as const);
    let results: R;
    const tape = recordTape(null, (endPart) => {
      results = requireResult(this.compute(...this.#inputs.map((input) => input.detach())), "recorded()");
      endPart();
      return (results instanceof Tensor ? [results] : Object.values(results)).filter((one) => one instanceof Tensor);
    }, this.#recordings.room);
    // A write to bare arrays, as to flat parameters, is seen by nobody else.
    const written = before.some(([data, copy]) => !sameBits(data, copy));
    return { results: results!, tape: written ? "it writes to arrays" : tape };
  }

  /** Compares the last replay with the function. */
  #check({ tape }: RecordedCall<R>): R {
    const { results, tape: now } = this.#run();
    const difference = typeof now === "string" ? now : tape.difference(now);
    if (difference === null) return results;
    // Nobody has seen the first replay.
    if (!this.#recordings.isFirst) throw changed(difference);
    this.#recordings.stop();
    return results;
  }
}

function changed(difference: string): RangeError {
  return new RangeError(
    `Cannot replay a recorded function: it computes otherwise than in earlier calls (${difference}), for a reason that no tensor ` +
      "shows, such as a variable that changes; make it a function of its inputs and parameters, or call it without recorded()",
  );
}

/** The gradients of recordings' leaves, before a replay adds to them. */
class Gradients {
  readonly #kept: readonly { leaf: Leaf; grad: Leaf["grad"]; numbers: NdArray | null }[];

  constructor(recordings: readonly { tape: Tape }[]) {
    const leaves = new Set(recordings.flatMap(({ tape }) => [...tape.leaves]));
    this.#kept = [...leaves].map((leaf) => ({ leaf, grad: leaf.grad, numbers: leaf.grad && ownCopy(here(leaf.grad.array)) }));
  }

  restore(): void {
    for (const { leaf, grad, numbers } of this.#kept) {
      leaf.grad = grad;
      if (grad !== null) copyInto(here(grad.array), numbers!);
    }
  }
}

/** Copies of the tensors of a result. */
function copied<R extends Recordable>(results: R): R {
  return eachOf(results, ({ array }) => new Tensor(ownCopy(array)));
}

/** A result of other tensors. */
function eachOf<R extends Recordable>(results: R, made: (tensor: Tensor) => Tensor): R {
  if (results instanceof Tensor) return made(results) as R;
  const tensors = typeof results === "object" && results !== null ? Object.entries(results) : [];
  if (tensors.length === 0 || !tensors.every(([, tensor]) => tensor instanceof Tensor)) {
    throw new TypeError(
      `Cannot record a function that returns ${shown(results)}: wanted a tensor, or a list or record of tensors`,
    );
  }
  const others = tensors.map(([name, tensor]) => [name, made(tensor as Tensor)] as const);
  return (Array.isArray(results) ? others.map(([, other]) => other) : Object.fromEntries(others)) as R;
}
