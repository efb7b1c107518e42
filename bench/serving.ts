// Decisions over HTTP: the server of a run beside FastAPI with scikit-learn, the same logistic model, in turns.
//   deno run -A bench/serving.ts [--run folder] [--python python] [--wrk wrk] [--rounds 3] [--seconds 4] [--json FILE]
// It needs wrk 4.1 (a load generator in C: `apt-get install wrk`), and a Python with
//   pip install fastapi==0.165.0 uvicorn==0.54.0 uvloop httptools scikit-learn==1.9.1
// Each server has one core, the generator the other. The kit keeps every decision on disk before it answers, or soon after
// (--durable outcomes, "kit, outcomes durable"); the peer keeps nothing. An answer that differs from the peer's is an error. How fast the generator is by itself is told as well.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { describeMachine } from "./machine.ts";

const { values: flags } = parseArgs({
  options: {
    run: { type: "string" },
    python: { type: "string", default: "python3" },
    wrk: { type: "string", default: "wrk" },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "4" },
    json: { type: "string" },
  },
});
const root = new URL("..", import.meta.url).pathname,
  folder = mkdtempSync(join(tmpdir(), "serving")),
  run = flags.run ?? `${folder}/run`;
const ports = { kit: 8107, peer: 8108, nothing: 8109, sooner: 8110 };

/** A server on the first core. */
interface Started {
  /** Seconds of the processor that it has used. */
  used(): number;
  end(): Promise<void>;
}

/** Starts a server, and waits until it answers. */
async function started(port: number, command: string[]): Promise<Started> {
  const child = spawn("taskset", ["-c", "0", ...command], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const answers = () => fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.arrayBuffer(), () => null);
  for (let i = 0; await answers() === null; i++) {
    if (i === 600) throw new Error(`${command.join(" ")} does not answer`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    // utime and stime, in ticks of 10 ms (proc(5)).
    used: () =>
      readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1].split(" ").slice(11, 13).reduce(
        (sum, n) => sum + Number(n),
        0,
      ) / 100,
    async end() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function output(command: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command[0], command.slice(1), { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (data) => text += data);
    child.on("error", reject);
    child.on("close", (code) => code === 0 ? resolve(text) : reject(new Error(`${command.join(" ")}: ${code}\n${text}`)));
  });
}

/** Requests a second, milliseconds of the processor a request, median and 99 % of waiting in milliseconds, and failed requests. */
interface Load {
  rate: number;
  cost: number;
  median: number;
  p99: number;
  failed: number;
}

/** Sends requests by `connections` at once; each asks for the next of some bodies. */
async function load(at: Started, port: number, path: string, bodies: string[], connections: number): Promise<Load> {
  const script = `${folder}/load.lua`;
  writeFileSync(
    script,
    `local bodies = {${bodies.map((body) => `[==[${body}]==]`).join(",")}}
local requests, at, headers = {}, 0, { ["content-type"] = "application/json" }
init = function() for i, body in ipairs(bodies) do requests[i] = wrk.format("POST", "${path}", headers, body) end end
request = function() at = at % #requests + 1; return requests[at] end
done = function(summary, latency)
  io.write(string.format("RESULT %f %f %f %f %d\\n", summary.requests, summary.requests / summary.duration * 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end`,
  );
  const args = ["-t1", `-c${connections}`, `-d${flags.seconds}s`, "-s", script, `http://127.0.0.1:${port}`];
  const before = at.used(), text = await output(["taskset", "-c", "1", flags.wrk, ...args]), used = at.used() - before;
  const [requests, rate, median, p99, failed] = /RESULT (\S+) (\S+) (\S+) (\S+) (\S+)/.exec(text)!.slice(1).map(Number);
  return { rate, cost: 1000 * used / requests, median, p99, failed };
}

