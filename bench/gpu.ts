// Times products and training steps in headless Chromium: `deno run -A bench/gpu.ts [--json FILE] [--hardware]`. Without
// --hardware, the software renderer SwiftShader replaces a card, on WebGPU and on WebGL 2.
import { parseArgs } from "node:util";
import { chromium } from "npm:playwright-core@1.64.1";

const { values: flags } = parseArgs({ options: { json: { type: "string" }, hardware: { type: "boolean", default: false } } });
const root = new URL("..", import.meta.url).pathname, dist = `${root}dist/bench`, deno = Deno.execPath();

async function must(command: string, args: string[], cwd = root): Promise<void> {
  const { code, stderr } = await new Deno.Command(command, { args, cwd, stdin: "null" }).output();
  if (code !== 0) throw new Error(`${command} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

await Deno.remove(dist, { recursive: true }).catch(() => {});
await Deno.mkdir(dist, { recursive: true });
// Peers and gpu.js are not in the lock file.
await must(deno, [
  "bundle",
  "--quiet",
  "--no-lock",
  "--platform",
  "browser",
  "--minify",
  "--outdir",
  dist,
  "bench/peers/gpu_page.ts",
]);
await must("npm", ["pack", "--silent", "gpu.js@2.24.1"], dist);
await must("tar", ["xzf", "gpu.js-2.24.1.tgz", "package/dist/gpu-browser.min.js"], dist);
const map = JSON.stringify({ imports: { "gpu.js": "./package/dist/gpu-browser.min.js" } });
const scripts = `<script type="importmap">${map}</script><script type="module" src="gpu_page.js"></script>`;
await Deno.writeTextFile(`${dist}/index.html`, `<!doctype html>${scripts}`);

const server = new Deno.Command(deno, {
  args: ["run", "-A", ".ci/serve.ts", dist, "8125", "--isolated"],
  cwd: root,
  stdout: "null",
}).spawn();
const software = ["--use-webgpu-adapter=swiftshader", "--enable-unsafe-swiftshader"];
const chrome = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--enable-unsafe-webgpu",
    ...(flags.hardware ? ["--enable-features=Vulkan", "--ignore-gpu-blocklist"] : software),
  ],
});
/** Opens a separate page for a contender, which must answer each call within a minute. */
async function opened(): Promise<(call: string) => Promise<unknown>> {
  const page = await chrome.newPage();
  await page.goto("http://127.0.0.1:8125/index.html");
  await page.waitForFunction("globalThis.bench !== undefined");
  return (call) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise((_, reject) => timer = setTimeout(() => reject(new Error("no answer in a minute")), 60_000));
    return Promise.race([page.evaluate(call), late]).finally(() => clearTimeout(timer));
  };
}

const tutorial: Network = { side: 28, filters: [16, 32] }, small: Network = { side: 12, filters: [4, 8] };

const median = (values: number[]) => Math.round(100 * values.toSorted((a, b) => a - b)[values.length >> 1]) / 100;
const reason = (error: unknown) => (error as Error).message.split("\n")[0].slice(0, 120);

/** Medians in milliseconds by contender, in turns, elements read back; or the reason for a failure. */
async function products(size: number, rounds: number): Promise<Record<string, number | string>> {
  const found: Record<string, number | string> = {},
    times = new Map<string, { ask: (call: string) => Promise<unknown>; all: number[] }>();
  let wanted: number[] | null = null;
  for (const name of await (await opened())("bench.products") as string[]) {
    const ask = await opened();
    try {
      const sums = await ask(`bench.prepare(${JSON.stringify(name)}, ${size})`) as number[];
      wanted ??= sums;
      const error = Math.max(...sums.map((sum, i) => Math.abs(sum - wanted![i])));
      if (!(error < 0.05)) throw new Error(`its rows are off by ${error}`);
      times.set(name, { ask, all: [] });
    } catch (error) {
      found[name] = reason(error);
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const [name, { ask, all }] of times) {
      try {
        all.push(await ask("bench.time()") as number);
      } catch (error) {
        found[name] = reason(error);
        times.delete(name);
      }
    }
  }
  for (const [name, { all }] of times) found[name] = median(all);
  return found;
}

/** A network of the tutorial's layers; see peers/gpu_page.ts. */
interface Network {
  side: number;
  filters: [number, number];
}

/** The same for training steps: in each round, each contender trains for some steps, whose median counts. */
async function steps(network: Network, batch: number, rounds: number): Promise<Record<string, number | string>> {
  const found: Record<string, number | string> = {},
    times = new Map<string, { ask: (call: string) => Promise<unknown>; all: number[] }>();
  for (const name of await (await opened())("bench.steps") as string[]) times.set(name, { ask: await opened(), all: [] });
  let wanted: number | null = null;
  for (let round = 0; round < rounds; round++) {
    for (const [name, { ask, all }] of times) {
      try {
        const call = `bench.step(${JSON.stringify(name)}, ${JSON.stringify(network)}, ${batch}, 4)`;
        const { milliseconds, loss } = await ask(call) as { milliseconds: number[]; loss: number };
        wanted ??= loss;
        if (!(Math.abs(loss - wanted) < 0.01)) throw new Error(`its loss is ${loss}, not ${wanted}`);
        all.push(median(milliseconds));
      } catch (error) {
        found[name] = reason(error);
        times.delete(name);
      }
    }
  }
  for (const [name, { all }] of times) found[name] = median(all);
  return found;
}

try {
  const info =
    "navigator.gpu.requestAdapter().then(({ info }) => [info.vendor, info.architecture, info.description].join(' ').trim())";
  const adapter = await (await opened())(info), cases: Record<string, unknown> = {};
  for (
    const [name, time] of [
      ["product of 256 x 256, ms", () => products(256, 5)],
      ["product of 512 x 512, ms", () => products(512, 3)],
      ...(flags.hardware
        ? [[`step of the tutorial's network, batch 150, ms`, () => steps(tutorial, 150, 5)]] as const
        : [["step of a small network, batch 16, ms", () => steps(small, 16, 5)]] as const),
    ] as const
  ) {
    cases[name] = await time();
    console.log(name, cases[name]);
  }
  if (flags.json !== undefined) await Deno.writeTextFile(flags.json, `${JSON.stringify({ adapter, cases }, null, 2)}\n`);
} finally {
  await chrome.close();
  server.kill();
  await server.status;
}
