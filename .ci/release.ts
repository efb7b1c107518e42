// Builds the published files in dist/ and tries them in empty projects, like a new user: `deno task release`. `--build`, which is
// `deno task pack`, only builds the tarball and the file for browsers.
//
// - a tarball for npm, used from Node and Bun, its types checked by tsc --strict without skipLibCheck;
// - the kit as one file for browsers, which a page imports directly; the tarball has it too;
// - a dry run of publishing on JSR;
// - pages bundled from the package for npm, which must stay within their budgets.
import { gzipSync } from "node:zlib";
import { serve } from "./serve.ts";
import { ended, told } from "./tally.ts";

/** Pages, and the most gzipped bytes that each loads first. Drawing, searches, Parquet and GPU code is loaded on use. */
const pages = {
  "trains": {
    program: 'import { nn, train } from "@seldonian/kit"; console.log(nn.LogisticRegression, nn.logLoss, train);',
    budget: 110_000,
  },
  "layers": {
    program: 'import { nn, optim, tensor } from "@seldonian/kit"; console.log(nn.Linear, nn.logLoss, optim.adam, tensor);',
    budget: 36_600,
  },
  "everything": { program: 'export * from "@seldonian/kit";', budget: 246_500 },
};

const root = new URL("..", import.meta.url).pathname, dist = `${root}dist`, deno = Deno.execPath();

/** Runs a command and reports the result. */
async function run(what: string, command: string[], cwd = root, wanted?: RegExp): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(command[0], { args: command.slice(1), cwd, stdin: "null" }).output();
  const text = new TextDecoder(),
    out = text.decode(stdout),
    errors = text.decode(stderr),
    good = code === 0 && (wanted?.test(out + errors) ?? true);
  told(what, good);
  if (!good) console.log(out, errors);
}

const ownOutputs = ["browser", "bun", "node", "unpacked", "packed.tgz", "seldonian.js"];
for (const name of ownOutputs) await Deno.remove(`${dist}/${name}`, { recursive: true }).catch(() => {});
await Deno.mkdir(`${dist}/unpacked`, { recursive: true });

const buildOnly = Deno.args.includes("--build");
if (!buildOnly) await run("publishing on JSR, dry", [deno, "publish", "--dry-run", "--allow-dirty"]);

// One file for pages without a bundler. Server-only modules are imported on use, and never in a browser.
const ready = `${dist}/seldonian.js`;
await run("one file for browsers", [
  ...[deno, "bundle", "--quiet", "--platform", "browser", "--minify", "--output", ready, "mod.ts"],
]);
told("it imports nothing when it is loaded", !/(?:\bfrom|[;}]import)\s*"[^"\s`$]+"\s*[;,]/.test(await Deno.readTextFile(ready)));

// deno pack finds statically imported packages; those loaded on use are in package.json.
await run("packing for npm", [deno, "pack", "--allow-dirty", "-o", `${dist}/packed.tgz`]);
await run("unpacking", ["tar", "xzf", "packed.tgz", "-C", "unpacked"], dist);
const file = `${dist}/unpacked/package/package.json`, made = JSON.parse(await Deno.readTextFile(file));
const stated = JSON.parse(await Deno.readTextFile(`${root}package.json`));
const kept = ["dependencies", "peerDependencies", "peerDependenciesMeta", "bin", "engines", "sideEffects", "browser"];
await Deno.mkdir(`${dist}/unpacked/package/browser`);
await Deno.copyFile(ready, `${dist}/unpacked/package/browser/seldonian.js`);
const published = {
  ...made,
  exports: {
    ...made.exports,
    "./browser": { types: "./mod.d.ts", default: "./browser/seldonian.js" },
    "./package.json": "./package.json",
  },
  ...Object.fromEntries(kept.map((name) => [name, stated[name]])),
};
await Deno.writeTextFile(file, `${JSON.stringify(published, null, 2)}\n`);
await run("packing again", ["npm", "pack", "--silent", "--pack-destination", dist], `${dist}/unpacked/package`);
const tarball = `${dist}/seldonian-kit-${made.version}.tgz`;
if (buildOnly) {
  for (const name of [tarball, ready]) console.log(`    ${name.slice(root.length)}: ${(await Deno.stat(name)).size} bytes`);
  ended();
}

const program = `
import { bounds, nn, readNpz, readParquet, type TrainOptions, tensor, train } from "@seldonian/kit";
import { grad } from "@seldonian/kit/autodiff";
import { toOnnx } from "@seldonian/kit/export";
import { readFileSync } from "node:fs";

