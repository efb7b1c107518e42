/// <reference lib="dom" />
import { Buffer } from "node:buffer";
import type { Locator, Page } from "npm:playwright-core@1.64.1";
import { accessible, everywhere, seen } from "./page_checks.ts";
import { told } from "./tally.ts";

/** From opening the page to the downloads, by keyboard and clicks. @param path start of the screenshots' paths */
export async function use(page: Page, address: string, name: string, path: string): Promise<void> {
  await page.goto(address);
  await page.getByRole("button", { name: "Train and test" }).click();
  told(`${name}: without data it says what is missing`, await seen(page.getByText("Choose data first.")));
  await page.getByRole("button", { name: "German credit" }).click();
  await page.getByText("German credit: 1,000 rows, 62 columns").waitFor();
  await page.getByText("What exactly is tested").click();
  told(`${name}: the promise is explained`, await seen(page.getByText("is kept where g =")));

  const field = page.getByRole("combobox", { name: "The model must keep" });
  await field.fill("");
  await field.pressSequentially("PRec");
  told(`${name}: measures are offered`, await seen(page.getByRole("option", { name: "Precision" })));
  await field.press("Enter");
  await field.pressSequentially(" = 0.7");
  told(
    `${name}: an error has a caret under its place`,
    /unknown relation =.*\n {2}Precision = 0\.7\n {12}\^/.test(await page.locator(".promise [role=alert]").innerText()),
  );
  told(`${name}: typing selects a custom text`, await page.getByRole("radio", { name: "Custom text" }).isChecked());
  await page.screenshot({ path: `${path}-error.png`, fullPage: true });
  await field.fill("ACC >= 0.6");
  const watched = page.evaluate(watchTraining);
  await page.keyboard.press("Enter");
  const { frames, longest, places } = await watched, percent = Math.round(100 * longest);
  told(
    `${name}: the page is not blocked while it trains (${frames} frames, at most ${percent} % of the time apart)`,
    longest < 0.5,
  );
  told(`${name}: nothing jumps while it trains`, places === 1);
  const first = await page.evaluate(() => performance.getEntriesByName("first curve")[0]?.duration);
  await page.getByText("The safety test passed.").waitFor({ timeout: 60_000 });
  told(
    `${name}: the verdict, with the tree and the figure`,
    await page.locator("#verdict li li li").count() >= 1 && await page.locator("#verdict svg").count() === 1,
  );
  told(
    `${name}: what became of the data is told`,
    await seen(page.locator("#prepared-notes").getByText("500 rows to train on, 500 rows to test")),
  );
  console.log(`    first curve after ${Math.round(first ?? NaN)} ms, ${await page.locator("#state").innerText()}`);
  for (const [link, beginning] of [["Model", undefined], ["Certificate", '{\n  "format": "seldonian certificate 3"']] as const) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: link }).click()]);
    const bytes = await Deno.readFile(await download.path());
    told(
      `${name}: ${link} is downloaded`,
      bytes.length > 100 && (beginning === undefined || new TextDecoder().decode(bytes).startsWith(beginning)),
    );
  }
  await page.screenshot({ path: `${path}-verdict.png`, fullPage: true });
  await accessible(page, name);

  await choose(page, "mine.csv", "x,y\n1,0\n2,1\n3");
  told(
    `${name}: a file that is broken is named with its line`,
    await seen(page.getByText("mine.csv cannot be used: Cannot read line 4")),
  );
  const rows = Array.from({ length: 300 }, (_, i) => `${Math.sin(i * 7.1)},${Math.sin(i * 7.1) > 0 ? "yes" : "no"}`);
  await choose(page, "mine.csv", `x,y\n${rows.join("\n")}`);
  await field.fill("ACC >= 0.7");
  await page.getByRole("button", { name: "Train and test" }).click();
  await page.getByRole("button", { name: "Stop" }).click();
  told(`${name}: training stops when it is told to`, await seen(page.getByText("Stopped.")));
}

