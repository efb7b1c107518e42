/** Operators of ONNX for the primitives of `autodiff`, by the primitives' names. @module */
import { keptShape } from "../../autodiff/axes.ts";
import type { Pooling2d } from "../../autodiff/device.ts";
import type { DecisionTree } from "../../nn/trees/decision_tree.ts";
import { type Graph, longer, type Node, OfRows, trees, type Type } from "./graph.ts";
import type { Length } from "./lengths.ts";

/** An operation to write. */
export interface Call {
  graph: Graph;
  name: string;
  /** Names of its inputs. */
  x: readonly string[];
  inputs: readonly Node[];
  // deno-lint-ignore no-explicit-any
  options: any;
  /** Of its result. */
  shape: readonly Length[];
  type: Type;
  /** What an operation leaves for a later one, by the name of its result. */
  left: Map<string, Readonly<Record<string, string>>>;
}

/** Writes an operation; returns the name of its result. */
type Rule = (call: Call) => string;

/** A number in the result's element type. */
function number({ graph, type }: Call, value: number): string {
  return graph.constant(type, [value], []);
}

/** An operator of the same inputs. */
function same(operator: string, attributes: Record<string, number> = {}): Rule {
  return ({ graph, x }) => graph.add(operator, x, attributes);
}

/** One without a kernel for float64 in the usual runtimes, which is computed in float32 there. */
function single(operator: Rule): Rule {
  return (call) => {
    if (call.type !== "float64") return operator(call);
    const { graph } = call;
    return graph.cast(operator({ ...call, type: "float32", x: call.x.map((name) => graph.cast(name, "float32")) }), "float64");
  };
}

/** An operator for numbers with a fraction: whole numbers stay. */
function rounding(operator: string): Rule {
  return ({ graph, x, type }) => graph.add(type === "int32" ? "Identity" : operator, x);
}

function comparison(operator: string): Rule {
  return ({ graph, x, type }) => graph.cast(graph.add(operator, x), type);
}

function reduction(operator: string): Rule {
  return ({ graph, x, options: { axes, keepDims } }) =>
    axes.length === 0 ? x[0] : graph.add(operator, x, { axes, keepdims: +keepDims });
}

/** ReduceSum has its axes as an input. */
function sum({ graph, x: [x], options: { axes, keepDims } }: Call): string {
  return axes.length === 0 ? x : graph.add("ReduceSum", [x, graph.constant("int64", axes)], { keepdims: +keepDims });
}

/** A quotient of a sum by a number that may follow the rows. */
function divided({ graph, type }: Call, x: string, divisor: Length): string {
  return graph.add("Div", [x, graph.cast(graph.lengths([divisor]), type)]);
}

function fixed(what: string, length: Length, { name }: Call): number {
  if (typeof length === "number") return length;
  throw new RangeError(`Cannot export the operation ${name}: ${what} is that of the rows; wanted a fixed one`);
}

function convolved({ graph, x, options: { stride, padding: [rows, columns], groups = 1, filter } }: Call): string {
  const pads = [rows, columns, rows, columns], kernel = filter.slice(2);
  return graph.add("Conv", x, { strides: stride, pads, group: groups, kernel_shape: kernel });
}

function pooled({ graph }: Call, x: string, { kernel, stride, padding: [rows, columns] }: Pooling2d): string {
  return graph.add("MaxPool", [x], { kernel_shape: kernel, strides: stride, pads: [rows, columns, rows, columns] });
}

/** (x - mean) / √(variance + epsilon) · weight + bias, with the given moments or those of x. */
function standardized(call: Call): string {
  const { graph, x: [x, moments, weight, bias], inputs, options: { axes, epsilon, own }, type } = call;
  const add = (operator: string, ...given: string[]) => graph.add(operator, given);
  let centred: string, variance: string;
  if (own) {
    centred = add("Sub", x, graph.add("ReduceMean", [x], { axes }));
    variance = graph.add("ReduceMean", [add("Mul", centred, centred)], { axes });
  } else {
    const shape = keptShape(
      inputs[0].shape.map((length, axis) => axes.includes(axis) ? 1 : fixed("a group", length, call)),
      axes,
    );
    const row = (k: number) => graph.reshape(graph.slice(graph.cast(moments, type), 0, k, k + 1), shape);
    centred = add("Sub", x, row(0));
    variance = row(1);
  }
  const deviation = add("Sqrt", add("Add", variance, number(call, epsilon)));
  return add("Add", add("Mul", add("Div", centred, deviation), weight), bias);
}

