/// <reference lib="dom" />
/** Tries the site's search in headless Chromium. @module */
import { chromium } from "npm:playwright-core@1.64.1";
import { serve } from "./serve.ts";
import { told } from "./tally.ts";

/** Queries and their expected results, in guides and in the API. */
const wanted: [query: string, found: RegExp][] = [
  ["buehler", /Read a verdict/],
  ["no solution found", /When no solution is found/],
  ["OptimizerOptions", /API: training and testing/],
];

/** Serves the site and searches it. It must find guides and API, and must not contact other machines. */
export async function trySearch(site: string): Promise<void> {
  const browser = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";
  if (!await Deno.stat(browser).then(() => true, () => false)) {
    console.log(`skipped: there is no browser at ${browser} to search with; install Chromium, or say in CHROMIUM where it is`);
    return;
  }
  await using server = serve(site);
  const opened = await chromium.launch({
    executablePath: browser,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-component-update"],
  });
  try {
    const page = await opened.newPage(), home = server.address, strange: string[] = [], errors: string[] = [];
    page.setDefaultTimeout(20_000);
    page.on("request", (request) => {
      if (!/^(data:|http:\/\/127\.0\.0\.1:)/.test(request.url())) strange.push(request.url());
    });
    page.on("pageerror", ({ message }) => errors.push(message));
    for (const [query, found] of wanted) {
      await page.goto(home, { waitUntil: "networkidle" });
      await page.click(".DocSearch-Button");
      await page.fill(".VPLocalSearchBox input", query);
      const result = page.locator(".VPLocalSearchBox .result", { hasText: found }).first();
      told(`the search finds "${query}"`, await result.waitFor().then(() => true, () => false));
    }
    told(`the site asks no other machine (${strange.join(", ") || "none"})`, strange.length === 0);
    told(`no error in the pages (${errors.join("; ") || "none"})`, errors.length === 0);
  } finally {
    await opened.close();
  }
}
