import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { commandLine } from "../../../seldonian/spec/command_line.ts";

const values = "tests/fixtures/values.csv", headless = "tests/fixtures/headless.csv";

/** What a command prints, or its error, and the exit code. */
async function ran(...args: string[]): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [], code = await commandLine(args, (line) => lines.push(line), (line) => lines.push(line));
  return { code, lines };
}

test("bound names its family, and says that Student's, without a range, is not proven", async () => {
  deepEqual(await ran("bound", values), {
    code: 0,
    lines: [
      "x: 4 values with mean 0.35",
      "each with confidence 0.95: at least 0.19809104349019566, at most 0.5019089565098043",
      "by student, right for many values only, assuming that the mean of so many values is close to normal; " +
      "for a proven bound say --range low,high, which no value can leave",
    ],
  });
  const proven = "proven at every number of values, assuming independent values in a known finite range";
  equal((await ran("bound", values, "--range", "0,1")).lines[2], `by star, ${proven}`);
  equal((await ran("bound", values, "--range", "0,1", "--method", "hoeffding")).lines[2], `by hoeffding, ${proven}`);
});

test("the first number of a file without a head line is not its name", async () => {
  const { code, lines: [error] } = await ran("bound", headless);
  equal(code, 2);
  match(error, /^Cannot take line 1 of .*headless\.csv for the names of the columns: it has "3", which is a value; .*--header/);
  equal((await ran("bound", headless, "--header", "v")).lines[0], "v: 3 values with mean 4");
});

test("arguments that cannot be meant are errors that say what was wanted", async () => {
  const table: [args: string[], error: string | RegExp][] = [
    [
      ["bound", values, "--range", "0"],
      "Cannot read --range 0: wanted the least and the greatest possible value, as in --range 0,1",
    ],
    [["bound", values, "--range", "1,0"], /^Cannot read --range 1,0: wanted the least/],
    [["bound", values, "--range", "0,x"], /^Cannot read --range 0,x: wanted the least/],
    [["bound", values, "--delta", "5%"], "Cannot read --delta 5%: wanted a number"],
    [["bound", values, "--ranges", "0,1"], 'Cannot read the flag --ranges: the nearest is "--range"'],
    [["bound", values, "--delta"], "Cannot read --delta: it has no value"],
    [["bound", values, "--delta", "0.1", "--delta", "0.2"], "Cannot read --delta: it is given twice"],
    [
      ["bound", "examples/datasets/penguins.csv"],
      /^Cannot bound the mean of .*: it has several columns; say --column with one of /,
    ],
    [["explain", "ACC >= 0.9", "--delta", "x"], "Cannot read --delta x: wanted a number"],
    [["explain", "ACC >= 0.9", "--detla", "0.1"], `Cannot read the flag --detla: the nearest is "--delta"`],
    [["describe", values, "--seperator", ";"], 'Cannot read the flag --seperator: the nearest is "--separator"'],
    [["train", "examples/spec/penguins.json", "--output", "x"], "Cannot read the flag --output: there are --out, --quiet"],
    [["verify", "x", "--delta", "y"], /^Cannot read x: there is no such file/],
    [["experiment", "x.json", "--trial", "3"], 'Cannot read the flag --trial: the nearest is "--trials"'],
    [["worker", "redis://x", "--thread", "3"], 'Cannot read the flag --thread: the nearest is "--threads"'],
    [["trian", "spec.json"], /^Cannot run trian: there is no such command; the nearest is "train"\n/],
    [
      ["train", values],
      /^Cannot train by tests\/fixtures\/values\.csv: wanted a spec, a \.json file that names the table, as in \{/,
    ],
    [["describ", values], /^Cannot run describ: there is no such command; the nearest is "describe"\n\nusage: /],
    [["schema", "spec.json"], /^usage: /],
  ];
  for (const [args, wanted] of table) {
    const { code, lines } = await ran(...args);
    equal(code, 2, args.join(" "));
    if (typeof wanted === "string") deepEqual(lines, [wanted]);
    else match(lines[0], wanted);
  }
});
