/** Links of the Markdown files of a repository, and broken ones. @module */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

/** A link or an image in a Markdown file. */
export interface Link {
  /** The link's text, such as `../mod.ts` or `data.md#new-rows`. */
  target: string;
  /** The target file, from the repository's root; the same file for `#here`. */
  file: string;
  /** The target heading, or "". */
  anchor: string;
}

/** The Markdown files for readers: in the root, `docs/`, `bench/` and `.github/`. */
export function documents(root: string): string[] {
  const found = ["", "bench", "docs", ".github", ".github/ISSUE_TEMPLATE"].flatMap((folder) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder)).filter((name) => name.endsWith(".md")).map((name) => join(folder, name))
      : []
  );
  return found.sort();
}

/** The relative links of a file, without links to other sites and without code. */
export function linksOf(root: string, file: string): Link[] {
  const links = prose(readFileSync(join(root, file), "utf8")).matchAll(/\]\(([^()\s]+)\)/g);
  return Array.from(links, ([, target]) => target).filter((target) => !/^[a-z]+:/.test(target)).map((target) => {
    const [path, anchor = ""] = target.split("#");
    return { target, file: path === "" ? file : normalize(join(dirname(file), path)), anchor };
  });
}

/** A sentence for each broken link, and for each missing file that is named in code. */
export function brokenLinks(root: string): string[] {
  return documents(root).flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    const links = linksOf(root, file).filter(({ file, anchor }) => !leadsSomewhere(root, file, anchor));
    const named = Array.from(text.matchAll(/`((?:examples|tests|docs|bench|\.ci)\/[\w/.]+\.\w+)/g), ([, name]) => name);
    return [
      ...links.map(({ target }) => `${file} links to ${target}, and there is no such file or heading`),
      ...named.filter((name) => !existsSync(join(root, name))).map((name) => `${file} names ${name}, and there is no such file`),
    ];
  });
}

function leadsSomewhere(root: string, file: string, anchor: string): boolean {
  if (relative(root, join(root, file)).startsWith("..") || !existsSync(join(root, file))) return false;
  if (anchor === "") return true;
  if (statSync(join(root, file)).isDirectory()) return false;
  return headings(readFileSync(join(root, file), "utf8")).includes(anchor);
}

/** The anchors of a file's headings, as on GitHub and on the site. */
function headings(text: string): string[] {
  return Array.from(
    withoutFences(text).matchAll(/^#+ (.*)$/gm),
    ([, title]) => title.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/\s+/g, "-"),
  );
}

/** A text without code. */
function prose(text: string): string {
  return withoutFences(text).replace(/`[^`\n]*`/g, "");
}

function withoutFences(text: string): string {
  return text.replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1$/gm, "");
}
