import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import { anything, checkOptions, isRecord, type Kind, type Known, oneOf, record, text, whole } from "../../autodiff/options.ts";
import { loadHttp } from "../../deps.ts";
import { labelsOf } from "../constraints/measure.ts";
import { key as keyKind } from "../report/certificate.ts";
import { bodyOf, jsonIn } from "./body.ts";
import { Counter, type Told } from "./counter.ts";
import { Desk } from "./desk.ts";
import { Fields, mostErrors, type Row, shown, wrong } from "./fields.ts";
import { Judge } from "./judge.ts";
import { Metrics } from "./metrics.ts";
import { openApi } from "./openapi.ts";
import { openRun } from "./open_run.ts";
import { dashboard } from "./page.ts";
import { type FieldError, Refusal, unfit } from "./refusal.ts";
import { RowReader } from "./row_reader.ts";
import { servingStore } from "./store.ts";
import { gaugesOf, newWatch, promisesOf } from "./watch.ts";

/** What requests may cost. */
export interface ServerLimits {
  /** The most bytes of a body; default 1 MB. */
  bytes?: number;
  /** The most rows or outcomes of a request; default 1,000, or `waiting` if that is less. */
  rows?: number;
  /** How long a body may take to arrive, in seconds, at most 2,147,483; default 10. */
  seconds?: number;
  /** The most rows and outcomes that wait at once, beyond which requests are refused with status 503; default 20,000. */
  waiting?: number;
}

/** The options of {@link server}. */
export interface ServerOptions {
  /** Where decisions and outcomes are kept: a file that ends with .sqlite, or postgres://…; default `serving.sqlite` in the run. */
  store?: string;
  /** A key of at least 16 ASCII letters that requests must send, as in `Authorization: Bearer …`; default: none is needed. */
  apiKey?: string;
  /** What requests may cost. */
  limits?: ServerLimits;
  /** The probability that the monitor ever gives a false alarm; default 0.05. */
  alpha?: number;
  /**
   * What becomes of a feature's text that training did not know: "refuse" it (default), or "encode" it as the trained encoder does,
   * as none of the known ones.
   */
  unknownLevels?: "refuse" | "encode";
  /**
   * What is on the disk before it is answered: "all" (default), or "outcomes" alone. Then decisions are answered sooner: they survive
   * a kill of the server, and a loss of power may lose those of the last moments. An outcome that is acknowledged, and its decision,
   * are on the disk in either case.
   */
  durable?: "all" | "outcomes";
  /** The public key of the certificate's signer, as for `verify()`; without it, anyone may have signed. */
  publicKey?: CryptoKey;
  /** Receives errors of the store and of the server itself; default `console.error`. */
  onError?: (error: unknown) => void;
}

/** A server of one run. */
export interface Server {
  /** Whether decisions are drawn from probabilities: equal rows then share one draw, unless requests say whose they are. */
  readonly drawn: boolean;
  /** Answers a request, in any runtime: `Deno.serve(server.fetch)`, `Bun.serve({ fetch: server.fetch })`. */
  fetch(request: Request): Promise<Response>;
  /** Refuses further requests, finishes those that came, and closes the store. */
  close(): Promise<void>;
}

/** Timers take 2^31 - 1 milliseconds; of more they make 1. */
const mostSeconds = 2_147_483;
const seconds: Kind = {
  type: "number",
  wanted: "a number above 0 and at most 2,147,483",
  holds: (value) => (value as number) > 0 && (value as number) <= mostSeconds,
};
const limitOptions: Known<ServerLimits> = { bytes: whole(1), rows: whole(1), seconds, waiting: whole(1) };
const serverOptions: Known<ServerOptions> = {
  store: text,
  apiKey: anything,
  limits: record,
  alpha: { type: "number", wanted: "a number between 0 and 1", holds: (value) => (value as number) > 0 && (value as number) < 1 },
  unknownLevels: oneOf("refuse", "encode"),
  durable: oneOf("all", "outcomes"),
  publicKey: keyKind,
  onError: { type: "function", wanted: "a function" },
};

/**
 * A server of a run that `seldonian train --out` wrote: decisions exactly as certified, outcomes, and the monitor of the promise.
 *
 * @example
 * ```ts ignore
 * import { server } from "@seldonian/kit/serving";
 * const { fetch, close } = await server("run", { apiKey: Deno.env.get("API_KEY") });
 * const listening = Deno.serve({ port: 8080 }, fetch);
 * Deno.addSignalListener("SIGTERM", () => listening.shutdown().then(close));
 * ```
 * @param run the folder
 * @throws {RangeError} if model, encoder and certificate do not match, if the test failed, and for a store of another certificate
 */
