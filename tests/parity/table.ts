/** The distances between the kit and PyTorch by theme, as a Markdown table: `deno run -A tests/parity/table.ts`. */
import { differences } from "./differences.ts";
import { compare, type Comparison, figures, themes } from "./figures.ts";

type Summary = (numbers: number[]) => number;
const greatest: Summary = (numbers) => Math.max(...numbers);
const median: Summary = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** The columns of distances: each for one dtype, for the kit or PyTorch, over all arrays of a theme. */
const columns: [title: string, dtype: string, summary: Summary, of: "distance" | "theirs"][] = [
  ["float64, greatest", "float64", greatest, "distance"],
  ["float32, median", "float32", median, "distance"],
  ["PyTorch", "float32", median, "theirs"],
  ["float32, greatest", "float32", greatest, "distance"],
  ["PyTorch", "float32", greatest, "theirs"],
];

const row = (...cells: (string | number)[]) => console.log(`| ${cells.join(" | ")} |`);
row("theme", "programs", "that differ", "arrays", ...columns.map(([title]) => title));
row(...Array(4 + columns.length).fill("---"));
for (const [name, theme] of Object.entries(themes)) {
  const alike = theme.programs.filter((program) => differences[`${name}: ${program}`] === undefined);
  const compared = theme.error ? [] : alike.flatMap((program) => compare(program, theme, figures[name][program]));
  const distances = columns.map(([, dtype, summary, of]) => {
    const found = compared.filter((comparison: Comparison) => comparison.dtype === dtype).map((comparison) => comparison[of]);
    return found.length === 0 ? "" : summary(found).toExponential(1);
  });
  const { length } = theme.programs;
  row(name.replaceAll("_", " "), length, length - alike.length, compared.length, ...distances);
}
