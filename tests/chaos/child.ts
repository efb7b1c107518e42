// A process that writes again and again until it is killed, or a number of times: `child.ts root what path count who`.
import process from "node:process";
import { kitIn } from "./chaos.ts";

const [root, what, path, count, who = "0"] = process.argv.slice(2), kit = await kitIn(root), { all } = kit;
const trials = what === "trials" ? await all.trialsFile(path) : null, log = what === "log" ? await all.logFile(path) : null;
const ledger = all.ledgerFile(path, { spend: what === "halving" ? "halving" : "whole" });

const writing: Record<string, (i: number) => unknown> = {
  trials: (i) => trials!.onTrial({ settings: { thetaRate: i + 1 }, passing: 1, objective: i }),
  log: (i) => log!({ step: i, epoch: 1, f: 0.5, g: [i], lambda: [0.5], lagrangian: 0.55 }),
  ledger: (i) => used(i, 2),
  halving: (i) => used(i, 3000),
  replace: (i) => all.replaceFile(path, `${i % 10}`.repeat(200_000)),
  // The specs of two runs, in turn.
  runs: async (i) => await kit.command("train", `${path}/spec${i % 2}.json`, "--out", `${path}/run`, "--quiet"),
  run: async () => {
    const { code, out } = await kit.command("train", `${path}/spec${who}.json`, "--out", `${path}/run`, "--quiet");
    if (code === 2) throw new Error(out);
  },
};

function used(i: number, rows: number): Promise<unknown> {
  const tested = Uint32Array.from({ length: 2 * rows }, (_, k) => k % 2 ? i * rows + (k >> 1) : Number(who) + 1);
  return ledger.use({ tested, trained: new Uint32Array(0), deltas: [0.05] });
}

console.log("ready");
for (let i = 0; i < Number(count); i++) {
  try {
    await writing[what](i);
    console.log(`acknowledged ${who} ${i}`);
  } catch (error) {
    console.log(`refused ${who} ${i}: ${`${error}`.replaceAll("\n", " ").slice(0, 200)}`);
  }
}
