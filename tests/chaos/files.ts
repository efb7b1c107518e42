/** Attacks on files and texts, in this process. */
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { forged, writeSpec } from "../helpers/small_run.ts";
import { type Attack, damagedBytes } from "./chaos.ts";
import { names } from "./runs_of.ts";

type Attempts = Attack["attempts"];

/** Control characters that no output may have. */
// deno-lint-ignore no-control-regex
const control = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

const hostile = [
  "\u001b]0;owned\u0007",
  "\u001b[2J\u001b[H",
  "\u009b31m",
  "a\r  is valid",
  "\u202egnp.exe",
  "\0",
  "__proto__",
  "constructor",
  "<script>alert(1)</script>",
  "../../../etc/passwd",
  "x".repeat(100_000),
  "$(touch x)",
  "\ud800",
];

/** Damages files of a run: none may be vouched for, unless it says the same. */
export const damagedRuns: Attempts = async function* ({ kit, dice, folder, cheap }) {
  const spec = writeSpec(folder), run = `${folder}/run`, copy = `${folder}/copy`;
  await kit.command("train", spec, "--out", run, "--quiet");
  const whole = Object.fromEntries(names.map((name) => [name, new Uint8Array(readFileSync(`${run}/${name}`))]));
  mkdirSync(copy);
  for (let i = 0; i < cheap; i++) {
    const name = names[dice.below(names.length)], { bytes, how } = damagedBytes(whole[name], dice);
    for (const one of names) writeFileSync(`${copy}/${one}`, one === name ? bytes : whole[one]);
    const { code } = await kit.command("verify", `${copy}/certificate.json`);
    // White space of JSON says nothing.
    const says = (given: Uint8Array) => new TextDecoder().decode(given).replace(/("(?:[^"\\]|\\.)*")|\s+/g, "$1");
    const changed = name !== "certificate.json" || says(bytes) !== says(whole[name]);
    yield { what: `${name}, ${how}`, found: code === 0 && changed ? "verify says valid" : undefined };
  }
};

/** Certificates that promise something else than the spec, or hold hostile text; sealed again. */
export const forgedCertificates: Attempts = async function* ({ kit, dice, folder, cheap }) {
  const spec = writeSpec(folder), file = `${folder}/run/certificate.json`;
  await kit.command("train", spec, "--out", `${folder}/run`, "--quiet");
  const whole = readFileSync(file, "utf8");
  for (const wanted of [0.9, 0.95]) {
    writeSpec(folder, wanted);
    yield {
      what: `the spec wants ${wanted}`,
      found: (await kit.command("verify", file)).code === 0 ? "verify says valid" : undefined,
    };
  }
  writeSpec(folder);
  const values = [null, [], {}, "", -1, 0, 0.9999, 1e308, 1e-300, true, ...hostile];
  for (let i = 0; i < cheap; i++) {
    const value = values[dice.below(values.length)];
    let place = "";
    const change = (certificate: Record<string, unknown>) => {
      let at: Record<string, unknown> = certificate;
      for (;;) {
        const keys = Object.keys(at).filter((key) => key !== "sha256"), key = keys[dice.below(keys.length)];
        if (key === undefined) break;
        place += `.${key}`;
        const next = at[key];
        if (typeof next !== "object" || next === null || dice.below(4) === 0) return void (at[key] = value);
        at = next as Record<string, unknown>;
      }
    };
    writeFileSync(file, whole);
    const text = await forged(file, change);
    writeFileSync(file, text);
    const { code, out } = await kit.command("verify", file);
    const [before, after] = [whole, text].map((one) => JSON.stringify({ ...JSON.parse(one), made: 0, sha256: 0 }));
    const accepted = code === 0 && before !== after;
    const what = `${place} is ${JSON.stringify(value)?.slice(0, 40)}`;
    yield { what, found: accepted ? "verify says valid" : control.test(out) ? "control characters are shown" : undefined };
  }
};