const post = async (port: number, path: string, body: unknown) =>
  await (await fetch(`http://127.0.0.1:${port}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  })).json();

try {
  if (flags.run === undefined) {
    await output([process.execPath, "run", "-A", "cli.ts", "train", "examples/spec/german_credit.json", "--out", run, "--quiet"]);
  }
  const [head, ...lines] = readFileSync(`${root}examples/datasets/german_credit.csv`, "utf8").trim().split("\n");
  const names = head.split(","), { scales } = JSON.parse(readFileSync(`${run}/encoder.json`, "utf8"));
  const features: string[] = scales.map(({ name }: { name: string }) => name);
  const rows = lines.slice(0, 200).map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(features.map((name) => [name, Number(cells[names.indexOf(name)])]));
  });
  const kit = (port: number, ...more: string[]) =>
    started(port, [
      ...[process.execPath, "run", "-A", "--no-check", "cli.ts", "serve", run],
      ...["--port", `${port}`, "--store", `${folder}/${port}.sqlite`, ...more],
    ]);
  const servers = [
    await kit(ports.kit),
    await started(ports.peer, [flags.python, "bench/peers/serving.py", run, `${ports.peer}`]),
    await started(ports.nothing, [
      ...[process.execPath, "eval"],
      `Deno.serve({ port: ${ports.nothing}, onListen() {} }, async (request) => new Response(await request.text()))`,
    ]),
    await kit(ports.sooner, "--durable", "outcomes"),
  ];
  try {
    const [own, peers] = [await post(ports.kit, "/predict", rows), await post(ports.peer, "/predict/many", rows)];
    for (const [i, { output }] of own.entries()) {
      if (Math.abs(output - peers[i].output) > 1e-6) throw new Error(`row ${i}: ${output}, and ${peers[i].output} by the peer`);
    }
    console.log(describeMachine().join("; "));
    const single = rows.map((row) => JSON.stringify(row)),
      many = [JSON.stringify(rows.slice(0, 100)), JSON.stringify(rows.slice(100))];
    const found: Record<string, Record<string, Load[]>> = {};
    for (
      const [what, bodies, connections] of [["1 row", single, 64], ["1 row, 1 connection", single, 1], [
        "100 rows",
        many,
        16,
      ]] as const
    ) {
      const of = found[what] = { kit: [], sooner: [], peer: [], nothing: [] } as Record<string, Load[]>;
      for (let round = 0; round < Number(flags.rounds); round++) {
        of.kit.push(await load(servers[0], ports.kit, "/predict", [...bodies], connections));
        of.sooner.push(await load(servers[3], ports.sooner, "/predict", [...bodies], connections));
        of.peer.push(
          await load(servers[1], ports.peer, bodies === many ? "/predict/many" : "/predict", [...bodies], connections),
        );
        of.nothing.push(await load(servers[2], ports.nothing, "/", [...bodies], connections));
      }
      const typical = (name: string, key: keyof Load) =>
        of[name].map((one) => one[key]).toSorted((a, b) => a - b)[of[name].length >> 1];
      const names = { kit: "kit", sooner: "kit, outcomes durable", peer: "peer", nothing: "a server that does nothing" };
      for (const [name, words] of Object.entries(names)) {
        const failed = of[name].reduce((sum, one) => sum + one.failed, 0);
        console.log(
          `${what}, ${connections} at once, ${words}: ${typical(name, "rate").toFixed(0)} requests a second, ` +
            `${typical(name, "cost").toFixed(3)} ms of the processor each, ` +
            `median ${typical(name, "median").toFixed(2)} ms, 99 % ${typical(name, "p99").toFixed(2)} ms${
              failed > 0 ? `, ${failed} failed` : ""
            }`,
        );
      }
      for (const name of ["kit", "sooner"] as const) {
        console.log(
          `  ${names[name]}: ${(typical(name, "rate") / typical("peer", "rate")).toFixed(1)} times the peer's rate, ` +
            `${(typical("peer", "cost") / typical(name, "cost")).toFixed(1)} times less of the processor`,
        );
      }
    }
    if (flags.json !== undefined) {
      writeFileSync(flags.json, `${JSON.stringify({ machine: describeMachine(), found }, null, 2)}\n`);
    }
  } finally {
    for (const { end } of servers) await end();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
