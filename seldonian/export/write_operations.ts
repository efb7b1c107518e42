import { slice, Tensor } from "../../autodiff/mod.ts";
import type { Cell } from "../../autodiff/primitives/cells.ts";
import { zerosArray } from "../../autodiff/ndarray.ts";
import { Graph, type Node, type Type } from "./graph.ts";
import { operators } from "./operators.ts";
import type { Call } from "./rules.ts";
import { type Source, type Traced, traced } from "./trace.ts";

/**
 * Writes traced operations into a graph.
 * @param inputs the values that the trace numbers first
 * @returns the output
 * @throws {RangeError} for an operation without a counterpart in ONNX, with its name
 */
export function writeOperations(graph: Graph, { operations, output }: Traced, inputs: readonly Node[]): Node {
  const values = [...inputs], left: Call["left"] = new Map();
  const valueOf = (source: Source): Node => {
    if (typeof source === "number") return values[source];
    const { array, shape } = source, name = graph.array(array), type = array.dtype as Type;
    return {
      name: shape.every((length) => typeof length === "number") ? name : graph.add("Expand", [name, graph.lengths(shape)]),
      type,
      shape,
    };
  };
  operations.forEach(({ name, inputs: sources, options, shape, dtype }, i) => {
    const given = sources.map(valueOf), type = dtype as Type;
    const call: Call = { graph, name, x: given.map(({ name }) => name), inputs: given, options, shape, type, left };
    const rule = name === "scan" ? scanned : Object.hasOwn(operators, name) ? operators[name] : undefined;
    if (rule === undefined) throw noCounterpart(name, i);
    values.push({ name: rule(call), type, shape });
  });
  return valueOf(output);
}

function noCounterpart(name: string, place: number): RangeError {
  return new RangeError(
    `Cannot export the operation "${name}", the ${
      place + 1
    }. of the model: it has no counterpart in ONNX; wanted operations of ` +
      "tensors, such as x.mul(y), in its place",
  );
}

/** A recurrent cell along a sequence, as ONNX's Scan, whose body is one step of the cell. */
function scanned({ graph, x: [gx, weight, bias, first], inputs, options: { cell, reverse }, shape, type }: Call): string {
  const { states, next } = cell as Cell,
    [, , wide] = inputs[0].shape as number[],
    width = shape[2] as number,
    units = width / states;
  const like = (...lengths: number[]) => new Tensor(zerosArray(type as "float32", lengths));
  // A step is a function of its part of the input, the state, and the two parameters.
  const step = traced(
    (rows) => [like(rows, wide), like(rows, width), like(units, wide), like(wide)],
    ([x, state, turned, bias]) => next(x, slice(state, 1, 0, units).matmul(turned).add(bias), state),
  );
  const body = new Graph(graph), part = (name: string, length: number): Node => ({ name, type, shape: [shape[1], length] });
  const state = part(graph.name(), width), x = part(graph.name(), wide);
  const turned = { name: graph.add("Transpose", [weight], { perm: [1, 0] }), type, shape: [units, wide] };
  const after = writeOperations(body, step, [x, state, turned, { name: bias, type, shape: [wide] }]);
  const kept = part(body.add("Identity", [after.name]), width), found = graph.name(), directions = [+reverse];
  graph.add(
    "Scan",
    [first, gx],
    {
      body: body.message("step", [state, x], [part(after.name, width), kept]),
      num_scan_inputs: 1,
      scan_input_directions: directions,
      scan_output_directions: directions,
    },
    undefined,
    [graph.name(), found],
  );
  return found;
}
