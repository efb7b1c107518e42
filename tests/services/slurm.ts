/** A Slurm of one machine. */
import { found, freePort, ran, until } from "./servers.ts";

/** Its commands. */
export interface Slurm {
  /** Runs one of Slurm's programs. */
  run(program: string, ...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

/** Starts munge, which signs messages, Slurm's controller and its machine. */
export async function slurm(folder: string): Promise<Slurm> {
  const socket = `${folder}/munge.socket`, key = `${folder}/munge.key`, host = Deno.hostname();
  const [controller, machine] = [freePort(), freePort()], children: Deno.ChildProcess[] = [];
  await Deno.writeFile(key, crypto.getRandomValues(new Uint8Array(1024)), { mode: 0o400 });
  for (const name of ["state", "spool"]) await Deno.mkdir(`${folder}/${name}`);
  await Deno.writeTextFile(
    `${folder}/slurm.conf`,
    `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controller}
SlurmdPort=${machine}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=${socket}
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
SchedulerParameters=batch_sched_delay=0,sched_interval=1
MpiDefault=none
NodeName=here NodeHostname=${host} NodeAddr=127.0.0.1 CPUs=10 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP
`,
  );
  const env = { SLURM_CONF: `${folder}/slurm.conf` };
  const start = (program: string, ...args: string[]) =>
    children.push(new Deno.Command(found(program)!, { args, env, stdin: "null", stdout: "null", stderr: "null" }).spawn());
  const munge = Object.entries({ socket, "key-file": key, "log-file": `${folder}/munge.log`, "pid-file": `${folder}/munge.pid` });
  start("munged", "--foreground", "--force", `--seed-file=${folder}/seed`, ...munge.map(([name, value]) => `--${name}=${value}`));
  await until(() => [...Deno.readDirSync(folder)].some(({ name }) => name === "munge.socket"), "munge");
  start("slurmctld", "-D", "-c", "-L", `${folder}/slurmctld.log`);
  start("slurmd", "-D", "-N", "here", "-L", `${folder}/slurmd.log`);
  const run = (program: string, ...args: string[]) => ran(found(program)!, args, { env, cwd: folder });
  try {
    await until(
      async () => {
        try {
          return (await run("sinfo", "-h", "-o", "%T")).trim() === "idle";
        } catch {
          return false;
        }
      },
      "Slurm",
      30,
    );
  } catch (error) {
    const logs = ["slurmctld", "slurmd", "munge"].map((name) => Deno.readTextFileSync(`${folder}/${name}.log`));
    throw new Error(`${(error as Error).message}:\n${logs.join("\n")}`);
  }
  return {
    run,
    async stop() {
      for (const child of children.reverse()) {
        child.kill("SIGTERM");
        await child.status;
      }
    },
  };
}
