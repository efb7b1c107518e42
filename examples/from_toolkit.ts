// Writes a program for this kit from a Python toolkit program's data, metadata, constraints and deltas.
//
//   deno run -R examples/from_toolkit.ts data.csv metadata.json "abs((PR | [M]) - (PR | [F])) <= 0.15" 0.05 … > program.ts
//   deno run -R program.ts
// For everything else see docs/from_toolkit.md.
import { readFileSync } from "node:fs";
import process from "node:process";
import { constraint, toolkitTable } from "../mod.ts";

const [dataFile, metadataFile, ...stated] = process.argv.slice(2);
if (metadataFile === undefined || stated.length === 0 || stated.length % 2 !== 0) {
  console.error('usage: from_toolkit.ts data.csv metadata.json "CONSTRAINT" DELTA ["CONSTRAINT" DELTA …] > program.ts');
  process.exit(2);
}

// Reads the files here too, so that errors appear now.
const { task, table, encoding } = toolkitTable(readFileSync(dataFile, "utf8"), readFileSync(metadataFile, "utf8"));
const constraints = Array.from({ length: stated.length / 2 }, (_, i) => {
  const [text, delta] = [stated[2 * i], Number(stated[2 * i + 1])];
  const unknown = constraint(text).leaves.flatMap(({ columns }) => columns).find((name) =>
    !Object.hasOwn(encoding.groups!, name)
  );
  if (unknown !== undefined) throw new RangeError(`Cannot use "${text}": "${unknown}" is not a sensitive column of the metadata`);
  if (!(delta > 0 && delta < 1)) {
    throw new RangeError(`Cannot use the delta ${stated[2 * i + 1]} of "${text}": wanted a number between 0 and 1`);
  }
  return { text, delta };
});

const label = table.column(encoding.label as string), classes = new Set<unknown>(label).size;
const models: Record<string, [model: string, objective: string]> = {
  regression: ["new nn.Linear(width, 1)", "nn.meanSquaredError"],
  multiclass_classification: [`new nn.Sequential(new nn.Linear(width, ${classes}), new nn.Softmax())`, "nn.logLoss"],
};
const [model, objective] = models[task] ?? ["new nn.Sequential(new nn.Linear(width, 1), new nn.Sigmoid())", "nn.logLoss"];

// A file cannot prove that groups are exclusive, so the generated program leaves that to the user.
const groups = Object.keys(encoding.groups ?? {}),
  columns = groups.map((name) => table.numbers(encoding.groups![name] as string));
const exclude = groups.length > 1 &&
  Array.from({ length: table.size }, (_, row) => row).every((row) => columns.reduce((sum, values) => sum + values[row], 0) <= 1);

console.log(`import { readFileSync } from "node:fs";
import { Encoder, nn, split, toolkitTable, train } from "${new URL("../mod.ts", import.meta.url)}";

const [data, metadata] = ${JSON.stringify([dataFile, metadataFile])}.map((file) => readFileSync(file, "utf8"));
const { table, encoding } = toolkitTable(data, metadata), { candidate, safety } = split(table, { safetyFraction: 0.6 });
// The toolkit does not scale features; standardising them by candidate data trains faster.
${
  exclude
    ? `// Nobody in this file is in two groups. Keep this only if nobody can be: it narrows bounds on their differences.
const exclusive = ${JSON.stringify([groups])};
`
    : ""
}const encoder = new Encoder(candidate, { ...encoding,${
  exclude ? " exclusive," : ""
} standardise: true }), width = encoder.featureNames.length;

const result = await train({
  data: { candidate: encoder.encode(candidate), safety: encoder.encode(safety) },
  model: ${model},
  objective: ${objective},
  constraints: ${JSON.stringify(constraints, null, 2).replaceAll("\n", "\n  ")},
  optimizer: { thetaRate: 0.005, lambdaRate: 0.005, epochs: 1000 },
});
console.log(\`\${result}\`);`);
