import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { Dice } from "../adversary/dice.ts";

/** The kit under attack, which may be another version. */
export interface Kit {
  /** Its folder. */
  root: string;
  all: typeof import("../../mod.ts");
  /** Runs a command here: exit code and output. */
  command(...args: string[]): Promise<{ code: number; out: string }>;
}

/** One thing that may go wrong: what was done, and what was found, if anything. */
export interface Attempt {
  what: string;
  found: string | undefined;
}

/** What an attack has at hand. */
export interface Field {
  kit: Kit;
  dice: Dice;
  /** An empty folder. */
  folder: string;
  /** How often to do what is cheap, and what starts a process. */
  cheap: number;
  dear: number;
}

/** A kind of attack; `here` says that it runs in this process, on files of less than 1 MB. */
export interface Attack {
  here: boolean;
  attempts(field: Field): AsyncGenerator<Attempt>;
}

/** The most that an attempt in this process may take. */
const most = { seconds: 2, megabytes: 500 };

/** The findings of one kind of attack. */
export interface Tally {
  name: string;
  attempts: number;
  findings: Attempt[];
  /** The longest time between two attempts of the cheap kind, in seconds. */
  slowest: number;
}

/** Loads the kit in a folder. */
export async function kitIn(folder: string): Promise<Kit> {
  const root = resolve(folder), url = (path: string) => pathToFileURL(join(root, path)).href;
  const { commandLine } = await import(url("seldonian/spec/command_line.ts"));
  return {
    root,
    all: await import(url("mod.ts")),
    async command(...args) {
      const out: string[] = [], note = (line: string) => out.push(line);
      return { code: await commandLine(args, note, note), out: out.join("\n") };
    },
  };
}

/** Attacks a kit in one way, with a fixed seed. */
export async function attacked(name: string, attack: Attack, kit: Kit, seed: number, long: boolean): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), "chaos")), tally: Tally = { name, attempts: 0, findings: [], slowest: 0 };
  try {
    const before = process.memoryUsage().rss / 1e6;
    let begun = performance.now();
    const field = { kit, dice: new Dice(seed, name.length), folder, cheap: long ? 600 : 60, dear: long ? 30 : 1 };
    for await (const { what, found } of attack.attempts(field)) {
      const seconds = (performance.now() - begun) / 1000, megabytes = process.memoryUsage().rss / 1e6;
      const dear = attack.here && (seconds > most.seconds || megabytes > before + most.megabytes);
      tally.attempts++;
      tally.slowest = Math.max(tally.slowest, seconds);
      if (found !== undefined) tally.findings.push({ what, found });
      else if (dear) {
        tally.findings.push({ what, found: `it takes ${seconds.toFixed(1)} s, and ${megabytes.toFixed(0)} MB are in use` });
      }
      begun = performance.now();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return tally;
}

/** A table of tallies, with the first findings of each. */
export function report(tallies: readonly Tally[]): string {
  const lines = tallies.map(({ name, attempts, findings, slowest }) =>
    `${name.padEnd(42)} ${`${attempts}`.padStart(6)} attempts, ${`${findings.length}`.padStart(5)} findings, slowest ${
      slowest.toFixed(2)
    } s`
  );
  const first = tallies.flatMap(({ name, findings }) => {
    const kinds = new Map(findings.map((one) => [one.found!.replace(/[\d.]+/g, "N"), one]));
    return [...kinds.values()].slice(0, 3).map(({ what, found }) => `  ${name}: ${what}: ${found}`);
  });
  const [attempts, findings] = [
    tallies.reduce((sum, { attempts }) => sum + attempts, 0),
    tallies.reduce((sum, { findings }) => sum + findings.length, 0),
  ];
  return [...lines, ...first, `${attempts} attempts, ${findings} findings`].join("\n");
}

/** Bytes with one bit flipped, cut, or with a piece repeated; and how. */
export function damagedBytes(bytes: Uint8Array, dice: Dice): { bytes: Uint8Array; how: string } {
  const at = dice.below(bytes.length), kind = dice.below(4);
  if (kind === 0) return { bytes: bytes.slice(0, at), how: `cut at ${at}` };
  if (kind === 1) {
    const size = 1 + dice.below(40), twice = new Uint8Array([...bytes.subarray(0, at + size), ...bytes.subarray(at)]);
    return { bytes: twice, how: `${size} bytes repeated at ${at}` };
  }
  const flipped = bytes.slice(), bit = dice.below(8);
  flipped[at] ^= 1 << bit;
  return { bytes: flipped, how: `bit ${bit} of byte ${at} flipped` };
}