/** Zeros with x in a range of an axis. */
function widened(call: Call): string {
  const { graph, x: [x], inputs: [{ shape }], options: { axis, start, step, whole } } = call, length = shape[axis];
  let wide = x, end = longer(length, 0);
  if (step > 1) {
    // A new last axis with zeros after each element, then what is left of the last element's.
    const count = fixed("the axis", length, call), after = shape.slice(axis + 1);
    const zeros = [...shape.slice(0, axis + 1).flatMap(() => 0), 0, ...after.flatMap(() => 0)];
    const pads = [...zeros, ...zeros.toSpliced(axis + 1, 1, step - 1)];
    const apart = graph.add("Pad", [graph.reshape(x, [...shape.slice(0, axis + 1), 1, ...after]), graph.constant("int64", pads)]);
    wide = graph.slice(graph.reshape(apart, shape.with(axis, count * step)), axis, 0, end = (count - 1) * step + 1);
  }
  const none = shape.map((): Length => 0), rest = minus(whole, longer(end, fixed("the start", start, call)));
  if (start === 0 && rest === 0) return wide;
  return graph.add("Pad", [wide, graph.lengths([...none.with(axis, start), ...none.with(axis, rest)])]);
}

function minus(a: Length, b: Length): Length {
  if (typeof b === "number") return longer(a, -b);
  const { times, plus } = typeof a === "number" ? new OfRows(0, a) : a, less = new OfRows(times - b.times, plus - b.plus);
  return less.times === 0 ? less.plus : less;
}

/** z[i] = a[i] z[i - 1] + b[i], written element by element. */
function recurring(call: Call): string {
  const { graph, x: [a, b], options: { axis, reverse }, shape } = call, length = fixed("the axis", shape[axis], call);
  const at = (x: string, i: number) => graph.slice(x, axis, i, i + 1), found: string[] = [];
  for (let k = 0; k < length; k++) {
    const i = reverse ? length - 1 - k : k, last = found[reverse ? i + 1 : i - 1];
    found[i] = last === undefined ? at(b, i) : graph.add("Add", [graph.add("Mul", [at(a, i), last]), at(b, i)]);
  }
  return graph.add("Concat", found, { axis });
}

/** The places of the first elements in order. Only what `sort` makes of them has a counterpart: the elements, and their places. */
function sorted({ graph, x: [x], options: { axis, descending, count }, left }: Call): string {
  const values = graph.name(), places = graph.name();
  graph.add("TopK", [x, graph.constant("int64", [count])], { axis, largest: +descending, sorted: 1 }, undefined, [
    values,
    places,
  ]);
  left.set(places, { values, of: x, axis: `${axis}` });
  return places;
}

/** Elements at row-major positions. */
function picked({ graph, x: [x, positions], left, shape }: Call): string {
  const order = left.get(positions);
  if (order !== undefined) {
    return order.of === x ? order.values : graph.add("GatherElements", [x, positions], { axis: Number(order.axis) });
  }
  return graph.reshape(graph.add("Gather", [graph.reshape(x, [-1]), positions]), shape);
}

/** A triangle of the last two axes. */
function triangle(call: Call): string {
  const { graph, x: [x], options: { offset, left }, shape } = call;
  const [n, m] = shape.slice(-2).map((length) => fixed("a matrix", length, call));
  const mask = Array.from({ length: n * m }, (_, i) => +(i % m < Math.floor(i / m) + offset === left));
  return graph.add("Where", [graph.constant("bool", mask, [n, m]), x, number(call, 0)]);
}