const features = Array.from({ length: 400 }, (_, i) => [(i % 20) / 10 - 1]);
const options: TrainOptions<nn.Sequential> = {
  data: { features, labels: features.map(([x]) => x! > 0 ? 1 : 0) },
  model: new nn.Sequential(new nn.Linear(1, 1), new nn.Sigmoid()),
  objective: nn.logLoss,
  constraints: [{ text: "ACC >= 0.6", delta: 0.05 }],
  optimizer: { thetaRate: 0.05 },
};
const result = await train(options);
if (!result.passed) throw new Error(\`\${result}\`);
const [slope] = grad((x) => x.square().sum())(tensor([1, 2, 3]));
if (toOnnx(result.model, { example: tensor([[1]]) }).length < 100) throw new Error("no file of ONNX");
const upper: number = bounds.upperBound([0, 1, 0], { delta: 0.1, range: [0, 1] });
const file = (name: string) => new Uint8Array(readFileSync(\`${root}tests/fixtures/\${name}\`));
const [people, arrays, figure] = [await readParquet(file("people.parquet")), await readNpz(file("arrays.npz")), await result.plot()];
console.log("works", slope!.toArray(), upper < 1, nn.save(result.model).length, people.size, arrays.size, figure.startsWith("<svg"));
`;

const names = Object.keys(published.exports).filter((name) => !/cli|json/.test(name)).map((name) => name.slice(1));
const entries = names.map((name, i) => `export * as entry${i} from "@seldonian/kit${name}";\n`).join("");

/** Creates an empty project with the tarball installed. */
async function project(name: string, ...packages: string[]): Promise<string> {
  const folder = `${dist}/${name}`;
  await Deno.mkdir(folder);
  await Deno.writeTextFile(`${folder}/package.json`, `{ "name": "empty", "private": true, "type": "module" }\n`);
  await Deno.writeTextFile(`${folder}/program.ts`, program);
  await Deno.writeTextFile(`${folder}/entries.ts`, entries);
  await run(`${name}: npm install`, ["npm", "install", "--silent", tarball, ...packages], folder);
  return folder;
}

const node = await project("node", "typescript@5.9", "@types/node@20");
// Types are read as Node.js finds them, and as bundlers do; then by the strictest settings, for every entry.
const strict = ["--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes", "--target", "es2023"];
for (const [module, ...resolution] of [["nodenext"], ["node16"], ["esnext", "--moduleResolution", "bundler"]]) {
  const types = [...strict, "--module", module, ...resolution];
  await run(
    `node: tsc --strict --module ${module}, without skipLibCheck`,
    ["npx", "tsc", ...types, "program.ts", "entries.ts"],
    node,
  );
}
const works = /^works \[ 2, 4, 6 \] true \d+ 2500 7 true/;
await run("node: the program", ["node", "program.js"], node, works);
await Promise.all(
  [22, 24].map((version) => run(`node ${version}: the program`, ["npx", "-y", `node@${version}`, "program.js"], node, works)),
);
await run("node: npx seldonian", ["npx", "seldonian", "explain", "ACC >= 0.9"], node, /ACC: bounded from below with delta 0\.05/);

const bun = await project("bun");
await run("bun: the program", ["npx", "-y", "bun@1.4.5", "program.ts"], bun, /^works .* true \d+ 2500 7 true/);

// The file for browsers, in a page without a bundler.
const browser = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";
if (await Deno.stat(browser).then(() => true, () => false)) {
  const page = `${dist}/browser`;
  await Deno.mkdir(page);
  await Deno.copyFile(ready, `${page}/seldonian.js`);
  await Deno.writeTextFile(
    `${page}/index.html`,
    `<!doctype html><meta charset="utf-8"><pre></pre><script type="module">
import { nn, train } from "./seldonian.js";
const features = Array.from({ length: 400 }, (_, i) => [(i % 20) / 10 - 1]);
const result = await train({
  data: { features, labels: features.map(([x]) => x > 0 ? 1 : 0) },
  model: new nn.LogisticRegression(1),
  objective: nn.logLoss,
  constraints: [{ text: "ACC >= 0.6", delta: 0.05 }],
  optimizer: { thetaRate: 0.05, epochs: 200 },
});
document.querySelector("pre").textContent = result + (await result.plot()).slice(0, 4);
</script>`,
  );
  await using server = serve(page);
  const quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"];
  const shown = /The safety test passed\.[\s\S]*&lt;svg/;
  await run(
    "a page without a bundler: trains",
    [browser, ...quiet, "--virtual-time-budget=30000", "--dump-dom", server.address],
    root,
    shown,
  );
} else console.log(`skipped: there is no browser at ${browser} for the page without a bundler`);

// What a page loads first, bundled from the package for npm as users do.
await run("installing bundlers", ["npm", "install", "--silent", "rolldown@1.2.19", "esbuild@0.28.2"], node);
for (const [name, { program, budget }] of Object.entries(pages)) {
  await Deno.writeTextFile(`${node}/${name}.js`, program);
  const bundler = ["npx", "rolldown", `${name}.js`, "--minify", "--platform", "browser", "--dir", `bundled ${name}`];
  await run(`bundling a page: ${name}`, bundler, node);
  // esbuild stops at a name that it does not find.
  const esbuild = ["npx", "esbuild", `${name}.js`, "--bundle", "--format=esm", "--splitting", `--outdir=esbuild ${name}`];
  await run(`bundling a page with esbuild, without settings: ${name}`, esbuild, node);
  // Follows static imports only.
  const files = new Map<string, string>();
  const visit = (file: string) => {
    if (files.has(file)) return;
    files.set(file, Deno.readTextFileSync(`${node}/bundled ${name}/${file}`));
    for (const [, other] of files.get(file)!.matchAll(/\b(?:from|import)\s*[`"]\.\/([^`"]+\.js)[`"]/g)) visit(other);
  };
  visit(`${name}.js`);
  let size = 0;
  for (const text of files.values()) size += gzipSync(text, { level: 9 }).length;
  told(`a page, ${name}: ${size} bytes gzipped, budget ${budget}`, size <= budget);
}

ended();
