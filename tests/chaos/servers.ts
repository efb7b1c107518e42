/** Servers that are killed while decisions are asked for and outcomes told: nothing acknowledged is lost or counted twice. */
import { spawn } from "node:child_process";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { person, smallServedRun, truth } from "../helpers/served.ts";
import type { Attack, Field } from "./chaos.ts";

/** A server in a process of its own. */
interface Served {
  url: string;
  /** Whether it ended in order. */
  kill(signal: "SIGKILL" | "SIGTERM"): Promise<boolean>;
}

async function served(root: string, run: string, store: string): Promise<Served> {
  const own = [process.execPath, ...("Deno" in globalThis ? ["run", "--no-check", "-A"] : [])];
  const args = [...own.slice(1), `${root}/cli.ts`, "serve", run, "--port", "0", "--store", store];
  const child = spawn(own[0], args, { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  const ended = new Promise<boolean>((resolve) => child.on("close", () => resolve(/^Ended: /m.test(out))));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (data) => {
      const [found] = /http:\/\/[\d.:]+(?=\/)/.exec(out += data) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.on("close", () => reject(new Error("the server ended before it listened")));
  });
  return { url, kill: (signal) => (child.kill(signal), ended) };
}

/** What clients were told. */
interface Course {
  /** What the model gave, by row. */
  outputs: unknown[];
  /** What the server refused, or answered wrongly. */
  wrong: string[];
  requests: number;
}

/**
 * Asks for decisions on some rows, several at once, and tells their outcomes in the order of rows, corrections among them, each
 * again until it is acknowledged; and tells some that are known again.
 * @param url the server's, which changes
 * @param asked is called before each request
 */
async function course(rows: number, url: () => string, asked: () => void): Promise<Course> {
  const found: Course = { outputs: new Array(rows), wrong: [], requests: 0 };
  // deno-lint-ignore no-explicit-any
  const post = async (path: string, body: unknown): Promise<any> => {
    asked();
    found.requests++;
    for (const began = Date.now(); Date.now() - began < 60_000;) {
      try {
        const answer = await fetch(`${url()}${path}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        });
        const json = await answer.json();
        if (answer.ok) return json;
        if (answer.status !== 503) {
          return found.wrong.push(`${path}: ${answer.status} ${JSON.stringify(json).slice(0, 300)}`), undefined;
        }
      } catch { /* It was killed: the next one is asked again. */ }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error("no server answers");
  };
  const ids = new Array<Promise<string>>(rows);
  let told = 0, next = 0;
  const decide = async () => {
    // Decisions are at most 64 ahead of outcomes.
    while (next < rows) {
      if (next > told + 64) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        continue;
      }
      const i = next++, answer = post("/predict", person(i));
      ids[i] = answer.then((one) => one?.id);
      found.outputs[i] = (await answer)?.output;
    }
  };
  const tell = async () => {
    for (; told < rows; told++) {
      while (ids[told] === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
      const id = await ids[told], label = truth(told), repeated = told % 10 === 9 ? ids[told - 5] : undefined;
      const answers = [post("/outcomes", { id, label })];
      if (repeated !== undefined) answers.push(post("/outcomes", { id: await repeated, label: truth(told - 5) }));
      const [own, again] = await Promise.all(answers);
      if (!["counted", "repeated"].includes(own?.status)) found.wrong.push(`outcome ${told}: ${own?.status}`);
      if (repeated !== undefined && again?.status !== "repeated") {
        found.wrong.push(`outcome ${told - 5}, again: ${again?.status}`);
      }
      if (told % 50 !== 49) continue;
      const old = told - 20,
        other = truth(old) === "yes" ? "no" : "yes",
        corrected = await post("/outcomes", { id: await ids[old], label: other });
      if (!["corrected", "repeated"].includes(corrected?.status)) found.wrong.push(`correction ${old}: ${corrected?.status}`);
      const back = await post("/outcomes", { id: await ids[old], label: truth(old) });
      if (!["corrected", "repeated"].includes(back?.status)) found.wrong.push(`correction ${old}: ${back?.status}`);
    }
  };
  await Promise.all([tell(), ...Array.from({ length: 8 }, decide)]);
  return found;
}

/** The numbers of outcomes and of decisions with one, and the monitor's state. */
function kept(store: string): { outcomes: number; decisions: number; state: string } {
  const database = new DatabaseSync(store, { readOnly: true });
  try {
    const [{ outcomes, decisions }] = database.prepare(
      "SELECT count(*) AS outcomes, count(DISTINCT decision) AS decisions FROM outcomes",
    ).all();
    return {
      outcomes: Number(outcomes),
      decisions: Number(decisions),
      state: `${database.prepare("SELECT state FROM monitor").get()!.state}`,
    };
  } finally {
    database.close();
  }
}

/** Kills a server again and again, and compares what is left with a server that was left alone. */
export const killedServers: Attack["attempts"] = async function* ({ kit, dice, folder, dear }: Field) {
  const kills = dear > 1 ? 50 : 2, rows = dear > 1 ? 46_000 : 150, run = await smallServedRun(folder);
  const stores = { killed: `${folder}/killed.sqlite`, alone: `${folder}/alone.sqlite` };
  let server = await served(kit.root, run, stores.killed), requests = 0, killed = 0, restarting: Promise<void> | undefined;
  // 2.14 requests a row.
  const every = Math.floor(2.14 * rows / (kills + 1));
  let at = Math.floor(every * (0.5 + dice.uniform()));
  const disturbed = await course(rows, () => server.url, () => {
    requests++;
    if (requests < at || killed === kills || restarting !== undefined) return;
    killed++;
    at = every * killed + Math.floor(every * (0.5 + dice.uniform()));
    restarting = new Promise((resolve) => setTimeout(resolve, 20 * dice.uniform()))
      .then(() => server.kill("SIGKILL"))
      .then(async () => {
        server = await served(kit.root, run, stores.killed);
        restarting = undefined;
      });
  });
  await restarting;
  const end = await server.kill("SIGTERM");
  yield {
    what: `${requests} requests, ${killed} kills`,
    found: killed === kills ? disturbed.wrong[0] : `only ${killed} of ${kills}`,
  };
  yield { what: "an end in order", found: end ? undefined : "it ended before it was done" };
  const alone = await served(kit.root, run, stores.alone), calm = await course(rows, () => alone.url, () => {});
  await alone.kill("SIGTERM");
  const [left, wanted] = [kept(stores.killed), kept(stores.alone)];
  yield { what: "a server that is left alone", found: calm.wrong[0] };
  const different = calm.outputs.findIndex((output, i) => JSON.stringify(output) !== JSON.stringify(disturbed.outputs[i]));
  yield {
    what: "decisions",
    found: different < 0 ? undefined : `row ${different}: ${disturbed.outputs[different]}, alone ${calm.outputs[different]}`,
  };
  for (const what of ["outcomes", "decisions", "state"] as const) {
    yield {
      what: `${what} kept`,
      found: left[what] === wanted[what] ? undefined : `${left[what]}, and alone ${wanted[what]}`.slice(0, 300),
    };
  }
};
