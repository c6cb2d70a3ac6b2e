import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openDataDirectory } from "./data-directory.ts";
import { renderNginxConfig } from "./nginx-config.ts";
import { type ProgramSpec, provide } from "./provide.ts";
import { run } from "./run.ts";
import { type Service, startService } from "./service.ts";
import type { Launch } from "./service-process.ts";

export interface NginxService extends Service {
  readonly url: string;
  /** Takes the gateways and api processes of now; WebSockets that are open stay open. */
  reconfigure(targets: { gateways: readonly number[]; apis: readonly number[] }): Promise<void>;
}

export interface NginxOptions {
  readonly port?: number | undefined;
  /** Loopback ports of the processes behind it. */
  readonly gateways: readonly number[];
  readonly apis: readonly number[];
  /** Default false. */
  readonly limits?: boolean | undefined;
  readonly directory?: string | undefined;
  /** `listen` directives and what belongs to them; default: the port on the loopback interface. */
  readonly listen?: ((port: number) => string) | undefined;
}

export const nginxProgram: ProgramSpec = {
  title: "nginx",
  binaries: ["nginx"],
  directories: ["/usr/sbin", "/opt/homebrew/bin"],
  aptPackage: "nginx-light",
  image: "nginx:1.30.6-alpine",
};

/** The front of a cluster on the loopback interface: the template of production, rendered for these ports. */
export async function startNginx(options: NginxOptions): Promise<NginxService> {
  const source = await provide(nginxProgram);
  const directory = await openDataDirectory("nginx", options.directory);
  const config = join(directory.path, "nginx.conf");
  // The workers of a master that runs as root have an account of their own, and their temporary files are in here.
  await chmod(directory.path, 0o711);
  const write = async (port: number, targets: { gateways: readonly number[]; apis: readonly number[] }) => {
    const { gateways, apis } = targets;
    await writeFile(
      config,
      await renderNginxConfig(directory.path, port, {
        gateways,
        apis,
        limits: options.limits ?? false,
        listen: options.listen?.(port),
      }),
    );
  };
  const args = ["-p", directory.path, "-c", config, "-e", join(directory.path, "error.log"), "-g", "daemon off;"];
  const service = await startService({
    name: "nginx",
    port: options.port,
    prepare: (port) => write(port, options),
    launch: (port): Launch => {
      const common = { name: "nginx", stopSignal: "SIGTERM" } as const;
      if (source.kind === "binary") return { ...common, command: join(source.directory, "nginx"), args };
      const container = `hubbub-nginx-${process.pid}-${port}`;
      const docker = [
        "run",
        "--rm",
        "--network",
        "host",
        "--name",
        container,
        "-v",
        `${directory.path}:${directory.path}`,
      ];
      return { ...common, command: "docker", args: [...docker, source.image, "nginx", ...args], container };
    },
    probe: async (port) => {
      const answer = await fetch(`http://127.0.0.1:${port}/livez`);
      if (!answer.ok) throw new Error(`nginx answers ${answer.status}`);
    },
    cleanUp: directory.close,
  });
  return Object.assign(service, {
    url: `http://127.0.0.1:${service.port}`,
    reconfigure: async (targets: { gateways: readonly number[]; apis: readonly number[] }) => {
      await write(service.port, targets);
      if (source.kind === "binary") await run(join(source.directory, "nginx"), [...args.slice(0, 6), "-t"]);
      await service.signal("SIGHUP");
    },
  });
}
