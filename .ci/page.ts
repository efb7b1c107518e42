/// <reference lib="dom" />
// Builds the web page into dist/page and uses it in headless Chromium like a person: `deno task page`. Screenshots are kept there
// for inspection. `--build` only builds it.
import { gzipSync } from "node:zlib";
import { chromium } from "npm:playwright-core@1.64.1";
import { checkReport, choosePromises, trainByKeyboard, use } from "./page_uses.ts";
import { serve } from "./serve.ts";
import { ended, told } from "./tally.ts";

const root = new URL("..", import.meta.url).pathname,
  source = `${root}examples/browser`,
  dist = `${root}dist/page`,
  deno = Deno.execPath();

/** Packages that the kit loads on demand. They are not in the bundle but in the page's import map. */
const loadedLater = ["hyparquet", "hyparquet-compressors"];

async function build(): Promise<void> {
  await Deno.remove(dist, { recursive: true }).catch(() => {});
  await Deno.mkdir(dist, { recursive: true });
  const bundle = ["bundle", "--quiet", "--platform", "browser", "--minify", "--code-splitting", "--outdir", dist];
  const { code, stderr } = await new Deno.Command(deno, {
    args: [...bundle, `${source}/page.ts`, `${source}/worker.ts`],
    cwd: root,
  }).output();
  if (code !== 0) console.log(new TextDecoder().decode(stderr));
  for (const name of ["index.html", "page.css"]) await Deno.copyFile(`${source}/${name}`, `${dist}/${name}`);
  await Deno.copyFile(`${root}examples/datasets/german_credit.csv`, `${dist}/german_credit.csv`);
  const deps = await Deno.readTextFile(`${root}deps.ts`);
  const loaded = await Promise.all(loadedLater.map(async (name) => {
    const [, version] = new RegExp(`load\\("${name}", "([^"]+)"\\)`).exec(deps)!;
    const args = ["bundle", "--quiet", "--no-lock", "--platform", "browser", "--minify", "--output", `${dist}/${name}.js`];
    return (await new Deno.Command(deno, { args: [...args, `npm:${name}@${version}`], cwd: root }).output()).code;
  }));
  told("the page is built", code === 0 && loaded.every((code) => code === 0));
}

await build();
for (const name of ["page.js", "worker.js"]) {
  console.log(`    ${name}: ${gzipSync(await Deno.readFile(`${dist}/${name}`), { level: 9 }).length} bytes gzipped`);
}
const browser = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";
if (Deno.args.includes("--build")) ended();
if (!await Deno.stat(browser).then(() => true, () => false)) {
  console.log(`skipped: there is no browser at ${browser}; install Chromium, or say in CHROMIUM where it is`);
} else {
  const quiet = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ];
  for (
    const [name, options] of [
      ["isolated", { isolated: true }],
      ["not isolated", {}],
      ["strict", { isolated: true, strict: true }],
    ] as const
  ) {
    await using server = serve(dist, options);
    const opened = await chromium.launch({ executablePath: browser, args: quiet });
    try {
      const page = await opened.newPage({
        viewport: { width: 1400, height: 900 },
        colorScheme: name === "not isolated" ? "dark" : "light",
      });
      page.setDefaultTimeout(20_000);
      const { address } = server, errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      await use(page, address, name, `${dist}/${name}`);
      if (name === "isolated") {
        await choosePromises(page, address);
        await checkReport(page, address, `${dist}/${name}`);
        await trainByKeyboard(page, address);
      }
      told(`${name}: no error in the page (${errors.join("; ") || "none"})`, errors.length === 0);
      const isolated = await page.evaluate(() => crossOriginIsolated);
      // Called from here, `Function` would be allowed.
      const refuses = await page.evaluate(() =>
        new Promise((resolve) => {
          setTimeout("document.title = 'text'");
          setTimeout(() => resolve(document.title !== "text"), 50);
        })
      );
      told(`${name}: the server's headers match`, isolated === (name !== "not isolated") && refuses === (name === "strict"));
    } catch (error) {
      console.log(error);
      told(`${name}: the page is used to the end`, false);
    } finally {
      await opened.close();
    }
  }
}
ended();
