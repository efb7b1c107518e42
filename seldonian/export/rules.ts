/** How operations of several nodes are written. @module */
import type { Pooling2d } from "../../autodiff/device.ts";
import type { DecisionTree } from "../../nn/trees/decision_tree.ts";
import { type Graph, type Node, trees, type Type } from "./graph.ts";
import { type Length, sum } from "./lengths.ts";

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
export type Rule = (call: Call) => string;

/** A number in the result's element type. */
export function number({ graph, type }: Call, value: number): string {
  return graph.constant(type, [value], []);
}

/** A length that does not follow the rows. @throws {RangeError} for one that does */
export function fixed(what: string, length: Length, { name }: Call): number {
  if (typeof length === "number") return length;
  throw new RangeError(`Cannot export the operation ${name}: ${what} is that of the rows; wanted a fixed one`);
}

/** A convolution. */
export function convolved({ graph, x, options: { stride, padding: [rows, columns], groups = 1, filter } }: Call): string {
  const pads = [rows, columns, rows, columns], kernel = filter.slice(2);
  return graph.add("Conv", x, { strides: stride, pads, group: groups, kernel_shape: kernel });
}

/** The greatest element of each window of images of this shape; the last windows may reach beyond their edges. */
export function pooled(call: Call, x: string, { kernel, stride, padding, shape }: Pooling2d, image: readonly Length[]): string {
  const after = padding.map((before, i) => {
    const [count, length] = [shape, image].map((lengths) => fixed("the image", lengths[2 + i], call));
    return Math.max(before, (count - 1) * stride[i] + kernel[i] - length - before);
  });
  return call.graph.add("MaxPool", [x], { kernel_shape: kernel, strides: stride, pads: [...padding, ...after] });
}

/** (x - mean) / √(variance + epsilon) · weight + bias, with the given moments or those of x. */
export function standardized(call: Call): string {
  const { graph, x: [x, moments, weight, bias], inputs, options: { axes, epsilon, own }, type } = call;
  const add = (operator: string, ...given: string[]) => graph.add(operator, given);
  let centred: string, variance: string;
  if (own) {
    centred = add("Sub", x, graph.add("ReduceMean", [x], { axes }));
    variance = graph.add("ReduceMean", [add("Mul", centred, centred)], { axes });
  } else {
    const shape = inputs[0].shape.map((length, axis) => axes.includes(axis) ? 1 : fixed("a group", length, call));
    const row = (k: number) => graph.reshape(graph.slice(graph.cast(moments, type), 0, k, k + 1), shape);
    centred = add("Sub", x, row(0));
    variance = row(1);
  }
  const deviation = add("Sqrt", add("Add", variance, number(call, epsilon)));
  return add("Add", add("Mul", add("Div", centred, deviation), weight), bias);
}

/** Zeros with x in a range of an axis. */
export function widened(call: Call): string {
  const { graph, x: [x], inputs: [{ shape }], options: { axis, start, step, whole } } = call, length = shape[axis];
  let wide = x, end = length;
  if (step > 1) {
    // A new last axis with zeros after each element, then what is left of the last element's.
    const count = fixed("the axis", length, call), after = shape.slice(axis + 1);
    const zeros = [...shape.slice(0, axis + 1).flatMap(() => 0), 0, ...after.flatMap(() => 0)];
    const pads = [...zeros, ...zeros.toSpliced(axis + 1, 1, step - 1)];
    const apart = graph.add("Pad", [graph.reshape(x, [...shape.slice(0, axis + 1), 1, ...after]), graph.constant("int64", pads)]);
    wide = graph.slice(graph.reshape(apart, shape.with(axis, count * step)), axis, 0, end = (count - 1) * step + 1);
  }
  const none = shape.map((): Length => 0), rest = sum(whole, sum(end, start), -1);
  if (start === 0 && rest === 0) return wide;
  return graph.add("Pad", [wide, graph.lengths([...none.with(axis, start), ...none.with(axis, rest)])]);
}

/** z[i] = a[i] z[i - 1] + b[i], written element by element. */
export function recurring(call: Call): string {
  const { graph, x: [a, b], options: { axis, reverse }, shape } = call, length = fixed("the axis", shape[axis], call);
  const at = (x: string, i: number) => graph.slice(x, axis, i, i + 1), found: string[] = [];
  for (let k = 0; k < length; k++) {
    const i = reverse ? length - 1 - k : k, last = found[reverse ? i + 1 : i - 1];
    found[i] = last === undefined ? at(b, i) : graph.add("Add", [graph.add("Mul", [at(a, i), last]), at(b, i)]);
  }
  return graph.add("Concat", found, { axis });
}

/** The places of the first elements in order. Only what `sort` makes of them has a counterpart: the elements, and their places. */
export function sorted({ graph, x: [x], options: { axis, descending, count }, left }: Call): string {
  const values = graph.name(), places = graph.name();
  graph.add("TopK", [x, graph.constant("int64", [count])], { axis, largest: +descending, sorted: 1 }, undefined, [
    values,
    places,
  ]);
  left.set(places, { values, of: x, axis: `${axis}` });
  return places;
}

/** Elements at row-major positions. */
export function picked({ graph, x: [x, positions], left, shape }: Call): string {
  const order = left.get(positions);
  if (order !== undefined) {
    return order.of === x ? order.values : graph.add("GatherElements", [x, positions], { axis: Number(order.axis) });
  }
  return graph.reshape(graph.add("Gather", [graph.reshape(x, [-1]), positions]), shape);
}

/** A triangle of the last two axes. */
export function triangle(call: Call): string {
  const { graph, x: [x], options: { offset, left }, shape } = call;
  const [n, m] = shape.slice(-2).map((length) => fixed("a matrix", length, call));
  const mask = Array.from({ length: n * m }, (_, i) => +(i % m < Math.floor(i / m) + offset === left));
  return graph.add("Where", [graph.constant("bool", mask, [n, m]), x, number(call, 0)]);
}

/** The number of each row's leaf: a regression tree that predicts it. */
export function leaf({ graph, x: [x], options, shape }: Call): string {
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