/** Promises that are chosen, not typed. */
export async function choosePromises(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await choose(page, "people.csv", people());
  await page.getByText("people.csv: 400 rows, 7 columns").waitFor();
  const promise = page.locator(".promise").first(), text = promise.getByRole("combobox", { name: "The model must keep" });
  const list = (name: string) => promise.getByRole("combobox", { name, exact: true });
  const written = async (what: string, wanted: string) => {
    const found = await text.inputValue();
    told(`promise: ${what} (${found})`, found === wanted);
  };
  await written("groups are found in the data", 'abs((PR | [sex == "Female"]) - (PR | [sex == "Male"])) <= 0.1');
  await promise.getByRole("radio", { name: "Equal opportunity" }).check();
  await written("equal opportunity", 'abs((TPR | [sex == "Female"]) - (TPR | [sex == "Male"])) <= 0.1');
  const sentence =
    "Among those whose true repaid is “yes”, rows with sex “Female” and rows with sex “Male” are given it equally often: " +
    "the difference is at most 10 percentage points, wrong with probability at most 5 %.";
  told("promise: it is said in words", await seen(promise.getByText(sentence)));
  await promise.getByRole("radio", { name: "Equalised odds" }).check();
  await list("Compare by").selectOption("home town");
  await list("those with").selectOption("Oslo");
  await list("with").selectOption("all others");
  const others = (measure: string) => `abs((${measure} | ["home town" == "Oslo"]) - (${measure} | ["home town" != "Oslo"]))`;
  await written("a level against all others, both ways", `max(${others("TPR")}, ${others("FPR")}) <= 0.1`);
  await promise.getByRole("radio", { name: "Equal error" }).check();
  await list("those with").selectOption("each level in turn");
  told("promise: each level in turn", (await text.inputValue()).split("ER").length === 7);
  await list("Compare by").selectOption("age");
  await promise.getByLabel("below and from").fill("30");
  await promise.getByLabel("The difference is at most").fill("7");
  await written("numbers below and from a threshold on", "abs((ER | [age < 30]) - (ER | [age >= 30])) <= 0.07");
  await promise.getByRole("radio", { name: "Error bound" }).check();
  await written("error bound", "ACC >= 0.7");
  await page.getByRole("button", { name: "Add a promise" }).click();
  told("promise: a second one", await page.locator(".promise").count() === 2 && await seen(page.getByText("Promise 2")));
  const second = page.locator(".promise").nth(1), field = second.getByRole("combobox", { name: "The model must keep" });
  await field.fill("(PR | [Female]) >= 0.1");
  told("promise: a level for a column is told apart", await seen(second.getByText('write [sex == "Female"]')));
  await field.fill('(PR | [sex == "Femal"]) >= 0.1');
  await page.getByRole("button", { name: "Train and test" }).click();
  told("promise: what training finds wrong is said at the field", await seen(second.getByText('the nearest is "Female"')));
  await second.getByRole("button", { name: "Remove" }).click();
  told("promise: it is removed", await page.locator(".promise").count() === 1);
  // The label depends on this column only.
  await page.getByRole("checkbox", { name: "savings" }).uncheck();
  await page.getByRole("button", { name: "Train and test" }).click();
  told(
    "promise: no solution, and what that means",
    await seen(page.getByRole("heading", { name: "No solution found" })) &&
      await seen(page.getByText("so there is no model to use")) &&
      !await page.getByRole("link", { name: "Model" }).isVisible(),
  );
}