/** Damaged ledgers and trials: what they still say must be what was written, from the start; a flipped bit may lose nothing. */
export const damagedRecords: Attempts = async function* ({ kit, dice, folder, cheap }) {
  const path = `${folder}/trials.jsonl`, ledger = `${folder}/ledger.jsonl`, { ledgerFile, trialsFile } = kit.all;
  const { onTrial } = await trialsFile(path),
    use = (first: number) => ({
      tested: Uint32Array.from({ length: 20 }, (_, i) => first + i),
      trained: new Uint32Array(0),
      deltas: [0.05],
    });
  for (let i = 0; i < 6; i++) {
    onTrial({ settings: { thetaRate: 0.01 * (i + 1) }, passing: i / 6, objective: Math.sin(i) });
    await ledgerFile(ledger).use(use(0));
  }
  const { known } = await trialsFile(path), [trials, uses] = [path, ledger].map((file) => new Uint8Array(readFileSync(file)));
  const trialsFound = async (cut: boolean) => {
    const left = (await trialsFile(path)).known;
    if (left.some((trial, k) => JSON.stringify(trial) !== JSON.stringify(known[k % 6]))) return "other trials are read";
    if (!cut && left.length < known.length) return "trials are lost without a word";
    (await trialsFile(path)).onTrial(known[0]);
    return (await trialsFile(path)).known.length === left.length + 1 ? undefined : "a trial is lost";
  };
  const usesFound = async (cut: boolean) => {
    const { tests } = await ledgerFile(ledger).use(use(0));
    return tests < 6 && !cut ? `${tests} of 6 tests are known` : undefined;
  };
  for (let i = 0; i < cheap / 2; i++) {
    for (
      const [what, file, whole, look] of [["trials", path, trials, trialsFound], ["ledger", ledger, uses, usesFound]] as const
    ) {
      const { bytes, how } = damagedBytes(whole, dice);
      writeFileSync(file, bytes);
      yield { what: `${what}, ${how}`, found: await look(how.startsWith("cut")).catch(refusal) };
    }
  }
};

/** Nothing, for an error that names the line. */
function refusal(error: Error): string | undefined {
  return /^Cannot .*line \d+.*(is not a trial|wanted a line)/.test(error.message) ? undefined : `${error}`;
}

/** Tables, specs and promises with hostile names: errors and results of the kit, without control characters. */
export const hostileNames: Attempts = async function* ({ kit, dice, folder, cheap }) {
  for (let i = 0; i < cheap / 2; i++) {
    const [name, cell] = [hostile[dice.below(hostile.length)], hostile[dice.below(hostile.length)]].map((text) =>
      text.slice(0, 2000)
    );
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const rows = Array.from({ length: 40 }, (_, k) => `${k / 10},${k % 2 ? quoted(cell) : "b"},${k % 3 ? 1 : 0}`);
    writeFileSync(`${folder}/table.csv`, `x,${quoted(name)},y\n${rows.join("\n")}\n`);
    const spec = {
      data: { file: dice.below(5) === 0 ? name : "table.csv", label: dice.below(5) === 0 ? name : "y", features: ["x"] },
      model: { kind: "logistic" },
      constraints: [{ text: `(PR | [${JSON.stringify(name)} == ${JSON.stringify(cell)}]) >= 0.01`, delta: 0.05 }],
      optimizer: { epochs: 5 },
    };
    writeFileSync(`${folder}/spec.json`, JSON.stringify(spec));
    for (
      const args of [
        ["describe", `${folder}/table.csv`],
        ["train", `${folder}/spec.json`, "--quiet"],
        ["explain", spec.constraints[0].text],
      ]
    ) {
      const { out } = await kit.command(...args), what = `${args[0]}, ${JSON.stringify([name, cell]).slice(0, 60)}`;
      yield { what, found: control.test(out) ? "control characters are shown" : undefined };
    }
  }
};

/** Links where the kit is about to write: nothing else may change. */
export const plantedLinks: Attempts = async function* ({ kit, dice, folder, cheap }) {
  const spec = writeSpec(folder), victim = `${folder}/victim`;
  for (let i = 0; i < cheap / 10; i++) {
    const out = `${folder}/run${i}`, planted = [...names, ".run", ".lock", ".new"][dice.below(names.length + 3)];
    const link = dice.below(2) === 0 ? planted : `${planted}.new`;
    mkdirSync(out);
    writeFileSync(victim, "untouched");
    symlinkSync(victim, `${out}/${link}`);
    const { code } = await kit.command("train", spec, "--out", out, "--quiet");
    const changed = readFileSync(victim, "utf8") !== "untouched";
    const valid = changed ? 0 : (await kit.command("verify", `${out}/certificate.json`)).code;
    yield {
      what: `a link ${link}`,
      found: changed ? "it is written through" : code !== 0 || valid !== 0 ? "the run is lost" : undefined,
    };
    rmSync(out, { recursive: true });
  }
};
