/** Operators of ONNX for the primitives of `autodiff`, by the primitives' names. @module */
import { type Length, sum } from "./lengths.ts";
import {
  type Call,
  convolved,
  fixed,
  leaf,
  number,
  picked,
  pooled,
  recurring,
  type Rule,
  sorted,
  standardized,
  triangle,
  widened,
} from "./rules.ts";

/** An operator of the same inputs. */
function same(operator: string): Rule {
  return ({ graph, x }) => graph.add(operator, x);
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
function summed({ graph, x: [x], options: { axes, keepDims } }: Call): string {
  return axes.length === 0 ? x : graph.add("ReduceSum", [x, graph.constant("int64", axes)], { keepdims: +keepDims });
}

/** A quotient of a sum by a number that may follow the rows. */
function divided({ graph, type }: Call, x: string, divisor: Length): string {
  return graph.add("Div", [x, graph.cast(graph.lengths([divisor]), type)]);
}

/** Whole numbers for an operator that takes indices as its second input. */
function indices({ graph, inputs: [, { name, type }] }: Call): string {
  return type.startsWith("float") ? graph.cast(name, "int64") : name;
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
  silu: ({ graph, x: [x] }) => graph.add("Mul", [x, graph.add("Sigmoid", [x])]),
  gelu: (call) => call.graph.add("Mul", [call.x[0], operators.normalCdf(call)]),
  geluByTanh: (call) => {
    const { graph, x: [x] } = call, square = graph.add("Mul", [graph.add("Mul", [x, x]), number(call, 0.044715)]);
    const u = graph.add("Mul", [graph.add("Add", [square, number(call, 1)]), number(call, Math.sqrt(8 / Math.PI))]);
    return graph.add("Mul", [x, graph.add("Sigmoid", [graph.add("Mul", [x, u])])]);
  },
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

  sum: summed,
  max: reduction("ReduceMax"),
  min: reduction("ReduceMin"),
  mean: (call) => divided(call, summed(call), call.options.divisor),
  variance: (call) => {
    const { graph, x: [x], options: { axes, divisor } } = call;
    const centred = axes.length === 0 ? x : graph.add("Sub", [x, graph.add("ReduceMean", [x], { axes })]);
    return divided(call, summed({ ...call, x: [graph.add("Mul", [centred, centred])] }), divisor);
  },
  squares: (call) =>
    summed({ ...call, x: [call.graph.add("Mul", [call.x[0], call.x[0]])], options: { axes: call.options, keepDims: true } }),
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
    if (step === 1) return graph.slice(x, axis, start, sum(start, length));
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
  roll: ({ graph, x: [x], options: { axis, first, rest } }) =>
    graph.add("Concat", [graph.slice(x, axis, rest, sum(rest, first)), graph.slice(x, axis, 0, rest)], { axis }),
  triangle,

  matmul: same("MatMul"),
  conv2d: single(convolved),
  conv2dPooled: single((call) => {
    const { graph, options: { convolution, pooling } } = call;
    const found = pooled(call, convolved({ ...call, options: convolution }), pooling, convolution.output);
    return pooling.relu ? graph.add("Relu", [found]) : found;
  }),
  maxPool2d: single((call) => pooled(call, call.x[0], call.options, call.inputs[0].shape)),
  // Written where the numbers are standardised: there the axes are known.
  moments: ({ x: [x] }) => x,
  standardize: standardized,

  take: (call) => call.graph.add("Gather", [call.x[0], indices(call)], { axis: call.options }),
  gather: (call) => call.graph.add("GatherElements", [call.x[0], indices(call)], { axis: call.options }),
  oneHot: (call) => {
    const { graph, options: classes, shape } = call, column = graph.reshape(graph.cast(call.x[0], "int64"), shape.with(-1, 1));
    return graph.cast(
      graph.add("Equal", [column, graph.constant("int64", Array.from({ length: classes }, (_, k) => k))]),
      "float32",
    );
  },
  leafOf: leaf,
};