/** How a damaged table is read, and how the fields under Reading cure it. */
export async function checkReport(page: Page, address: string, path: string): Promise<void> {
  await page.goto(address);
  await choose(page, "damaged.csv", damaged());
  await page.getByText("damaged.csv: 300 rows, 8 columns").waitFor();
  const row = (name: string) =>
      page.locator("#columns tbody tr").filter({ has: page.getByRole("rowheader", { name, exact: true }) }),
    box = (name: string) => page.getByRole("checkbox", { name, exact: true }),
    says = async (what: string, text: string | RegExp) =>
      told(`report: ${what}`, await seen(page.locator("#notes").getByText(text)));
  await says("a sign of currency is a problem, with its line", /"price".*"\$12\.30" in line 3 of damaged\.csv.*currency sign/);
  await says("so is a decimal comma", /"score".*it has a decimal comma/);
  await says("missing values that training would stop at are a problem", /"age": 12 of its 300 values are missing/);
  await says("a level a letter away is a warning", '"Femal", in 6 rows, and "Female" differ by one letter');
  await page.getByText("more notes").click();
  await says("blanks were mended", /white space around values was left out in .*sex \(\d+\)/);
  const histograms = await page.locator("#columns svg").count();
  told(`report: a picture for each column that can be used (${histograms})`, histograms === 6);
  for (const [name, why] of [["id", "it numbers the rows"], ["price", "not clear"], ["sex", "sensitive"]]) {
    told(
      `report: ${name} is left out, and why`,
      await seen(row(name).getByText(`left out: ${why}`)) && !await box(name).isChecked(),
    );
  }
  await box("city").uncheck();
  told("report: a column is switched off", await seen(row("city").getByText("left out: switched off")));
  const excluded = page.getByLabel("exclude");
  await page.getByText("Reading", { exact: true }).click();
  told("report: and named under Reading", (await excluded.inputValue()).endsWith("city"));
  await box("city").check();
  await box("sex").check();
  told(
    "report: columns are switched on",
    await seen(row("sex").getByText("feature")) && await seen(row("city").getByText("feature")),
  );
  await everywhere(page, `${path}-report`, "report");

  await page.getByRole("button", { name: "set “decimal” to ," }).click();
  told(
    "report: a cure makes a column one of numbers, which the model sees",
    await seen(row("score").getByText("number")) && await box("score").isChecked(),
  );
  await page.getByLabel("text", { exact: true }).fill("price");
  await page.keyboard.press("Enter");
  told("report: a field of Reading does so as well", await seen(row("price").getByText("text", { exact: true })));
  await page.getByLabel("replace").fill('{"sex": {"Femal": "Female"}}');
  await page.getByLabel("replace").blur();
  told("report: levels are replaced", await seen(row("sex").getByText("2 levels")));
  told("report: JSON becomes lines", await page.getByLabel("replace").inputValue() === "sex: Femal = Female");
  await page.getByLabel("skipLines").fill("two");
  await page.getByLabel("skipLines").blur();
  told("report: what is wrong in a field is said beside it", await seen(page.locator("#reading-skipLines-error")));
  await page.getByLabel("skipLines").fill("");
  await page.getByLabel("skipLines").blur();

  await box("sex").uncheck();
  await page.getByRole("radio", { name: "Error bound" }).check();
  await page.getByRole("button", { name: "Train and test" }).click();
  const failure = page.locator("#failure");
  told("report: an error of training speaks of fields", await seen(failure.getByText(/"age": 12 of its 300 values are missing/)));
  await failure.getByRole("button", { name: "set “missing” to drop" }).click();
  await page.getByRole("button", { name: "Train and test" }).click();
  await page.locator("#result").waitFor({ timeout: 60_000 });
  told(
    "report: rows that were left out are told with the result",
    await seen(page.locator("#prepared-notes").getByText("12 rows of 300 left out")),
  );
  await everywhere(page, `${path}-result`, "result");

  const tag = `<img src=x onerror='document.title="run"'>`, quoted = `"${tag.replaceAll('"', '""')}"`;
  await choose(page, `${tag}.csv`, `y,${quoted}\n${`0,${quoted}\n1,a\n`.repeat(9)}`);
  await page.getByText("18 rows, 2 columns").waitFor();
  told("report: names are text, never tags", await page.locator("img").count() === 0 && await page.title() !== "run");
  await page.locator("#file").setInputFiles(new URL("../tests/fixtures/people.parquet", import.meta.url).pathname);
  told("report: Parquet is read", await seen(page.getByText(/people\.parquet: [\d,]+ rows/)));

  const lines = Array.from({ length: 60 }, (_, i) => `${i % 30 + 100};${i % 3 ? 950 : `${1 + i % 9}.200`};${i % 2}`);
  await choose(page, "visits.csv", `patient_id;wage;ill\n${lines.join("\n")}`);
  await page.getByRole("button", { name: "set “thousands” to . and “decimal” to ," }).click();
  told("report: options that go together are set together", await seen(row("wage").getByText("950 to 7200")));
  told(
    "report: an id that comes again is left out",
    await seen(row("patient_id").getByText(/left out: an id; if rows with equal ids/)),
  );
  await page.getByLabel("groupBy").fill("patient_id");
  await page.getByLabel("groupBy").blur();
  told("report: rows of one belong together", await seen(row("patient_id").getByText("its equal values are one observation")));
}

