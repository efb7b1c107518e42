// A web server for a folder, on this machine: `deno run -A .ci/serve.ts [folder] [port] [--isolated] [--strict]`.
import { extname, join, normalize } from "node:path";

const types: Record<string, string> = {
  ".ts": "application/typescript",
  ".js": "text/javascript",
  ".json": "application/json",
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".csv": "text/csv",
  ".svg": "image/svg+xml",
};

/** Pages that are isolated from other origins may share memory between threads; those that are strict may not run text as code. */
export interface Served {
  /** 0, the default, is a port that is free. */
  port?: number;
  isolated?: boolean;
  strict?: boolean;
}

/** Serves a folder until it is disposed of. `address` ends with a slash. */
export function serve(folder: string, { port = 0, isolated = false, strict = false }: Served = {}) {
  const headers = {
    "access-control-allow-origin": "*",
    ...(isolated && { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" }),
    ...(strict && { "content-security-policy": "script-src 'self' 'wasm-unsafe-eval'" }),
  };
  const server = Deno.serve({ port, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const path = join(folder, normalize(decodeURIComponent(new URL(request.url).pathname)));
    try {
      const file = (await Deno.stat(path)).isDirectory ? join(path, "index.html") : path;
      const type = types[extname(file)] ?? "application/octet-stream";
      return new Response(await Deno.readFile(file), { headers: { "content-type": type, ...headers } });
    } catch {
      return new Response("there is no such file", { status: 404 });
    }
  });
  return { address: `http://127.0.0.1:${server.addr.port}/`, [Symbol.asyncDispose]: () => server.shutdown() };
}

if (import.meta.main) {
  const [isolated, strict] = ["--isolated", "--strict"].map((flag) => Deno.args.includes(flag)),
    [folder = ".", port = "8000"] = Deno.args.filter((arg) => !arg.startsWith("--"));
  console.log(`Listening on ${serve(folder, { port: Number(port), isolated, strict }).address}`);
}
