/// <reference lib="dom" />
import type { Locator, Page } from "npm:playwright-core@1.64.1";
import axe from "npm:axe-core@4.14.1";
import { told } from "./tally.ts";

/** Checks a page against the automatic rules of accessibility (WCAG 2.1, AA). */
export async function accessible(page: Page, what: string): Promise<void> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    // deno-lint-ignore no-explicit-any
    const found = await (globalThis as any).axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] });
    // deno-lint-ignore no-explicit-any
    return found.violations.map(({ id, nodes }: any) => `${id}: ${nodes[0].html}`) as string[];
  });
  told(`${what}: no rule of accessibility is broken (${violations.join("; ") || "none"})`, violations.length === 0);
}

/** Whether something becomes visible. */
export async function seen(what: Locator): Promise<boolean> {
  return await what.waitFor({ timeout: 10_000 }).then(() => true, () => false);
}

/** Takes screenshots in light and dark, on a wide screen and on a phone. Each must be accessible and fit the screen's width. */
export async function everywhere(page: Page, path: string, what: string): Promise<void> {
  // Reduced motion, because colours in transition would be measured halfway.
  for (const width of [1400, 390]) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await accessible(page, `${what}, ${width} wide, ${colorScheme}`);
      await page.screenshot({ path: `${path}-${width}-${colorScheme}.png`, fullPage: true });
    }
    const found = await page.evaluate(() => document.documentElement.scrollWidth);
    told(`${what}: ${found} wide on a screen of ${width}`, found <= width);
  }
  await page.setViewportSize({ width: 1400, height: 900 });
}