/** From the file to the verdict without a mouse. */
export async function trainByKeyboard(page: Page, address: string): Promise<void> {
  await page.goto(address);
  const to = async (what: Locator) => {
    for (let presses = 0; presses < 80; presses++) {
      if (await what.evaluate((element) => element === document.activeElement)) return true;
      await page.keyboard.press("Tab");
    }
    return false;
  };
  told("keyboard: to the file", await to(page.locator("#file")));
  await choose(page, "people.csv", people());
  await page.getByText("people.csv: 400 rows, 7 columns").waitFor();
  told("keyboard: to a column", await to(page.getByRole("checkbox", { name: "loans" })));
  await page.keyboard.press("Space");
  told("keyboard: to the promise", await to(page.getByRole("radio", { name: "Demographic parity" })));
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  told("keyboard: another promise is chosen", await page.getByRole("radio", { name: "Error bound" }).isChecked());
  told("keyboard: to its tolerance", await to(page.getByLabel("It is right about at least")));
  await page.keyboard.press("ArrowLeft");
  told("keyboard: to training", await to(page.getByRole("button", { name: "Train and test" })));
  await page.keyboard.press("Enter");
  told(
    "keyboard: to the verdict",
    await page.getByRole("heading", { name: "The model keeps its promise" }).waitFor({ timeout: 60_000 }).then(
      () => true,
      () => false,
    ),
  );
  told("keyboard: to the model", await to(page.getByRole("link", { name: "Model" })));
}

async function choose(page: Page, name: string, text: string): Promise<void> {
  await page.locator("#file").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
}

/** People who repay loans by a rule that a model can learn. */
function people(): string {
  const rows = Array.from({ length: 400 }, (_, i) => {
    const age = 20 + (i * 7) % 50, savings = (i * 37) % 101, sex = i % 3 === 0 ? "Male" : "Female";
    return [age, savings, sex, ["Rome", "Oslo", "Bonn"][i % 7 % 3], i % 11, (i * 13) % 17, savings > 40 ? "yes" : "no"].join();
  });
  return `age,savings,sex,home town,loans,years,repaid\n${rows.join("\n")}\n`;
}

/** A realistic table: from another country, edited by many people. */
function damaged(): string {
  const rows = Array.from({ length: 300 }, (_, i) => {
    const sex = i % 25 === 3 ? "" : i % 50 === 8 ? "Femal" : i % 2 === 0 ? "Female " : "Male",
      age = i % 25 === 7 ? "NA" : 20 + (i * 7) % 50;
    const score = (i * 37) % 101, price = i === 1 ? "$12.30" : `${i % 90}`;
    return [i + 1, price, sex, `${score},5`, age, ["Rome", "Oslo", "Bonn"][i % 7 % 3], i % 11, score > 40 ? "yes" : "no"].join(
      ";",
    );
  });
  return `id;price;sex;score;age;city;loans;repaid\n${rows.join("\n")}\n`;
}

/**
 * Runs in the page, because training may end before anybody outside sees a curve: looks at every frame from now until the curves are
 * gone. A blocked page draws no frames.
 * @returns the frames with curves, the longest time between two frames as a part of all, and the number of different places of the
 * button beside curves
 */
function watchTraining(): Promise<{ frames: number; longest: number; places: number }> {
  const { document, requestAnimationFrame } = globalThis as unknown as {
    document: { querySelector(name: string): { checkVisibility(): boolean; getBoundingClientRect(): { top: number } } | null };
    requestAnimationFrame: (next: () => void) => void;
  };
  return new Promise((resolve, reject) => {
    const places = new Set<number>(), start = performance.now(), late = start + 20_000;
    let frames = 0, longest = 0, before = start;
    const look = () => {
      const now = performance.now();
      longest = Math.max(longest, now - before);
      before = now;
      const seen = document.querySelector("#curves svg")?.checkVisibility() === true;
      if (seen) {
        frames++;
        places.add(document.querySelector("#train")!.getBoundingClientRect().top);
      } else if (frames > 0) return resolve({ frames, longest: longest / (now - start), places: places.size });
      if (now > late) return reject(new Error(`no curve was gone after 20 seconds; ${frames} frames had one`));
      requestAnimationFrame(look);
    };
    look();
  });
}
