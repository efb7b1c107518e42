/** Servers for tests, each on a free port of this machine and in a folder of its own. */

import { onDeno } from "../helpers/runs.ts";

/** A server that runs. */
export interface Server {
  /** Its address. */
  url: string;
  /** Ends it at once, as a loss of power does, or in order. */
  stop(signal?: Deno.Signal): Promise<void>;
  /** Starts it again on the same data. */
  start(): Promise<void>;
}

/** The reason to skip a test, unless all programs are installed. */
export function missing(...programs: string[]): string | false {
  if (!onDeno) return "servers are started by Deno";
  const lacking = programs.filter((name) => found(name) === undefined);
  return lacking.length > 0 && `not installed: ${lacking.join(", ")}`;
}

/** A program's path; Debian keeps some out of the usual places. */
export function found(name: string): string | undefined {
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin"];
  try {
    folders.push(...Array.from(Deno.readDirSync("/usr/lib/postgresql"), ({ name }) => `/usr/lib/postgresql/${name}/bin`));
  } catch { /* There is no such folder. */ }
  return folders.map((folder) => `${folder}/${name}`).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

/** A port that nobody uses. */
export function freePort(): number {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" }), { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}

/** Tries until it holds. @throws {Error} after ten seconds */
export async function until(holds: () => Promise<boolean> | boolean, what: string, seconds = 10): Promise<void> {
  const began = Date.now();
  while (Date.now() - began < 1000 * seconds) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Waited ${seconds} seconds for ${what}`);
}

/** Whether something answers on a port. */
async function answers(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ port, hostname: "127.0.0.1" })).close();
    return true;
  } catch {
    return false;
  }
}

/** Runs a program to its end. @throws {Error} with what it wrote, if it fails */
export async function ran(program: string, args: string[], options: Deno.CommandOptions = {}): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, stdout: "piped", stderr: "piped", ...options })
    .output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${text(stdout)}${text(stderr)}`);
  return text(stdout);
}

/** A program that serves on a port. */
async function served(
  program: string,
  args: string[],
  port: number,
  url: string,
  who: Deno.CommandOptions = {},
): Promise<Server> {
  let child: Deno.ChildProcess | undefined;
  const server: Server = {
    url,
    async start() {
      child = new Deno.Command(found(program)!, { args, stdin: "null", stdout: "null", stderr: "null", ...who }).spawn();
      await until(() => answers(port), program);
    },
    async stop(signal = "SIGINT") {
      child?.kill(signal);
      await child?.status;
      child = undefined;
    },
  };
  await server.start();
  return server;
}

/** Redis, which writes every change to a file, and waits for the disk as told: always, every second, or not. */
export async function redis(folder: string, wait: "always" | "everysec" | "no" = "always"): Promise<Server> {
  const port = freePort(), args = ["--port", `${port}`, "--dir", folder, "--save", "", "--appendonly", "yes"];
  return await served(
    "redis-server",
    [...args, "--appendfsync", wait, "--bind", "127.0.0.1"],
    port,
    `redis://127.0.0.1:${port}`,
  );
}

/** Postgres, with settings such as "synchronous_commit=off"; it refuses to be run by root. */
export async function postgres(folder: string, ...settings: string[]): Promise<Server> {
  const nobody = 65534, who = Deno.uid() === 0 ? { uid: nobody, gid: nobody } : {}, port = freePort();
  if (Deno.uid() === 0) await Deno.chown(folder, nobody, nobody);
  await ran(found("initdb")!, ["-D", `${folder}/data`, "-U", "tester", "--auth=trust", "--no-sync"], who);
  const args = [
    "-D",
    `${folder}/data`,
    "-p",
    `${port}`,
    "-k",
    folder,
    ...["listen_addresses=127.0.0.1", ...settings].flatMap((one) => ["-c", one]),
  ];
  const server = await served("postgres", args, port, `postgres://tester@127.0.0.1:${port}/postgres`, who);
  await until(async () => {
    try {
      return (await ran(found("psql")!, [server.url, "-tAc", "SELECT 1"])).trim() === "1";
    } catch {
      return false;
    }
  }, "Postgres");
  return server;
}

/** Runs a test with a server, in a folder that is removed. */
export async function withServer(
  make: (folder: string) => Promise<Server>,
  test: (server: Server) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const server = await make(folder);
    try {
      await test(server);
    } finally {
      await server.stop();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
