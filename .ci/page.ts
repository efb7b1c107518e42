/// <reference lib="dom" />
// Builds the web page into dist/page, and uses it in headless Chromium as a person would: `deno task page`. Screenshots are kept
// there, to be looked at. `--build` builds it alone.
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { chromium, type Locator, type Page } from "npm:playwright-core@1.64.1";
import axe from "npm:axe-core@4.14.1";
import { ended, told } from "./tally.ts";

const root = new URL("..", import.meta.url).pathname,
  source = `${root}examples/browser`,
  dist = `${root}dist/page`,
  deno = Deno.execPath();

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
  told("the page is built", code === 0);
}

/** Whether a page can be used with a screen reader and by those who see little, as far as rules tell (WCAG 2.1, AA). */
async function accessible(page: Page, what: string): Promise<void> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    // deno-lint-ignore no-explicit-any
    const found = await (globalThis as any).axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] });
    // deno-lint-ignore no-explicit-any
    return found.violations.map(({ id, nodes }: any) => `${id}: ${nodes[0].html}`) as string[];
  });
  told(`${what}: no rule of accessibility is broken (${violations.join("; ") || "none"})`, violations.length === 0);
}

/** Whether something comes to be seen. */
async function seen(what: Locator): Promise<boolean> {
  return await what.waitFor({ timeout: 10_000 }).then(() => true, () => false);
}

/** From opening the page to the downloads, by keyboard and clicks. */
async function used(page: Page, address: string, name: string): Promise<void> {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(address);
  await page.getByRole("button", { name: "Train and test" }).click();
  told(`${name}: without data it says what is missing`, await seen(page.getByText("Choose data first.")));
  await page.getByRole("button", { name: "German credit" }).click();
  await page.getByText("German credit: 1,000 rows, 62 columns").waitFor();
  told(`${name}: the promise is explained`, await seen(page.getByText("is kept where g =")));

  const field = page.getByRole("combobox", { name: "The model must keep" });
  await field.fill("");
  await field.pressSequentially("PRec");
  told(`${name}: measures are offered`, await seen(page.getByRole("option", { name: "Precision" })));
  await field.press("Enter");
  await field.pressSequentially(" = 0.7");
  told(
    `${name}: an error has a caret under its place`,
    /unknown relation =.*\n {2}Precision = 0\.7\n {12}\^/.test(await page.getByRole("alert").innerText()),
  );
  await page.screenshot({ path: `${dist}/${name}-error.png`, fullPage: true });
  await field.fill("ACC >= 0.6");
  await page.keyboard.press("Enter");
  await page.locator("#curves svg").waitFor();
  const first = await page.evaluate(() => performance.getEntriesByName("first curve")[0]?.duration);
  // A page that is blocked has no frames.
  const frames = await page.evaluate(() =>
    new Promise<number>((resolve) => {
      let count = 0;
      const until = performance.now() + 500,
        next = () => performance.now() < until ? (count++, requestAnimationFrame(next)) : resolve(count);
      requestAnimationFrame(next);
    })
  );
  told(`${name}: the page is not blocked while it trains (${frames} frames in half a second)`, frames >= 5);
  await page.screenshot({ path: `${dist}/${name}-training.png`, fullPage: true });
  await page.getByText("The safety test passed.").waitFor({ timeout: 60_000 });
  told(
    `${name}: the verdict, with the tree and the figure`,
    await page.locator("#verdict li li li").count() >= 1 && await page.locator("#verdict svg").count() === 1,
  );
  console.log(`    first curve after ${Math.round(first ?? NaN)} ms, ${await page.locator("#state").innerText()}`);
  for (const [link, beginning] of [["Model", undefined], ["Certificate", '{\n  "format": "seldonian certificate 2"']] as const) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: link }).click()]);
    const bytes = await Deno.readFile(await download.path());
    told(
      `${name}: ${link} is downloaded`,
      bytes.length > 100 && (beginning === undefined || new TextDecoder().decode(bytes).startsWith(beginning)),
    );
  }
  await page.screenshot({ path: `${dist}/${name}-verdict.png`, fullPage: true });
  await accessible(page, name);

  await page.locator("#file").setInputFiles({ name: "mine.csv", mimeType: "text/csv", buffer: Buffer.from("x,y\n1,0\n2,1\n3") });
  told(
    `${name}: a file that is broken is named with its line`,
    await seen(page.getByText("mine.csv cannot be used: Cannot read line 4")),
  );
  const rows = Array.from({ length: 300 }, (_, i) => `${Math.sin(i * 7.1)},${Math.sin(i * 7.1) > 0 ? "yes" : "no"}`);
  await page.locator("#file").setInputFiles({
    name: "mine.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(`x,y\n${rows.join("\n")}`),
  });
  await field.fill("ACC >= 0.7");
  await page.getByRole("button", { name: "Train and test" }).click();
  await page.getByRole("button", { name: "Stop" }).click();
  told(`${name}: training stops when it is told to`, await seen(page.getByText("Stopped.")));
  told(`${name}: no error in the page (${errors.join("; ") || "none"})`, errors.length === 0);
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
  for (const [name, port, flags] of [["isolated", 8010, ["--isolated"]], ["not isolated", 8011, []]] as const) {
    const server = new Deno.Command(deno, {
      args: ["run", "-A", `${root}.ci/serve.ts`, dist, `${port}`, ...flags],
      stdout: "null",
      stderr: "null",
    }).spawn();
    const opened = await chromium.launch({ executablePath: browser, args: quiet });
    try {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const page = await opened.newPage({
        viewport: { width: 1400, height: 900 },
        colorScheme: name === "isolated" ? "light" : "dark",
      });
      page.setDefaultTimeout(20_000);
      await used(page, `http://127.0.0.1:${port}/`, name);
      const isolated = await page.evaluate(() => crossOriginIsolated);
      told(`${name}: it is served as it is called`, isolated === (name === "isolated"));
    } catch (error) {
      console.log(error);
      told(`${name}: the page is used to the end`, false);
    } finally {
      await opened.close();
      server.kill();
      await server.status;
    }
  }
}
ended();
