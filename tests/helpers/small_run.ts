/** A spec with a small table, and runs of it by the command line. */
import { readFileSync, writeFileSync } from "node:fs";
import { sha256 } from "../../seldonian/data/digest.ts";
import { commandLine } from "../../seldonian/spec/command_line.ts";

/** Writes a spec, and the table that it reads, into a folder; the promise is `ACC >= atLeast`. */
export function writeSpec(folder: string, atLeast = 0.6, more: Record<string, unknown> = {}): string {
  const rows = Array.from({ length: 300 }, (_, i) => {
    const x = Math.sin(7.1 * i);
    return `${x.toFixed(6)},${x + 0.3 * Math.cos(3.7 * i) > 0 ? 1 : 0}`;
  });
  writeFileSync(`${folder}/table.csv`, `x,y\n${rows.join("\n")}\n`);
  const spec = {
    data: { file: "table.csv", label: "y" },
    model: { kind: "logistic" },
    constraints: [{ text: `ACC >= ${atLeast}`, delta: 0.05 }],
    optimizer: { thetaRate: 0.1, epochs: 40 },
    ...more,
  };
  const file = `${folder}/spec.json`;
  writeFileSync(file, JSON.stringify(spec, null, 2));
  return file;
}

/** Runs a command here: its exit code and its lines. */
export async function command(...args: string[]): Promise<{ code: number; out: string; errors: string }> {
  const out: string[] = [], errors: string[] = [];
  const code = await commandLine(args, (line) => out.push(line), (line) => errors.push(line));
  return { code, out: out.join("\n"), errors: errors.join("\n") };
}

/** A certificate's file with a change, and with the digest that then belongs to it. */
// deno-lint-ignore no-explicit-any
export async function forged(file: string, change: (certificate: any) => void): Promise<string> {
  const certificate = JSON.parse(readFileSync(file, "utf8"));
  change(certificate);
  const { spec, ...rest } = certificate;
  return JSON.stringify({ spec, ...await resealed(rest) });
}

/** A certificate with the digest of what it says. */
export async function resealed(
  { sha256: _, signature: __, ...stated }: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  return { ...stated, sha256: await sha256(JSON.stringify(stated)) };
}
