/**
 * The language of the programs: calls of operations, as `sum(mul(x, y), axes=[0], keepDims=True)`. It is a subset of Python, so
 * `torch_kit.py` reads it with Python's parser.
 */

/** A program as a tree. */
export type Expression =
  | number
  | { name: string }
  | { text: string }
  | { list: Expression[] }
  | { call: string; positional: Expression[]; named: [string, Expression][] };

/** The meaning of names: a value, or the text of an expression that is evaluated at each use. */
export type Scope = Record<string, unknown>;

/** Functions by name; named arguments come last, as an object. */
// deno-lint-ignore no-explicit-any
export type Operations = Record<string, (...operands: any[]) => unknown>;

const constants: Scope = { True: true, False: false, None: null, nan: NaN, inf: Infinity };

/** Reads a program. @throws {SyntaxError} if the text is not a program */
export function parse(text: string): Expression {
  const tokens = text.match(/[A-Za-z]\w*|\d[\d.]*(e[-+]?\d+)?|'[^']*'|\S/g) ?? [];
  const expected = (what: string) => new SyntaxError(`Cannot read ${text}: wanted ${what}, found ${tokens[0] ?? "the end"}`);
  const accept = (token: string) => tokens[0] === token && tokens.shift() !== undefined;
  const until = (end: string, item: () => void) => {
    while (!accept(end)) {
      item();
      if (tokens[0] !== end && !accept(",")) throw expected(`, or ${end}`);
    }
  };
  const expression = (): Expression => {
    const token = tokens.shift() ?? "";
    if (token === "-") return { call: "neg", positional: [expression()], named: [] };
    if (token === "[") {
      const list: Expression[] = [];
      until("]", () => list.push(expression()));
      return { list };
    }
    if (/^\d/.test(token)) return Number(token);
    if (/^'/.test(token)) return { text: token.slice(1, -1) };
    if (!/^[A-Za-z]/.test(token)) throw expected("an expression");
    if (!accept("(")) return { name: token };
    const positional: Expression[] = [], named: [string, Expression][] = [];
    until(")", () => {
      if (tokens[1] !== "=") return positional.push(expression());
      const [name] = tokens.splice(0, 2);
      named.push([name, expression()]);
    });
    return { call: token, positional, named };
  };
  const found = expression();
  if (tokens.length > 0) throw expected("the end");
  return found;
}

/** The meaning of programs. */
export interface Meaning {
  operations: Operations;
  /** The gradient of f by x, for `grad(f, x)` with an x in scope. */
  differentiate(f: (x: unknown) => unknown, x: unknown): unknown;
}

/** The value of a program. @throws {ReferenceError} for an unknown name */
export function evaluate(program: string, scope: Scope, { operations, differentiate }: Meaning): unknown {
  const valueOf = (tree: Expression, names: Scope): unknown => {
    if (typeof tree === "number") return tree;
    if ("text" in tree) return tree.text;
    if ("list" in tree) return tree.list.map((item) => valueOf(item, names));
    if ("name" in tree) {
      const found = tree.name in constants ? constants[tree.name] : names[tree.name];
      if (found === undefined) throw new ReferenceError(`Cannot evaluate ${tree.name}: it is no name in scope`);
      return typeof found === "string" ? valueOf(parse(found), names) : found;
    }
    const { call, positional, named } = tree;
    if (call === "grad") {
      const [f, x] = positional, { name } = x as { name: string };
      return differentiate((value) => valueOf(f, { ...names, [name]: value }), names[name]);
    }
    const operands = positional.map((item) => valueOf(item, names));
    if (call === "neg" && typeof operands[0] === "number") return -operands[0];
    if (operations[call] === undefined) throw new ReferenceError(`Cannot evaluate ${call}(): it is no operation`);
    const options = Object.fromEntries(named.map(([name, value]) => [name, valueOf(value, names)]));
    return operations[call](...operands, ...(named.length > 0 ? [options] : []));
  };
  return valueOf(parse(program), scope);
}

/** Names that a program uses, including those in the definitions of its names. */
export function namesIn(program: string, scope: Scope): Set<string> {
  const found = new Set<string>();
  const visit = (tree: Expression): void => {
    if (typeof tree === "number" || "text" in tree) return;
    if ("list" in tree) return tree.list.forEach(visit);
    if ("call" in tree) return [...tree.positional, ...tree.named.map(([, value]) => value)].forEach(visit);
    if (tree.name in constants) return;
    found.add(tree.name);
    const { [tree.name]: definition } = scope;
    if (typeof definition === "string") visit(parse(definition));
  };
  visit(parse(program));
  return found;
}

/** A whole number from 0 to 65535, the same in Python. */
export function hash(i: number, seed: number): number {
  let h = Math.imul(i, 0x9e3779b1) + Math.imul(seed, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return (h ^ (h >>> 15)) >>> 16;
}

/** `count` numbers between `low` and `high`. Float32 represents them, so both dtypes have the same numbers. */
export function numbers(count: number, seed: number, low = -1, high = 1): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => Math.fround(low + (high - low) * (hash(i, seed) + 0.5) / 65536));
}
