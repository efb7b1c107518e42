import { checkArgument, text } from "../options.ts";
import { requireSameDType } from "../primitive.ts";
import { showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { matmul } from "./linear_algebra.ts";
import { diagonal } from "./rearranging.ts";

/** A tensor with a letter for each axis. */
interface Term {
  x: Tensor;
  letters: string;
}

/**
 * Einstein's sums, as in NumPy and PyTorch: `einsum("bij,bjk->bik", x, y)`. Each axis has a letter; what is not in the result is
 * summed over. "..." stands for leading axes, which must be equal in all operands that have it. Without "->" the result has the
 * letters that occur once, in alphabetical order. Operands are multiplied from left to right, as batched matrix products.
 * @throws {SyntaxError} for a formula that does not fit the operands
 * @throws {RangeError} if axes of one letter have different lengths
 */
export function einsum(formula: string, ...operands: Tensor[]): Tensor {
  checkArgument("sum", "the formula", formula, text);
  requireSameDType("sum", ...operands);
  const { inputs, result } = parsed(formula, operands);
  let terms: Term[] = operands.map((x, i) => onDiagonals({ x, letters: inputs[i] }));
  checkLengths(formula, terms);
  while (terms.length > 1) {
    const [first, second, ...rest] = terms, later = result + rest.map(({ letters }) => letters).join("");
    terms = [contracted(summed(first, later + second.letters), summed(second, later + first.letters), later), ...rest];
  }
  const { x, letters } = summed(terms[0], result);
  return ordered(x, letters, result);
}

function parsed(formula: string, operands: readonly Tensor[]): { inputs: string[]; result: string } {
  const fail = (why: string) => new SyntaxError(`Cannot sum "${formula}": ${why}`);
  const [left, right, ...more] = formula.replaceAll(" ", "").split("->"), parts = left.split(",");
  if (more.length > 0 || !/^([A-Za-z]*(\.\.\.)?[A-Za-z]*)(,[A-Za-z]*(\.\.\.)?[A-Za-z]*)*$/.test(left)) {
    throw fail('wanted letters for axes, as in "ij,jk->ik"');
  }
  if (parts.length !== operands.length) throw fail(`it has ${parts.length} operands, and ${operands.length} were given`);
  // The axes of "..." get letters beyond the alphabet, the last axis always the same.
  const most = Math.max(0, ...parts.map((part, i) => part.includes("...") ? operands[i].rank - part.length + 3 : 0));
  const dots = (count: number) => String.fromCharCode(...Array.from({ length: count }, (_, i) => 0x3b1 + most - count + i));
  const inputs = parts.map((part, i) => {
    const letters = part.replace("...", () => dots(Math.max(0, operands[i].rank - part.length + 3)));
    if (letters.length === operands[i].rank) return letters;
    throw fail(`"${part}" has ${letters.length} axes, and operand ${i + 1} has shape ${showShape(operands[i].shape)}`);
  });
  const all = inputs.join(""), once = [...new Set(all)].filter((letter) => all.split(letter).length === 2).sort();
  const plain = once.filter((letter) => letter < "α").join("");
  const result = right === undefined ? dots(most) + plain : right.replace("...", () => dots(most));
  for (const [i, letter] of [...result].entries()) {
    if (!all.includes(letter)) throw fail(`"${letter}" is in the result and in no operand`);
    if (result.indexOf(letter) !== i) throw fail(`"${letter}" is twice in the result`);
  }
  return { inputs, result };
}

function checkLengths(formula: string, terms: readonly Term[]): void {
  const lengths = new Map<string, number>();
  for (const { x, letters } of terms) {
    [...letters].forEach((letter, axis) => {
      const known = lengths.get(letter) ?? x.shape[axis];
      lengths.set(letter, known);
      if (known !== x.shape[axis]) {
        throw new RangeError(`Cannot sum "${formula}": axes of "${letter}" have lengths ${known} and ${x.shape[axis]}`);
      }
    });
  }
}

/** Replaces two axes of one letter by their diagonal. */
function onDiagonals({ x, letters }: Term): Term {
  const second = [...letters].findIndex((letter, i) => letters.indexOf(letter) < i), first = letters.indexOf(letters[second]);
  if (second < 0) return { x, letters };
  if (x.shape[first] !== x.shape[second]) {
    throw new RangeError(`Cannot take the diagonal of shape ${showShape(x.shape)}: axes ${first} and ${second} differ in length`);
  }
  const others = x.shape.map((_, axis) => axis).filter((axis) => axis !== first && axis !== second);
  const rest = others.map((axis) => letters[axis]).join("");
  return onDiagonals({ x: diagonal(x.transpose(...others, first, second)), letters: rest + letters[first] });
}

/** Sums over the axes whose letters nobody needs. */
function summed({ x, letters }: Term, needed: string): Term {
  const axes = [...letters].flatMap((letter, axis) => needed.includes(letter) ? [] : [axis]);
  return axes.length === 0
    ? { x, letters }
    : { x: x.sum(axes), letters: [...letters].filter((letter) => needed.includes(letter)).join("") };
}

/** The product of two terms, summed over letters of both that are not needed later. */
function contracted(a: Term, b: Term, later: string): Term {
  const only = (own: string, other: string) => [...own].filter((letter) => !other.includes(letter)).join("");
  const both = [...a.letters].filter((letter) => b.letters.includes(letter));
  const batch = both.filter((letter) => later.includes(letter)).join("");
  const inner = both.filter((letter) => !later.includes(letter)).join("");
  const left = only(a.letters, b.letters), right = only(b.letters, a.letters);
  const size = (term: Term, letters: string) =>
    [...letters].reduce((count, letter) => count * term.x.shape[term.letters.indexOf(letter)], 1);
  const x = ordered(a.x, a.letters, batch + left + inner), y = ordered(b.x, b.letters, batch + inner + right);
  const lengths = [...x.shape.slice(0, batch.length + left.length), ...y.shape.slice(batch.length + inner.length)];
  const [g, n, k, m] = [size(a, batch), size(a, left), size(a, inner), size(b, right)];
  const product = batch === "" ? matmul(x.reshape(n, k), y.reshape(k, m)) : matmul(x.reshape(g, n, k), y.reshape(g, k, m));
  return { x: product.reshape(...lengths), letters: batch + left + right };
}

function ordered(x: Tensor, letters: string, wanted: string): Tensor {
  return letters === wanted ? x : x.transpose(...[...wanted].map((letter) => letters.indexOf(letter)));
}