export async function server(run: string, options: ServerOptions = {}): Promise<Server> {
  checkOptions("serve", options, serverOptions);
  const {
    store: place,
    apiKey,
    limits: given = {},
    alpha,
    unknownLevels = "refuse",
    durable = "all",
    publicKey,
    onError = console.error,
  } = options;
  checkApiKey(apiKey);
  const { bytes = 1_000_000, seconds = 10, waiting = 20_000, rows = Math.min(1000, waiting) } = checkOptions(
    "serve",
    given,
    limitOptions,
    "limits",
  );
  if (rows > waiting) {
    throw new RangeError(
      `Cannot serve: limits.rows is ${rows}, and only ${waiting} may wait (limits.waiting): raise it, or lower rows`,
    );
  }
  const opened = await openRun(run, publicKey), { certificate, encoder } = opened;
  const fields = new Fields(opened, unknownLevels), judge = new Judge(opened, fields), Router = await loadHttp();
  const watch = newWatch(opened, alpha), store = await servingStore(place, run, [opened.tested, certificate.sha256]);
  const counter = new Counter({ fields, encoder, watch });
  const desk = new Desk({ judge, counter, store, waiting, durable, log: onError });
  // A fault here is told as it is: nobody can try again.
  const { result: { monitor } } = await store.transaction((open) => counter.settle([], open)).catch(async (error) => {
    await desk.close();
    throw new RangeError(`Cannot serve ${run} with its store: ${error.message}; mend it, or name another store`, {
      cause: error,
    });
  });
  const { alpha: watching } = monitor.report();
  if (alpha !== undefined && watching !== alpha) {
    await desk.close();
    throw new RangeError(
      `Cannot serve ${run} with alpha ${alpha}: the store's monitor began with ${watching}; leave alpha out, or name another store`,
    );
  }
  const metrics = new Metrics(), router = new Router(), routes: Record<string, "GET" | "POST"> = {}, running = new Set<unknown>();
  const numbers = labelsOf[opened.task.name] === "numbers", drawn = !numbers && certificate.test.rates === "expected";
  let closing = false;

  const route = (
    method: "GET" | "POST",
    path: string,
    open: boolean,
    handle: (request: Request) => Promise<Response> | Response,
  ) => {
    routes[path] = method;
    router.on(method, path, async ({ req: { raw } }) => {
      const began = performance.now();
      let answer: Response;
      try {
        if (closing) throw new Refusal(503, "The server ends; try again", [], { "retry-after": "1" });
        if (!open && apiKey !== undefined) checkKey(raw, apiKey);
        answer = await handle(raw);
      } catch (error) {
        if (!(error instanceof Refusal)) onError(error);
        answer = (error instanceof Refusal ? error : new Refusal(500, "The server failed")).response();
      }
      metrics.request(path, answer.status, (performance.now() - began) / 1000);
      return answer;
    });
    router.all(path, () => new Refusal(405, `Wanted ${method}`, [], { allow: method }).response());
  };

  /** What a body has, one thing or a list of them: `read` reads one of them. */
  const listIn = <T>(
    body: Uint8Array,
    read: (one: unknown, path: readonly (string | number)[], errors: FieldError[]) => T | undefined,
  ): { all: T[]; isList: boolean } => {
    const json = jsonIn(body), isList = Array.isArray(json), list = isList ? json : [json];
    checkLength(list.length);
    const errors: FieldError[] = [], all: T[] = [];
    for (const [i, one] of list.entries()) {
      if (errors.length >= mostErrors) break;
      const found = read(one, isList ? [i] : [], errors);
      if (found !== undefined) all.push(found);
    }
    if (errors.length > 0) throw unfit(errors);
    return { all, isList };
  };
  const checkLength = (length: number) => {
    if (length === 0) throw new Refusal(422, "The list is empty; wanted at least one");
    if (length > rows) throw new Refusal(413, `The list has ${length} items; wanted at most ${rows}`);
  };

  const reader = new RowReader(fields);
  route("POST", "/predict", false, async (request) => {
    const body = await bodyOf(request, { bytes, seconds });
    const { all, isList } = reader.rows(body) ?? listIn<Row>(body, (one, path, errors) => fields.row(one, path, errors));
    checkLength(all.length);
    const decided = await desk.decide(all, isList);
    metrics.count("seldonian_decisions_total", "decision", decided.map(({ decision }) => numbers ? "number" : `${decision}`));
    return json(isList ? decided : decided[0]);
  });
  route("POST", "/outcomes", false, async (request) => {
    const { all, isList } = listIn<Told>(await bodyOf(request, { bytes, seconds }), outcomeOf);
    const settled = await desk.settle(all), told = all.map(({ id }, i) => ({ id, status: settled[i] }));
    metrics.count("seldonian_outcomes_total", "status", settled);
    return json(isList ? told : told[0]);
  });
  route("GET", "/promises", false, async () => json(await desk.look((monitor) => promisesOf(certificate, monitor))));
  route("GET", "/metrics", false, async () =>
    new Response(metrics.text(await desk.look(gaugesOf)), {
      headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8", ...plain },
    }));
  route("GET", "/health", true, async () => (await desk.look(() => {}), json({ status: "ok", model: certificate.model.sha256 })));
  const described = JSON.stringify(
    openApi(fields, judge, numbers, { bytes, rows }, apiKey !== undefined, drawn),
  );
  route("GET", "/openapi.json", true, () => json(described));
  const { html, policy } = dashboard(),
    pageHeaders = { "content-type": "text/html; charset=utf-8", "content-security-policy": policy };
  route("GET", "/", true, () => new Response(html, { headers: { ...pageHeaders, ...plain } }));
  router.notFound(() => new Refusal(404, `There is no such path; wanted one of ${Object.keys(routes).join(", ")}`).response());
  router.onError((error) => (onError(error), new Refusal(500, "The server failed").response()));

  const outcomeOf = (one: unknown, path: readonly (string | number)[], errors: FieldError[]): Told | undefined => {
    if (!isRecord(one)) return wrong(errors, path, `is ${shown(one)}; wanted an object with id and label`);
    const { id, label, columns, ...more } = one as Record<string, unknown>, before = errors.length;
    for (const name of Object.keys(more)) {
      wrong(errors, [...path, name.slice(0, 100)], "is no field; wanted id, label or columns");
    }
    if (typeof id !== "string") {
      wrong(errors, [...path, "id"], id === undefined ? "is missing" : `is ${shown(id)}; wanted a text`);
    }
    const number = judge.label(label, [...path, "label"], errors), told = fields.some(columns, [...path, "columns"], errors);
    return errors.length > before ? undefined : { id: id as string, label: number!, columns: told, path };
  };

  return {
    drawn,
    async fetch(request) {
      const answering = Promise.resolve(router.fetch(request));
      running.add(answering);
      try {
        return await answering;
      } finally {
        running.delete(answering);
      }
    },
    async close() {
      if (closing) return;
      closing = true;
      await Promise.allSettled(running);
      await desk.close();
    },
  };
}

