import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import {
  experiment,
  type ExperimentOptions,
  memoryStore,
  queueRunner,
  type TrialResult,
} from "../../seldonian/experiments/mod.ts";
import { full } from "../helpers/runs.ts";
import { busy, other, question } from "./question.ts";
import { missing, postgres, ran, redis, until, withServer } from "./servers.ts";

const { promise, plain, busy: slow } = question.contenders;
const asked: ExperimentOptions = { ...question, contenders: { promise, plain, busy: slow }, sizes: [40, 120], trials: 4 };

/** A process that takes trials, with one thread. Nothing is allowed but to read, and the network of this machine. */
class WorkerProcess {
  #child: Deno.ChildProcess;
  #output: Promise<unknown>;
  begun = 0;
  text = "";
  constructor(url: string, { lease = 2, long = 0 } = {}) {
    const allowed = ["--no-check", "--no-lock", "--no-prompt", "--ignore-env", "--allow-read", "--allow-net=127.0.0.1"];
    const args = ["run", ...allowed, "tests/services/worker.ts", url, `${lease}`, `${long}`];
    this.#child = new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
    const read = async (stream: ReadableStream<Uint8Array>) => {
      for await (const text of stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
        this.begun += text.split("begun").length - 1;
        this.text += text;
      }
    };
    this.#output = Promise.all([read(this.#child.stdout), read(this.#child.stderr)]);
  }
  async end(signal: Deno.Signal = "SIGTERM"): Promise<number> {
    try {
      this.#child.kill(signal);
    } catch { /* It has ended by itself. */ }
    return await this.ended();
  }
  async ended(): Promise<number> {
    await this.#output;
    return (await this.#child.status).code;
  }
}

function timeless(trials: readonly TrialResult[]): unknown[] {
  return trials.map(({ seconds: _, ...rest }) => rest);
}

/** The same runner, whose requests do not name their setting: workers may have another length of the long trial. */
function unnamed(runner: Awaited<ReturnType<typeof queueRunner>>): typeof runner {
  return { ...runner, run: ({ setting: _, ...request }, signal) => runner.run(request, signal) };
}

/** Counts what is kept. */
function counting(): ReturnType<typeof memoryStore> & { kept: string[] } {
  const kept: string[] = [], store = memoryStore();
  return {
    ...store,
    kept,
    keep: (setting, result) => (kept.push(`${result.contender} ${result.size} ${result.trial}`), store.keep(setting, result)),
  };
}

for (
  const [name, make, skip] of [
    ["Redis", redis, missing("redis-server")],
    ["Postgres", postgres, missing("postgres", "initdb", "psql")],
  ] as const
) {
  test(
    `three workers on ${name}, one killed in mid-trial, one that ends, one late: every trial is there once, with the same bits`,
    { skip },
    async () => {
      const here = await experiment(asked);
      await withServer(make, async ({ url }) => {
        const store = counting(), results = experiment({ ...asked, store, runner: await queueRunner(url) });
        const workers = [new WorkerProcess(url), new WorkerProcess(url)];
        await until(() => workers[0].begun > 0, "a trial", 30);
        equal(await workers[0].end("SIGKILL"), 137);
        await until(() => store.kept.length > 2, "three results", 30);
        equal(await workers[1].end(), 0, workers[1].text);
        workers.push(new WorkerProcess(url));
        const { trials } = await results;
        equal(await workers[2].end(), 0, workers[2].text);
        deepEqual(timeless(trials), timeless(here.trials));
        equal(store.kept.length, 24);
        equal(new Set(store.kept).size, 24);
        // One of the eight long ones ran twice: its first worker was killed.
        equal(workers.reduce((sum, { begun }) => sum + begun, 0), 9);
        ok(workers[2].begun > 0, "The late one took its part");
      });
    },
  );

  // BullMQ looks again for Postgres after 15 seconds.
  const later = name === "Postgres" && !full && "PROOFS=full runs it";
  test(`${name} is restarted: nothing is lost or twice`, { skip: skip || later }, async () => {
    const here = await experiment(asked);
    await withServer(make, async (server) => {
      const store = counting(), runner = await queueRunner(server.url);
      const results = experiment({ ...asked, store, runner });
      const workers = [new WorkerProcess(server.url), new WorkerProcess(server.url)];
      await until(() => store.kept.length > 2, "three results", 30);
      await server.stop(name === "Redis" ? "SIGKILL" : "SIGQUIT");
      await new Promise((resolve) => setTimeout(resolve, 500));
      await server.start();
      const { trials } = await results;
      for (const worker of workers) equal(await worker.end(), 0, worker.text);
      deepEqual(timeless(trials), timeless(here.trials));
      deepEqual([store.kept.length, new Set(store.kept).size], [24, 24]);
    });
  });
}

const skip = missing("redis-server");

test("a trial that computes for four leases without a pause is not given to another worker", { skip }, async () => {
  await withServer(redis, async ({ url }) => {
    const workers = [1, 2].map(() => new WorkerProcess(url, { lease: 1, long: 4000 }));
    const contenders = { long: busy(4000) }, runner = await queueRunner(url);
    const { trials: [{ error, seconds }] } = await experiment({
      ...question,
      contenders,
      sizes: [40],
      trials: 1,
      runner: unnamed(runner),
    });
    for (const worker of workers) await worker.end();
    deepEqual([error, workers[0].begun + workers[1].begun], [undefined, 1]);
    // Clocks differ by a millisecond.
    ok(seconds > 3.9, `${seconds} s`);
  });
});

test("a trial whose worker dies four times is a failed result with its text, and the others go on", { skip }, async () => {
  await withServer(redis, async ({ url }) => {
    const one = async (contenders: ExperimentOptions["contenders"]) =>
      await experiment({ ...question, contenders, sizes: [40], trials: 1, runner: unnamed(await queueRunner(url)) });
    const long = 60_000, failing = one({ long: busy(long) });
    for (let death = 0; death < 4; death++) {
      const worker = new WorkerProcess(url, { lease: 1, long });
      await until(() => worker.begun > 0, `worker ${death} to begin`, 60);
      equal(await worker.end("SIGKILL"), 137);
    }
    const last = new WorkerProcess(url, { lease: 1, long }), { trials: [failed] } = await failing;
    const { seconds: _, ...told } = failed, none = { solution: false, performance: null, values: [], broken: false };
    deepEqual(told, {
      ...{ contender: "long", size: 40, trial: 0 },
      ...none,
      error: "its workers ended without an answer, 4 times",
    });
    equal(last.begun, 0);
    const { trials: [next] } = await one({ plain });
    deepEqual([next.solution, next.error], [true, undefined]);
    equal(await last.end(), 0, last.text);
  });
});

test("a signal ends an experiment that waits, and its trials leave the queue", { skip }, async () => {
  await withServer(redis, async ({ url }) => {
    const stop = new AbortController(), runner = await queueRunner(url);
    const asking = experiment({ ...asked, runner, signal: stop.signal });
    const waiting = async () => (await ran("redis-cli", ["-u", url, "llen", "bull:seldonian:wait"])).trim();
    await until(async () => await waiting() === "24", "all trials in the queue");
    stop.abort();
    deepEqual((await asking).trials, []);
    equal(await waiting(), "0");
  });
});

test("a worker with another question ends, and the experiment says why", { skip }, async () => {
  await withServer(redis, async ({ url }) => {
    const worker = new WorkerProcess(url), runner = await queueRunner(url);
    const why = /Workers could not run trial 0 of .*the question here is another one/;
    await rejects(experiment({ ...other, sizes: [40], trials: 1, runner }), why);
    equal(await worker.ended(), 1);
    match(worker.text, /the question here is another one/);
  });
});

test("a wrong address is an error in words, without the password", { skip: missing("redis-server") }, async () => {
  const no = (url: string) => rejects(() => queueRunner(url), { name: "RangeError", message: /^Cannot use the queue at / });
  await no("redis://me:secret@127.0.0.1:1");
  await no("postgres://me:secret@127.0.0.1:1/nothing");
  await no("mysql://127.0.0.1:1");
  await rejects(() => queueRunner("redis://me:secret@127.0.0.1:1"), (error: Error) => !error.message.includes("secret"));
});
