// Builds the site in dist/docs: the guides of docs/ and the API, with a search that needs no network.
//   deno task docs [--base /kit/]   builds it for a folder of a server
//   deno task docs --serve [port]   builds it and serves it on this machine, port 8000 by default
//   deno task docs --links          checks relative links only
// A broken relative link ends the build with 1.
import { cp } from "node:fs/promises";
import { basename, dirname, extname, join, relative } from "node:path";
import { apiDocuments, apiPages } from "./docs_api.ts";
import { trySearch } from "./docs_search.ts";
import { brokenLinks, linksOf } from "./links.ts";
import { serve } from "./serve.ts";
import { ended, told } from "./tally.ts";

const root = new URL("..", import.meta.url).pathname, dist = join(root, "dist/docs"), deno = Deno.execPath();
/** The folder for pages and generator. */
const work = join(root, "dist/docs_work");

/** Markdown files outside docs/ that are pages, and their pages. */
const others: Record<string, string> = {
  "bench/README.md": "bench.md",
  "CHANGELOG.md": "changelog.md",
  "CONTRIBUTING.md": "contributing.md",
  "SECURITY.md": "security.md",
};

function valueOf(flag: string): string | undefined {
  const at = Deno.args.indexOf(flag);
  return at < 0 ? undefined : Deno.args[at + 1];
}

/** The page of a repository file; for other files than guides, a page that shows the file. */
function pageOf(file: string): string {
  if (file === "README.md" || file === "docs/README.md" || file === "docs") return "index.md";
  if (file in others) return others[file];
  return /^docs\/[^/]+\.md$/.test(file) ? basename(file) : `source/${file}.md`;
}

/** Copies a guide and rewrites its links to pages. @returns the files that it links to */
async function copyGuide(file: string, page: string): Promise<string[]> {
  let text = await Deno.readTextFile(join(root, file));
  const links = linksOf(root, file);
  for (const { target, file: led, anchor } of links) {
    const to = /\.(svg|png)$/.test(led)
      ? `./${relative("docs", led)}`
      : `${relative(dirname(page), pageOf(led)).replace(/^(?!\.)/, "./")}${anchor && `#${anchor}`}`;
    text = text.replaceAll(`](${target})`, `](${to})`);
  }
  await Deno.writeTextFile(join(work, page), text);
  return links.map(({ file }) => file);
}

/** Writes a page that shows a file, or lists a folder. */
async function showFile(file: string): Promise<void> {
  const page = join(work, pageOf(file)), { isDirectory } = await Deno.stat(join(root, file));
  await Deno.mkdir(dirname(page), { recursive: true });
  const content = isDirectory
    ? Array.from(Deno.readDirSync(join(root, file)), ({ name }) => `- \`${name}\``).sort().join("\n")
    : `\`\`\`\`${extname(file).slice(1) || "txt"}\n${await Deno.readTextFile(join(root, file))}\n\`\`\`\``;
  // Source files should not fill the search results.
  await Deno.writeTextFile(
    page,
    `---\nsearch: false\noutline: false\n---\n\n# ${file.split("/").at(-1)}\n\n\`${file}\`\n\n${content}\n`,
  );
}

async function run(args: string[], cwd = work): Promise<boolean> {
  const { code, stdout, stderr } = await new Deno.Command(deno, { args, cwd, stdin: "null", env: { NO_COLOR: "1" } })
    .output();
  const text = new TextDecoder();
  if (code !== 0) console.log(text.decode(stdout), text.decode(stderr));
  return code === 0;
}

const broken = brokenLinks(root);
for (const sentence of broken) console.log(sentence);
told("relative links lead somewhere", broken.length === 0);
if (broken.length > 0 || Deno.args.includes("--links")) ended();

// The tests run the programs without a look at types.
const guides = Array.from(Deno.readDirSync(join(root, "docs")), ({ name }) => `docs/${name}`).filter((file) =>
  file.endsWith(".md")
);
told("the guides' programs have no wrong types", await run(["check", "--quiet", "--doc-only", "README.md", ...guides], root));

for (const folder of [dist, work]) await Deno.remove(folder, { recursive: true }).catch(() => {});
await Deno.mkdir(join(work, ".vitepress"), { recursive: true });
await Deno.mkdir(join(work, "api"));

const linked = new Set<string>();
for (const { name } of Deno.readDirSync(join(root, "docs"))) {
  if (!name.endsWith(".md")) continue;
  for (const file of await copyGuide(`docs/${name}`, pageOf(`docs/${name}`))) linked.add(file);
}
for (const [file, page] of Object.entries(others)) for (const led of await copyGuide(file, page)) linked.add(led);
await cp(join(root, "docs/figures"), join(work, "figures"), { recursive: true });
for (const file of linked) if (pageOf(file).startsWith("source/") && !/\.(svg|png)$/.test(file)) await showFile(file);

const api = await apiDocuments(root);
for (const [name, text] of api) await Deno.writeTextFile(join(work, "api", name), text);
told(`the API has ${api.size} pages`, api.size === apiPages.length);

await Deno.writeTextFile(join(work, ".vitepress/api.json"), JSON.stringify(apiPages));
await Deno.copyFile(join(root, "docs/site/config.js"), join(work, ".vitepress/config.mjs"));
for (const name of ["deno.json", "deno.lock"]) await Deno.copyFile(join(root, "docs/site", name), join(work, name));
// VitePress links Vue into the nearest folder with a package.json.
await Deno.writeTextFile(join(work, "package.json"), "{}");
told("the generator is installed, as it is pinned", await run(["install", "--frozen", "--quiet"]));
// Only the necessary permissions: no network, and it writes only its own files.
const rights = ["--allow-read", `--allow-write=${work},${dist}`, "--allow-env", "--allow-sys", "--allow-ffi", "--allow-run"];
const base = valueOf("--base") ?? "/";
told(
  "the site is built",
  await run(["run", ...rights, "--no-prompt", "npm:vitepress", "build", "--outDir", dist, "--base", base]),
);
if (base === "/") await trySearch(dist);
if (Deno.args.includes("--serve")) {
  const port = Number(valueOf("--serve") ?? 8000);
  console.log(`The site is at ${serve(dist, { port }).address}`);
} else ended();
