/** Expressions of all kinds, and names in quotes of all kinds. */
import { abs, max, measures, min } from "../../../mod.ts";
import { Constant, type Expression } from "../../../seldonian/constraints/expression.ts";
import { fc } from "../../deps.ts";

const { ACC, CM, PR, FPR } = measures;

const leaf: fc.Arbitrary<Expression> = fc.constantFrom(
  ACC,
  PR.given("M"),
  FPR.of(2),
  CM.of(0, 1),
  PR.of(1).given("M", "F"),
  PR.given("age < 25"),
);
const number: fc.Arbitrary<Expression> = fc.constantFrom(0, 0.5, 3, 1e-7, 1e21, -2).map((value) => new Constant(value));
export const { tree } = fc.letrec<{ tree: Expression }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    number,
    fc.tuple(fc.constantFrom("plus", "minus", "times", "over", "toThe"), tie("tree"), tie("tree")).map(([name, x, y]) =>
      // deno-lint-ignore no-explicit-any
      (x as any)[name](y)
    ),
    tie("tree").filter((x) => x.kind !== "constant").map((x) => x.negated()),
    tie("tree").map((x) => abs(x)),
    fc.tuple(tie("tree"), tie("tree")).map(([x, y]) => min(x, y)),
    fc.tuple(tie("tree"), tie("tree"), tie("tree")).map(([x, y, z]) => max(x, y, z)),
  ),
}));

/** A tree without the text positions of its parts. */
export function bare(x: Expression): unknown {
  if (x.kind === "constant") return x.value;
  if (x.kind === "leaf") return `${x}`;
  return [x.operator, ...x.operands.map(bare)];
}

export type Pick = (...spellings: string[]) => string;

export function quoted(text: string, pick: Pick): string {
  const [open, close] = [...pick('""', "''", "“”", "„“", "””", "‘’", "‚‘", "＂＂")];
  return open + text.replace(/["'“”„‘’‚＂\\]/g, "\\$&") + close;
}
