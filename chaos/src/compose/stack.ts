import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { infraFile, repositoryRoot, run } from "@hubbub/testkit";
import type { Daemon } from "./daemon.ts";

export interface Container {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  /** What the health check says, or without one how it runs. */
  readonly health: string;
  readonly restarts: number;
  readonly image: string;
  readonly address: (network: string) => string;
  readonly inspected: Inspected;
}

export interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly Image: string;
  readonly RestartCount: number;
  readonly LogPath: string;
  readonly State: { readonly Health?: { readonly Status: string }; readonly Status: string };
  readonly Config: { readonly Labels: Readonly<Record<string, string>>; readonly User: string };
  readonly HostConfig: {
    readonly ReadonlyRootfs: boolean;
    readonly CapDrop: readonly string[] | null;
    readonly Memory: number;
    readonly PidsLimit: number | null;
    readonly LogConfig: { readonly Type: string; readonly Config: Readonly<Record<string, string>> };
  };
  readonly NetworkSettings: {
    readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>>;
    readonly Ports: Readonly<Record<string, unknown>>;
  };
}

export interface StackOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly daemon: Daemon;
  /** For files of this run. */
  readonly directory: string;
  readonly project?: string | undefined;
  /** Of compose.env. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Override files of infra/docker, by what stands between `compose.` and `.yml`. */
  readonly overrides?: readonly string[] | undefined;
}

const commandMs = 300_000;
export const PASSWORD = "compose0test0password";
/** What a machine may lack that runs this test: a high limit of open files. Only downwards. */
const wantedFiles = 65_536;

/** The compose file as its users call it, with settings and override files that may change between two calls. */
export class Stack {
  readonly project: string;
  readonly env: NodeJS.ProcessEnv;
  readonly daemon: Daemon;
  readonly directory: string;
  settings: Readonly<Record<string, string>>;
  overrides: readonly string[];

  constructor({ env, daemon, directory, project = "hubbub", settings = {}, overrides = [] }: StackOptions) {
    this.project = project;
    this.env = { ...env, DOCKER_HOST: daemon.host };
    this.daemon = daemon;
    this.directory = directory;
    this.settings = { POSTGRES_PASSWORD: PASSWORD, ...settings };
    this.overrides = overrides;
  }

  get url(): string {
    return `http://127.0.0.1:${this.settings["FRONT_PORT"] ?? 8080}`;
  }

  get wsUrl(): string {
    return `${this.url.replace("http", "ws")}/ws`;
  }

  /** stdout and stderr of a compose command. @throws with both when it fails */
  async compose(...args: readonly string[]): Promise<string> {
    const command = ["-c", 'exec "$@" 2>&1', "sh", "docker", "compose", ...(await this.#flags()), ...args];
    return await run("sh", command, {
      env: { ...this.env, COMPOSE_PROGRESS: "plain" },
      timeoutMs: commandMs,
      cwd: repositoryRoot,
    }).catch((error: unknown) => {
      const said = error instanceof Error && "stdout" in error ? String(error.stdout) : "";
      throw new ComposeFailed(`docker compose ${args.join(" ")}: ${lastLines(said)}`, said);
    });
  }

  /** For scripts that call compose themselves. */
  async command(): Promise<string> {
    return ["docker", "compose", ...(await this.#flags())].join(" ");
  }

  async up(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    this.settings = { ...this.settings, ...settings };
    await this.compose("up", "--detach", "--wait");
  }

  docker(...args: readonly string[]): Promise<string> {
    return run("docker", args, { env: this.env, timeoutMs: commandMs });
  }

  /** Of one service, or of all. Those that ran to their end are left out. */
  async containers(service?: string): Promise<Container[]> {
    const ids = await this.compose("ps", "--quiet", ...(service === undefined ? [] : [service]));
    const list = ids.split("\n").filter(Boolean);
    if (list.length === 0) return [];
    const inspected: Inspected[] = JSON.parse(await this.docker("inspect", ...list));
    return inspected.map((of) => describe(this.project, of));
  }

  async container(service: string): Promise<Container> {
    const [first] = await this.containers(service);
    if (first === undefined) throw new Error(`no container of ${service} runs`);
    return first;
  }

  /** Postgres is on an internal network, which this machine is part of. */
  async databaseUrl(): Promise<string> {
    return `postgres://hubbub_app:${PASSWORD}@${(await this.container("postgres")).address("back")}:5432/hubbub`;
  }

  async #flags(): Promise<string[]> {
    const settings = join(this.directory, `${this.project}.env`);
    const lines = Object.entries(this.settings).map(([name, value]) => `${name}=${value}\n`);
    await writeFile(settings, lines.join(""));
    const machine = join(this.directory, "machine.yml");
    await writeFile(machine, await machineOverride());
    const files = [
      "docker-compose.yml",
      ...this.overrides.map((name) => infraFile(`docker/compose.${name}.yml`)),
      machine,
    ];
    return [
      ...["--project-name", this.project, "--project-directory", ".", "--env-file", settings],
      ...files.flatMap((path) => ["--file", path]),
    ];
  }
}

/** A compose command ended with an error. */
export class ComposeFailed extends Error {
  override readonly name = "ComposeFailed";
  /** All that it said. */
  readonly said: string;

  constructor(message: string, said: string) {
    super(message);
    this.said = said;
  }
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-5).join("\n  ");
}

function describe(project: string, inspected: Inspected): Container {
  const { Id, Name, Image, RestartCount, State, Config, NetworkSettings } = inspected;
  return {
    id: Id,
    name: Name.slice(1),
    service: Config.Labels["com.docker.compose.service"] ?? "",
    health: State.Health?.Status ?? State.Status,
    restarts: RestartCount,
    image: Image,
    address: (network) => NetworkSettings.Networks[`${project}_${network}`]?.IPAddress ?? "",
    inspected,
  };
}

/** JSON is YAML. The network of the build is this machine's: the daemon that builds has no other. */
async function machineOverride(): Promise<string> {
  const hard = Number((await run("sh", ["-c", "ulimit -Hn"])).trim()) || wantedFiles;
  const nofile = Math.min(wantedFiles, hard);
  const server = { ulimits: { nofile } };
  const nginx = { ...server, environment: { HUBBUB_DESCRIPTORS: String(nofile) } };
  const migrate = { ...server, build: { network: "host" } };
  return JSON.stringify({ services: { nginx, gateway: server, api: server, writer: server, migrate } });
}
