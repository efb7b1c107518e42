/** The table of a card, and what the figures should be. @module */
import type { Figures } from "./measures.ts";

/** All that was measured. */
export interface Measured {
  adapter: string;
  machine: string[];
  /** By the kit. */
  cases: Record<string, Figures>;
  /** By PyTorch. */
  torch: { machine: string; cases: Record<string, Figures> } | { error: string };
}

/** What a figure should be. */
interface Target {
  what: string;
  /** The figure; `undefined` if it was not measured. */
  found: number | boolean | undefined;
  /** The limit, and what is aimed at. */
  limit: number | boolean;
  aim?: number;
  better: "less" | "more" | "so";
}

/** Figures to the limits of the project, one a line. */
export function verdicts(measured: Measured): string[] {
  const { cases } = measured, peer = "cases" in measured.torch ? measured.torch.cases : {};
  const number = (of: Record<string, Figures>, name: string, what: string) => {
    const found = of[name]?.[what];
    return typeof found === "number" ? found : undefined;
  };
  const ratio = (name: string) => {
    const [own, other] = [number(cases, name, "ms"), number(peer, name, "ms")];
    return own === undefined || other === undefined ? undefined : own / other;
  };
  const anyStep = Object.keys(cases).find((name) => name.startsWith("MNIST step")) ?? "";
  const [there, here] = ["tutorial, gpu", "tutorial, cpu"].map((name) => cases[name]?.upper);
  const targets: Target[] = [
    { what: "step, batch 150, to PyTorch's", found: ratio("MNIST step, batch 150"), limit: 0.5, aim: 0.33, better: "less" },
    { what: "step, batch 4096, to PyTorch's", found: ratio("MNIST step, batch 4096"), limit: 0.8, aim: 0.5, better: "less" },
    { what: "tutorial, seconds", found: number(cases, "tutorial, gpu", "whole process, s"), limit: 5, better: "less" },
    { what: "tutorial, passed", found: cases["tutorial, gpu"]?.passed as boolean | undefined, limit: true, better: "so" },
    {
      what: "tutorial, upper bound, distance from the CPU's",
      found: typeof there === "number" && typeof here === "number" ? Math.abs(there - here) : undefined,
      limit: 2e-3,
      better: "less",
    },
    { what: "product of 4096, TFLOP/s", found: number(cases, "product of 4096", "TFLOP/s"), limit: 25, better: "more" },
    { what: "product of 1024, TFLOP/s", found: number(cases, "product of 1024", "TFLOP/s"), limit: 18, better: "more" },
    ...["uploads", "downloads", "submissions"].map((what): Target => ({
      what: `${what} of a step`,
      found: number(cases, anyStep, what),
      limit: 1,
      better: "less",
    })),
  ];
  return targets.map(({ what, found, limit, aim, better }) => {
    const wanted = `${better === "less" ? "at most " : better === "more" ? "at least " : ""}${limit}${aim ? `, aim ${aim}` : ""}`;
    if (found === undefined) return `- ${what}: not measured (${wanted})`;
    const holds = better === "less" ? found <= limit : better === "more" ? found >= limit : found === limit;
    return `- ${what}: ${typeof found === "number" ? Number(found.toPrecision(3)) : found} (${wanted}): ${
      holds ? "holds" : "FALLS SHORT"
    }`;
  });
}

/** The figures as a table in Markdown. */
export function tableOf({ adapter, machine, cases, torch }: Measured): string {
  const names = Object.keys(cases).filter((name) => !name.endsWith("on the processor"));
  const said = (figures: Figures | undefined) =>
    figures === undefined
      ? ""
      : Object.entries(figures).map(([what, value]) => what === "ms" ? `${value} ms` : `${what} ${value}`).join(", ");
  const peer = "cases" in torch ? torch.cases : {};
  const rows = names.map((name) => [name, said(cases[name]), said(peer[name]), said(cases[`${name}, on the processor`])]);
  const head = [
    "work",
    `the kit, ${adapter}`,
    "cases" in torch ? torch.machine : `PyTorch: ${torch.error}`,
    "the kit, processor",
  ];
  const lines = [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`);
  return [...machine, "", ...lines].join("\n");
}
