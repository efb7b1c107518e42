import { checkArgument, type Kind, text } from "../../autodiff/options.ts";
import { renamed } from "./conditions.ts";
import { ConstraintError } from "./constraint_error.ts";
import { Compound, Constant, Constraint, Leaf, withLeaves } from "./expression.ts";

/**
 * One constraint for several columns or values in place of a name in the conditions: the greatest of their formulas must not
 * exceed 0. Each is tested at the whole delta.
 * @throws {ConstraintError} if no condition has the name
 */
export function forEvery(name: string, values: readonly (string | number)[], constraint: Constraint): Constraint {
  checkArgument("promise for every value", "the name", name, text);
  checkArgument("promise for every value", `the list for "${name}"`, values, valuesKind);
  checkArgument("promise for every value", "the constraint", constraint, constraintKind);
  if (!constraint.leaves.some(({ conditions }) => conditions.some((condition) => renamed(condition, name, "") !== null))) {
    throw new ConstraintError(
      `no measure has a condition with ${name}, the name for ${values.join(", ")}`,
      `${constraint}`,
      0,
    );
  }
  if (values.length === 0) throw new ConstraintError(`there is nothing for ${name} to stand for`, `${constraint}`, 0);
  const formulas = values.map((value) =>
    withLeaves(
      constraint.g,
      (leaf) =>
        new Leaf(leaf.measure, {
          ...leaf,
          conditions: leaf.conditions.map((condition) => renamed(condition, name, value) ?? condition),
        }),
    )
  );
  return formulas.length === 1
    ? new Constraint(formulas[0])
    : new Constraint(new Compound("max", formulas), "<=", new Constant(0));
}

const valuesKind: Kind = {
  type: "object",
  wanted: "a list of texts and numbers",
  holds: (values) => Array.isArray(values) && values.every((value) => ["string", "number"].includes(typeof value)),
};

const constraintKind: Kind = {
  type: "object",
  wanted: 'a constraint, such as constraint("(PR | [g]) >= 0.1")',
  holds: (value) => value instanceof Constraint,
};