const plain = { "cache-control": "no-store", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" };

function json(value: unknown): Response {
  return new Response(typeof value === "string" ? value : JSON.stringify(value), {
    headers: { "content-type": "application/json", ...plain },
  });
}

/** @throws {RangeError} for a key that no header can carry, or that is guessed soon; without the key */
function checkApiKey(key: unknown): void {
  if (key === undefined || (typeof key === "string" && /^[!-~][ -~]{14,}[!-~]$/.test(key))) return;
  const found = typeof key !== "string"
    ? "is no text"
    : key.length < 16
    ? "is too short"
    : "has lines, letters or ends that no header can";
  throw new RangeError(
    `Cannot serve: the API key ${found}; wanted one line of at least 16 ASCII letters, without white space around it`,
  );
}

/** @throws {Refusal} unless a request has the key; digests of equal length are compared in constant time */
function checkKey({ headers }: Request, key: string): void {
  const [, sent = ""] = /^Bearer (.*)$/i.exec(headers.get("authorization") ?? "") ?? [];
  const digest = (text: string) => createHash("sha256").update(Buffer.from(text)).digest();
  if (timingSafeEqual(digest(sent), digest(key))) return;
  throw new Refusal(401, "The API key is missing or wrong; wanted the header Authorization: Bearer …", [], {
    "www-authenticate": "Bearer",
  });
}
