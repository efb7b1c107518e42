// A web server for a folder, on this machine: `deno run -A .ci/serve.ts [folder] [port] [--isolated] [--strict]`. With `--isolated`,
// pages are cross-origin isolated, so that threads can share memory; with `--strict`, they may not run text as code.
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

const [isolated, strict] = ["--isolated", "--strict"].map((flag) => Deno.args.includes(flag)),
  [folder = ".", port = "8000"] = Deno.args.filter((arg) => !arg.startsWith("--"));
Deno.serve({ port: Number(port), hostname: "127.0.0.1" }, async (request) => {
  const path = join(folder, normalize(decodeURIComponent(new URL(request.url).pathname)));
  try {
    const file = (await Deno.stat(path)).isDirectory ? join(path, "index.html") : path;
    return new Response(await Deno.readFile(file), {
      headers: {
        "content-type": types[extname(file)] ?? "application/octet-stream",
        "access-control-allow-origin": "*",
        ...(isolated && { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" }),
        ...(strict && { "content-security-policy": "script-src 'self' 'wasm-unsafe-eval'" }),
      },
    });
  } catch {
    return new Response("there is no such file", { status: 404 });
  }
});
