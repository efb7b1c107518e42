import type { Shape } from "../../autodiff/mod.ts";
import { contiguousData, type NdArray } from "../../autodiff/ndarray.ts";
import type { Length } from "./lengths.ts";
import { littleEndian, Message, singles, type Value, varints } from "./protobuf.ts";

/** The element types of tensors, by ONNX's numbers. */
export const types = { float32: 1, int32: 6, int64: 7, string: 8, bool: 9, float64: 11 } as const;

/** The name of an element type. */
export type Type = keyof typeof types;

/** A value of the graph. */
export interface Node {
  name: string;
  type: Type;
  shape: readonly Length[];
}

/** An attribute of a node: whole numbers, texts, a subgraph, or numbers with fractions. */
export type Attribute = number | string | readonly number[] | readonly string[] | Message | { floats: readonly number[] };

/** Attributes by name. */
export type Attributes = Readonly<Record<string, Attribute>>;

/** The versions of operators: 17 is read by every runtime since 2022, and the first with all that the kit needs. */
const opset = 17, treeOpset = 3, format = 8;

/** The domain of trees and of labels. */
export const trees = "ai.onnx.ml";

/** Names that a graph and its subgraphs share. */
class Names {
  #count = 0;

  /** @param taken the inputs' names, which may be anything */
  constructor(readonly taken: ReadonlySet<string>) {}

  next(): string {
    const name = `:${this.#count++}`;
    return this.taken.has(name) ? this.next() : name;
  }
}

/** A graph of ONNX in the making. */
export class Graph {
  readonly #nodes: Message[] = [];
  readonly #constants: Message[] = [];
  readonly #known = new Map<string, string>();
  readonly #stored = new Map<unknown, Map<string, string>>();
  readonly #names: Names;
  /** The value whose first axis has the batch's length. */
  readonly #rows: string;

  /** @param inputs their names, of which the first has an axis of rows; or the graph around this one */
  constructor(inputs: readonly string[] | Graph) {
    this.#names = inputs instanceof Graph ? inputs.#names : new Names(new Set(inputs));
    this.#rows = inputs instanceof Graph ? inputs.#rows : inputs[0];
  }

  /** A name that no value has. */
  name(): string {
    return this.#names.next();
  }

  /** Adds a node. Returns the name of its first output. */
  add(
    operator: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    domain?: string,
    outputs = [this.name()],
  ): string {
    this.#nodes.push(
      new Message(
        [1, inputs],
        [2, outputs],
        [3, `${operator}${outputs[0]}`],
        [4, operator],
        [5, Object.entries(attributes).map(([name, value]) => attributeOf(name, value))],
        [7, domain],
      ),
    );
    return outputs[0];
  }

  /** A constant of these numbers or texts. */
  constant(type: Type, values: readonly (number | bigint | string)[], shape: Shape = [values.length]): string {
    const key = `${type} ${shape} ${values.map((value) => Object.is(value, -0) ? "-0" : value)}`;
    if (type === "string") return this.#constant(type, shape, [6, values as string[]]);
    let found = this.#known.get(key);
    if (found === undefined) {
      const raw = type === "int64"
        ? BigInt64Array.from(values as number[], BigInt)
        : new { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array }[type](values as number[]);
      this.#known.set(key, found = this.#constant(type, shape, [9, littleEndian(raw)]));
    }
    return found;
  }

  /** A constant array; one storage is written once. */
  array(array: NdArray): string {
    const { data, dtype, shape, stride, offset } = array, key = `${shape};${stride};${offset}`;
    if (array.size <= 16) return this.constant(dtype as Type, [...contiguousData(array)], shape);
    if (!this.#stored.has(data)) this.#stored.set(data, new Map());
    const known = this.#stored.get(data)!;
    let found = known.get(key);
    if (found === undefined) {
      known.set(key, found = this.#constant(dtype as Type, shape, [9, littleEndian(contiguousData(array).slice())]));
    }
    return found;
  }

  #constant(type: Type, shape: Shape, values: readonly [number, Value | readonly Value[]]): string {
    const name = this.name();
    this.#constants.push(new Message([1, [...shape]], [2, types[type]], values, [8, name]));
    return name;
  }

  /** Lengths as a vector of int64. */
  lengths(given: readonly Length[]): string {
    if (given.every((length) => typeof length === "number")) return this.constant("int64", given as number[]);
    const each = given.map((length) => {
      if (typeof length === "number") return this.constant("int64", [length]);
      const rows = this.add("Shape", [this.#rows], { start: 0, end: 1 }), { times, plus } = length;
      const many = times === 1 ? rows : this.add("Mul", [rows, this.constant("int64", [times])]);
      return plus === 0 ? many : this.add("Add", [many, this.constant("int64", [plus])]);
    });
    return each.length === 1 ? each[0] : this.add("Concat", each, { axis: 0 });
  }

  /** The same elements in another shape. */
  reshape(x: string, shape: readonly Length[]): string {
    const open = shape.filter((length) => typeof length !== "number");
    const one = open.length === 1 && !shape.includes(0);
    const wanted = one ? shape.map((length) => typeof length === "number" ? length : -1) : shape;
    // 0 is a length, not the input's.
    return this.add("Reshape", [x, this.lengths(wanted)], shape.includes(0) ? { allowzero: 1 } : {});
  }

  /** A range of an axis. */
  slice(x: string, axis: number, from: Length, to: Length, step = 1): string {
    return this.add("Slice", [x, ...[from, to, axis, step].map((length) => this.lengths([length]))]);
  }

  /** A value in another element type. */
  cast(x: string, to: Type): string {
    return this.add("Cast", [x], { to: types[to] });
  }

  /** The graph as a message. */
  message(name: string, inputs: readonly Node[], outputs: readonly Node[]): Message {
    return new Message([1, this.#nodes], [2, name], [5, this.#constants], [11, inputs.map(described)], [
      12,
      outputs.map(described),
    ]);
  }
}

function attributeOf(name: string, value: Attribute): Message {
  const [kind, field, content]: [number, number, Value | readonly Value[]] = typeof value === "number"
    ? [2, 3, value]
    : typeof value === "string"
    ? [3, 4, value]
    : value instanceof Message
    ? [5, 6, value]
    : "floats" in value
    ? [6, 7, singles(value.floats)]
    : typeof value[0] === "string"
    ? [8, 9, value as readonly string[]]
    : [7, 8, varints(value as readonly number[])];
  return new Message([1, name], [field, content], [20, kind]);
}

/** A value's name, element type and shape; lengths that follow the rows by other factors than 1 have no name. */
function described({ name, type, shape }: Node): Message {
  const dims = shape.map((length) =>
    typeof length === "number"
      ? new Message([1, length])
      : new Message([2, length.times === 1 && length.plus === 0 ? "rows" : undefined])
  );
  return new Message([1, name], [2, new Message([1, new Message([1, types[type]], [2, new Message([1, dims])])])]);
}

/** The file of a model. */
export function modelFile(graph: Message, version: string, about: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  return new Message(
    [1, format],
    [2, "seldonian kit"],
    [3, version],
    [7, graph],
    [8, [new Message([2, opset]), new Message([1, trees], [2, treeOpset])]],
    [14, Object.entries(about).map(([key, value]) => new Message([1, key], [2, value]))],
  ).bytes();
}
