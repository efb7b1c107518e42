/**
 * What an experiment costs beside its trials: empty trials through each store and runner, each in a process of its own.
 * `deno task bench:experiments [trials [name]]`; needs redis-server and Postgres.
 */
import { experiment, queueRunner, serveQueue } from "../seldonian/experiments/mod.ts";
import { postgres, redis, type Server } from "../tests/services/servers.ts";
import { question } from "./experiments_trials.ts";

const workers = { count: 2, start: () => new Worker(import.meta.resolve("./experiments_trials.ts"), { type: "module" }) };

/** The most memory that this process has had, in MB. */
function peak(): number {
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))![1]) / 1024);
}

async function one(store: string, runner: string, trials: number): Promise<void> {
  if (runner.startsWith("serve ")) return await serveQueue(runner.slice(6), workers);
  const options = { ...question, sizes: [2], store: store === "" ? undefined : store };
  const how = async () =>
    runner === "threads" ? { workers } : runner === "" ? {} : { runner: await queueRunner(runner, { ahead: 1000 }) };
  // What is compiled and connected first is not measured.
  await experiment({ ...options, store: undefined, sizes: [3], trials: 50, ...await how() });
  const given = await how(), before = peak(), began = performance.now();
  const results = await experiment({ ...options, trials, ...given });
  const seconds = (performance.now() - began) / 1000;
  if (results.trials.length !== trials) throw new Error(`${results.trials.length} results`);
  let again = performance.now();
  if (store !== "") await experiment({ ...options, trials });
  again = (performance.now() - again) / 1000;
  console.log(JSON.stringify({ micros: 1e6 * seconds / trials, before, peak: peak(), again }));
  Deno.exit();
}

/** What is measured: a store, a runner, and the server that one of them needs. */
const kinds: [name: string, store: string, runner: string, server?: (folder: string) => Promise<Server>][] = [
  ["memory, this process", "", ""],
  ["lines of JSON, this process", "FOLDER/a.jsonl", ""],
  ["SQLite, this process", "FOLDER/a.sqlite", ""],
  ["Postgres, this process", "SERVER", "", postgres],
  [
    "Postgres that does not wait for the disk, this process",
    "SERVER",
    "",
    (folder) => postgres(folder, "synchronous_commit=off"),
  ],
  ["memory, two threads", "", "threads"],
  ["memory, BullMQ on Redis", "", "SERVER", (folder) => redis(folder, "everysec")],
  ["memory, BullMQ on Redis that waits for the disk", "", "SERVER", redis],
  ["memory, BullMQ on Postgres", "", "SERVER", postgres],
  [
    "memory, BullMQ on Postgres that does not wait for the disk",
    "",
    "SERVER",
    (folder) => postgres(folder, "synchronous_commit=off"),
  ],
];

async function measured([name, store, runner, make]: typeof kinds[number], trials: number): Promise<void> {
  const [folder, data] = [await Deno.makeTempDir(), await Deno.makeTempDir()], server = await make?.(data);
  const run = (...args: string[]) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--no-lock", import.meta.filename!, ...args, `${trials}`],
      stdout: "piped",
      stderr: "inherit",
    });
  const filled = (text: string) => text.replace("FOLDER", folder).replace("SERVER", server?.url ?? "");
  const serving = runner === "SERVER" ? run("", `serve ${filled(runner)}`).spawn() : undefined;
  try {
    console.log(name, trials, new TextDecoder().decode((await run(filled(store), filled(runner)).output()).stdout).trim());
  } finally {
    serving?.kill("SIGKILL");
    await serving?.output();
    await server?.stop();
    for (const used of [folder, data]) await Deno.remove(used, { recursive: true });
  }
}

const [first, second, count] = Deno.args;
if (count !== undefined) await one(first, second, Number(count));
else for (const kind of kinds) if (second === undefined || kind[0] === second) await measured(kind, Number(first ?? 100_000));
