// Runs the tests that need a GPU or gpu.js: `deno task gpu`. In Deno gpu.js' kernels run as scripts, and the kit's own on a WebGPU
// adapter if there is one, such as Mesa's llvmpipe (apt-get install mesa-vulkan-drivers); in headless Chromium WebGPU and WebGL 2
// run, with SwiftShader in place of a card. A skipped test says why.
import { chromium } from "npm:playwright-core@1.64.1";
import { mnistFiles } from "../examples/datasets/mnist_files.ts";
import { readIdx } from "../mod.ts";
import { serve } from "./serve.ts";
import { counted, ended, told } from "./tally.ts";

const root = new URL("..", import.meta.url).pathname, dist = `${root}dist/gpu`, deno = Deno.execPath();

async function output(command: string, args: string[], cwd = root): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args, cwd, stdin: "null", env: { NO_COLOR: "1" } }).output();
  return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

// gpu.js is not in the lock file, because every contributor would have to fetch it.
const tests = await output(deno, ["test", "--no-check", "--no-lock", "--allow-read", "--allow-env=PROOFS", "tests/gpu"]);
console.log(tests.text);
const [, good, bad] = /(\d+) passed.* (\d+) failed/.exec(tests.text) ?? [];
counted(Number(good ?? 0), Number(bad ?? 1));

const adapter = await navigator.gpu?.requestAdapter() ?? null;
if (adapter === null) console.log("skipped: MNIST in Deno on a GPU, because there is no adapter of WebGPU");
else {
  const few = ["--rows", "2000", "--batch", "25", "--epochs", "1", "--constraint", "ACC >= 0.5", "--json"];
  const { code, text } = await output(deno, [
    "run",
    "--no-check",
    "--no-lock",
    "--no-prompt",
    "examples/mnist.ts",
    "--device",
    "gpu",
    ...few,
  ]);
  const result = text.match(/^\{.*\}$/m)?.[0] ?? text;
  told(`MNIST in Deno on ${adapter.info.description}: ${result}`, code === 0 && JSON.parse(result).passed);
}

const browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});
if (browser === undefined) console.log("skipped: training in a browser, because there is no Chromium here");
else await inBrowser(browser);
ended();

/** The kit in a page whose import map has gpu.js. */
async function inBrowser(executablePath: string): Promise<void> {
  await Deno.remove(dist, { recursive: true }).catch(() => {});
  await Deno.mkdir(dist, { recursive: true });
  const bundle = ["bundle", "--quiet", "--platform", "browser", "--minify", "--code-splitting", "--outdir", dist];
  told("the page is built", (await output(deno, [...bundle, ".ci/gpu_page.ts"])).code === 0);
  await output("npm", ["pack", "--silent", "gpu.js@2.24.1"], dist);
  await output("tar", ["xzf", "gpu.js-2.24.1.tgz", "package/dist/gpu-browser.min.js"], dist);
  const map = JSON.stringify({ imports: { "gpu.js": "./package/dist/gpu-browser.min.js" } });
  await Deno.writeTextFile(
    `${dist}/index.html`,
    `<!doctype html><script type="importmap">${map}</script><script type="module" src="gpu_page.js"></script>`,
  );
  const count = 800, [images, labels] = (await mnistFiles()).slice(0, 2).map((file, i) => readIdx(file, `file ${i}`).values);
  await Deno.writeFile(`${dist}/digits.bin`, new Blob([images.slice(0, count * 784), labels.slice(0, count)]).stream());

  await using server = serve(dist);
  const flags = ["--no-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-unsafe-swiftshader"];
  const chrome = await chromium.launch({ executablePath, args: flags });
  try {
    for (const mode of ["webgpu", "webgl2"] as const) {
      const page = await chrome.newPage();
      await page.goto(server.address);
      await page.waitForFunction("globalThis.kit !== undefined");
      const there = await page.evaluate(
        mode === "webgpu"
          ? "navigator.gpu?.requestAdapter().then(Boolean)"
          : "!!document.createElement('canvas').getContext('webgl2')",
      );
      if (!there) console.log(`skipped: ${mode} in Chromium, which has none here`);
      else {
        const differences = await page.evaluate(`kit.primitives("${mode}", 1)`) as string[];
        told(
          `primitives in Chromium, ${mode}: ${differences.join("; ") || "agree with the processor's"}`,
          differences.length === 0,
        );
        if (mode === "webgpu") {
          const { steps, difference, each } = await page.evaluate("kit.replayed('webgpu')") as {
            steps: number;
            difference: number;
            each: number[];
          };
          const what =
            `${steps} steps in Chromium: replays are within ${difference}, with ${each} transfers and submissions each`;
          told(what, steps === 50 && difference <= 1e-4 && each.every((count) => count === 1));
        }
        const found = await page.evaluate(`kit.trained("${mode}", 800, "ACC >= 0.3")`) as {
          passed: boolean;
          difference: number;
        };
        told(`MNIST in Chromium: ${JSON.stringify(found)}`, found.passed && found.difference <= 1e-3);
      }
      await page.close();
    }
  } finally {
    await chrome.close();
  }
}
