/** The upper ends of the classes of durations, in seconds. */
const ends = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A measured value, with its labels. */
export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** Counts of a server, in Prometheus' text format. */
export class Metrics {
  readonly #requests = new Map<string, number>();
  readonly #durations = new Map<string, { counts: number[]; sum: number }>();
  readonly #counts = new Map<string, number>();

  /** Notes an answer. */
  request(route: string, status: number, seconds: number): void {
    const key = labelled({ route, status: `${status}` });
    this.#requests.set(key, (this.#requests.get(key) ?? 0) + 1);
    let of = this.#durations.get(route);
    if (of === undefined) this.#durations.set(route, of = { counts: new Array(ends.length + 1).fill(0), sum: 0 });
    let place = 0;
    while (place < ends.length && seconds > ends[place]) place++;
    of.counts[place]++;
    of.sum += seconds;
  }

  /** Counts some things, by the value of a label. */
  count(name: "seldonian_decisions_total" | "seldonian_outcomes_total", label: string, values: readonly string[]): void {
    const found = new Map<string, number>();
    for (const value of values) found.set(value, (found.get(value) ?? 0) + 1);
    for (const [value, count] of found) {
      const key = `${name}${labelled({ [label]: value })}`;
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
    }
  }

  /** Everything as text, with further values by name. */
  text(gauges: Readonly<Record<string, { help: string; samples: readonly Sample[] }>>): string {
    const lines: string[] = [];
    const about = (name: string, type: string, help: string) => lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    about("seldonian_requests_total", "counter", "Requests by route and status");
    for (const [key, count] of this.#requests) lines.push(`seldonian_requests_total${key} ${count}`);
    about("seldonian_request_seconds", "histogram", "Time until an answer");
    for (const [route, { counts, sum }] of this.#durations) {
      let below = 0;
      counts.forEach((count, place) => {
        below += count;
        lines.push(`seldonian_request_seconds_bucket${labelled({ route, le: `${ends[place] ?? "+Inf"}` })} ${below}`);
      });
      lines.push(`seldonian_request_seconds_sum${labelled({ route })} ${sum}`);
      lines.push(`seldonian_request_seconds_count${labelled({ route })} ${below}`);
    }
    const helps = {
      seldonian_decisions_total: "Decisions by class",
      seldonian_outcomes_total: "Outcomes by what became of them",
    };
    for (const [name, help] of Object.entries(helps)) {
      about(name, "counter", help);
      for (const [key, count] of this.#counts) if (key.startsWith(`${name}{`)) lines.push(`${key} ${count}`);
    }
    for (const [name, { help, samples }] of Object.entries(gauges)) {
      about(name, "gauge", help);
      for (const [labels, value] of samples) lines.push(`${name}${labelled(labels)} ${written(value)}`);
    }
    return `${lines.join("\n")}\n`;
  }
}

function labelled(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) =>
    `${name}="${value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"')}"`
  );
  return `{${pairs.join(",")}}`;
}

function written(value: number): string {
  return value === Infinity ? "+Inf" : value === -Infinity ? "-Inf" : `${value}`;
}