/** The number of each row's leaf: a regression tree that predicts it. */
function leaf({ graph, x: [x], options, shape }: Call): string {
  const tree = options as DecisionTree, data = (name: "feature" | "threshold" | "left" | "right") => [...tree[name].data];
  const [feature, left, right] = [data("feature"), data("left"), data("right")];
  const nodes = feature.map((_, node) => node), isLeaf = feature.map((column) => column < 0), none = nodes.map(() => 0);
  const leaves = nodes.filter((node) => isLeaf[node]), ofLeaves = leaves.map(() => 0);
  const found = graph.add("TreeEnsembleRegressor", [x], {
    n_targets: 1,
    nodes_treeids: none,
    nodes_nodeids: nodes,
    nodes_featureids: feature.map((column) => Math.max(0, column)),
    nodes_modes: isLeaf.map((is) => is ? "LEAF" : "BRANCH_LEQ"),
    nodes_values: { floats: data("threshold") },
    nodes_truenodeids: left.map((node, i) => isLeaf[i] ? 0 : node),
    nodes_falsenodeids: right.map((node, i) => isLeaf[i] ? 0 : node),
    target_treeids: ofLeaves,
    target_nodeids: leaves,
    target_ids: ofLeaves,
    target_weights: { floats: leaves.map((node) => left[node]) },
  }, trees);
  return graph.reshape(graph.cast(found, "int32"), shape);
}

/** Whole numbers for an operator that takes indices. */
function indices({ graph, inputs }: Call, place: number): string {
  return inputs[place].type.startsWith("float") ? graph.cast(inputs[place].name, "int64") : inputs[place].name;
}

/** Every operation that a model can have, by its primitive's name. */
export const operators: Readonly<Record<string, Rule>> = {
  neg: same("Neg"),
  exp: same("Exp"),
  log: same("Log"),
  sqrt: same("Sqrt"),
  root: same("Sqrt"),
  abs: same("Abs"),
  sign: same("Sign"),
  relu: same("Relu"),
  sigmoid: same("Sigmoid"),
  tanh: same("Tanh"),
  softplus: single(same("Softplus")),
  sin: single(same("Sin")),
  cos: single(same("Cos")),
  floor: rounding("Floor"),
  ceil: rounding("Ceil"),
  round: rounding("Round"),
  normalCdf: single((call) => {
    const { graph, x: [x] } = call, erf = graph.add("Erf", [graph.add("Mul", [x, number(call, Math.SQRT1_2)])]);
    return graph.add("Mul", [graph.add("Add", [erf, number(call, 1)]), number(call, 0.5)]);
  }),
  cast: ({ graph, x: [x], type }) => graph.cast(x, type),

  add: same("Add"),
  sub: same("Sub"),
  mul: same("Mul"),
  div: same("Div"),
  pow: same("Pow"),
  maximum: same("Max"),
  minimum: same("Min"),
  equal: comparison("Equal"),
  notEqual: ({ graph, x, type }) => graph.cast(graph.add("Not", [graph.add("Equal", x)]), type),
  less: comparison("Less"),
  lessEqual: comparison("LessOrEqual"),
  greater: comparison("Greater"),
  greaterEqual: comparison("GreaterOrEqual"),
  weightedSum: (call) => {
    const { graph, x, options: { weights, constant } } = call;
    const terms = x.map((name, i) => weights[i] === 1 ? name : graph.add("Mul", [name, number(call, weights[i])]));
    return graph.add("Sum", constant === 0 ? terms : [...terms, number(call, constant)]);
  },
  where: ({ graph, x: [x, y, condition] }) => graph.add("Where", [graph.cast(condition, "bool"), x, y]),
  leakyRelu: (call) => {
    const { graph, x: [x, y, slope] } = call;
    return graph.add("Where", [graph.add("Greater", [y, number(call, 0)]), x, graph.add("Mul", [slope, x])]);
  },

  sum,
  max: reduction("ReduceMax"),
  min: reduction("ReduceMin"),
  mean: (call) => divided(call, sum(call), call.options.divisor),
  variance: (call) => {
    const { graph, x: [x], options: { axes, divisor } } = call;
    const centred = axes.length === 0 ? x : graph.add("Sub", [x, graph.add("ReduceMean", [x], { axes })]);
    return divided(call, sum({ ...call, x: [graph.add("Mul", [centred, centred])] }), divisor);
  },
  squares: (call) =>
    sum({ ...call, x: [call.graph.add("Mul", [call.x[0], call.x[0]])], options: { axes: call.options, keepDims: true } }),
  logSumExp: ({ graph, x, options: axis }) => graph.add("ReduceLogSumExp", x, { axes: [axis], keepdims: 1 }),
  softmax: ({ graph, x, options: axis }) => graph.add("Softmax", x, { axis }),
  logSoftmax: ({ graph, x, options: axis }) => graph.add("LogSoftmax", x, { axis }),
  argmax: ({ graph, x, options: { axis, sign } }) =>
    graph.cast(graph.add(sign > 0 ? "ArgMax" : "ArgMin", x, { axis, keepdims: 1 }), "int32"),
  cumsum: ({ graph, x: [x], options: { axis, reverse } }) =>
    graph.add("CumSum", [x, graph.constant("int64", [axis], [])], { reverse: +reverse }),
  recurrence: recurring,
  sort: sorted,
  place: ({ graph, x: [x] }) => graph.cast(x, "int32"),
  pick: picked,

  transpose: ({ graph, x, options: perm }) => perm.length === 0 ? x[0] : graph.add("Transpose", x, { perm }),
  reshape: ({ graph, x: [x], shape }) => graph.reshape(x, shape),
  squeeze: ({ graph, x: [x], shape }) => graph.reshape(x, shape),
  broadcastTo: ({ graph, x: [x], shape }) => graph.add("Expand", [x, graph.lengths(shape)]),
  slice: (call) => {
    const { graph, x: [x], options: { axis, start, length, step, whole } } = call;
    if (step === 1) return graph.slice(x, axis, start, plus(start, length));
    const end = fixed("the range", start, call) + step * fixed("the range", length, call);
    return graph.slice(x, axis, start, typeof whole === "number" ? Math.min(end, whole) : end, step);
  },
  unslice: widened,
  concatenate: ({ graph, x, options: axis }) => graph.add("Concat", x, { axis }),
  flip: ({ graph, x: [x], options: axes }) => {
    if (axes.length === 0) return x;
    const each = (value: number | bigint) => graph.constant("int64", axes.map(() => value));
    return graph.add("Slice", [x, each(-1), each(-(2n ** 63n)), graph.constant("int64", axes), each(-1)]);
  },
  triangle,

  matmul: same("MatMul"),
  conv2d: single(convolved),
  conv2dPooled: single((call) => {
    const { graph, options: { convolution, pooling } } = call;
    const found = pooled(call, convolved({ ...call, options: convolution }), pooling);
    return pooling.relu ? graph.add("Relu", [found]) : found;
  }),
  maxPool2d: single((call) => pooled(call, call.x[0], call.options)),
  // Written where the numbers are standardised: there the axes are known.
  moments: ({ x: [x] }) => x,
  standardize: standardized,

  take: (call) => call.graph.add("Gather", [call.x[0], indices(call, 1)], { axis: call.options }),
  gather: (call) => call.graph.add("GatherElements", [call.x[0], indices(call, 1)], { axis: call.options }),
  oneHot: (call) => {
    const { graph, options: classes, shape } = call, column = graph.reshape(graph.cast(call.x[0], "int64"), shape.with(-1, 1));
    return graph.cast(
      graph.add("Equal", [column, graph.constant("int64", Array.from({ length: classes }, (_, k) => k))]),
      "float32",
    );
  },
  leafOf: leaf,
};

function plus(a: Length, b: Length): Length {
  if (typeof b === "number") return longer(a, b);
  return typeof a === "number" ? longer(b, a) : new OfRows(a.times + b.times, a.plus + b.plus);
}
