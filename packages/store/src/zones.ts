import { ProtocolError } from "@hubbub/protocol";
import { writeAudit } from "./audit.ts";
import { ask, type Database, type Handle, type Statement } from "./database.ts";
import { planMoves } from "./plan-moves.ts";
import type { Acting } from "./store-audit.ts";
import type { Moves, NodeRecord } from "./store-nodes.ts";

/** A process that has told nothing for so long may not hear of orders either. */
const SILENT_AFTER = "15 seconds";
/** A drain must leave somebody with each of these roles. */
const NEEDED = ["gateway", "api", "writer"] as const;

/** Of the row of a process that is drained alone. Neither zones nor names of processes have it. */
export const ALONE_MARK = "/";

/** The owner of a shard is the name of the process, a slash and a random part. */
const LIST: Statement = {
  name: "nodes-list",
  text: `
    select name, roles, build, zone, state, connections, moving, moves,
      exists (select from hubbub.zones where zones.zone = nodes.zone) as drained,
      exists (select from hubbub.zones where zones.zone = '${ALONE_MARK}' || nodes.name) as alone,
      coalesce(told_at < clock_timestamp() - interval '${SILENT_AFTER}', true) as silent,
      told_at is null as untold,
      (
        select count(*) from hubbub.shards
        where split_part(owner, '/', 1) = nodes.name and shards.expires_at > clock_timestamp()
      )::int as shards
    from hubbub.nodes where expires_at > clock_timestamp() order by name`,
};

const DRAINED: Statement = {
  name: "zones-drained",
  text: `select zone from hubbub.zones where not starts_with(zone, '${ALONE_MARK}') order by zone`,
};

/** One order at a time: each is decided by what the ones before have left. */
const ALONE: Statement = { name: "zones-alone", text: "lock table hubbub.zones in share row exclusive mode" };

const DRAIN: Statement = {
  name: "zone-drain",
  text: "insert into hubbub.zones (zone) values ($1) on conflict (zone) do nothing returning zone",
};

const UNDRAIN: Statement = { name: "zone-undrain", text: "delete from hubbub.zones where zone = $1 returning zone" };

const MOVE: Statement = {
  name: "node-move",
  text: "update hubbub.nodes set moves = $2::int, moves_at = clock_timestamp() where name = $1",
};

interface Row extends Omit<NodeRecord, "isZoneDrained" | "isDrainedAlone" | "isSilent"> {
  readonly drained: boolean;
  readonly alone: boolean;
  readonly silent: boolean;
  readonly untold: boolean;
}

export async function listNodes(database: Database): Promise<readonly NodeRecord[]> {
  return (await database.run<Row>(LIST, [])).map(toRecord);
}

export async function listDrained(database: Database): Promise<readonly string[]> {
  return (await database.run<{ zone: string }>(DRAINED, [])).map(({ zone }) => zone);
}

export function drainZone(database: Database, zone: string, acting: Acting): Promise<boolean> {
  return database.transaction(async (handle) => {
    await ask(handle, ALONE, []);
    const rows = await ask<Row>(handle, LIST, []);
    const [inside, outside] = [rows.filter((row) => row.zone === zone), rows.filter((row) => row.zone !== zone)];
    if (inside.length === 0) throw unknownZone(zone, rows);
    assertNotNeeded(inside, outside, `outside of zone ${zone}`);
    return await note(handle, DRAIN, zone, { ...acting, act: "zone_drain", details: { zone } });
  });
}

export function undrainZone(database: Database, zone: string, acting: Acting): Promise<boolean> {
  return database.transaction(async (handle) => {
    if (await note(handle, UNDRAIN, zone, { ...acting, act: "zone_undrain", details: { zone } })) return true;
    const rows = await ask<Row>(handle, LIST, []);
    if (!rows.some((row) => row.zone === zone)) throw unknownZone(zone, rows);
    return false;
  });
}

/** Whatever becomes of its zone. */
export function drainProcess(database: Database, name: string, acting: Acting): Promise<boolean> {
  return database.transaction(async (handle) => {
    await ask(handle, ALONE, []);
    const rows = await ask<Row>(handle, LIST, []);
    const [inside, outside] = [rows.filter((row) => row.name === name), rows.filter((row) => row.name !== name)];
    if (inside.length === 0) throw unknownProcess(name);
    assertNotNeeded(inside, outside, `besides ${name}`);
    return await note(handle, DRAIN, ALONE_MARK + name, {
      ...acting,
      act: "process_drain",
      details: { process: name },
    });
  });
}

/** Of one that is gone, too: the next one of its name would begin drained. */
export function undrainProcess(database: Database, name: string, acting: Acting): Promise<boolean> {
  return database.transaction(async (handle) => {
    const act = { ...acting, act: "process_undrain", details: { process: name } } as const;
    if (await note(handle, UNDRAIN, ALONE_MARK + name, act)) return true;
    const rows = await ask<Row>(handle, LIST, []);
    if (!rows.some((row) => row.name === name)) throw unknownProcess(name);
    return false;
  });
}

/** @throws ProtocolError zone_needed */
function assertNotNeeded(inside: readonly Row[], outside: readonly Row[], where: string): void {
  const left = outside.filter((row) => !isDrained(row) && (row.untold || !row.silent)).flatMap(rolesOf);
  const missing = NEEDED.filter((role) => inside.flatMap(rolesOf).includes(role) && !left.includes(role));
  if (missing.length > 0)
    throw new ProtocolError(
      "zone_needed",
      `${where} no process serves as ${missing.join(", ")}; start one there, or undo another drain`,
    );
}

const isDrained = ({ drained, alone }: Row): boolean => drained || alone;

export function rebalance(database: Database, maxShare: number, acting: Acting): Promise<readonly Moves[]> {
  return database.transaction(async (handle) => {
    await ask(handle, ALONE, []);
    const gateways = (await ask<Row>(handle, LIST, [])).filter(
      (row) => rolesOf(row).includes("gateway") && !row.silent && !isDrained(row) && row.state === "serving",
    );
    const movers = gateways.filter(({ moves, moving }) => moves + moving > 0).map(({ name }) => name);
    if (movers.length > 0) throw new ProtocolError("rebalance_running", `${movers.join(", ")} still move connections`);
    const plan = planMoves(
      gateways.map(({ name, connections }) => ({ node: name, connections })),
      maxShare,
    );
    if (plan.length === 0) throw new ProtocolError("rebalance_needless");
    for (const { node, moves } of plan) await ask(handle, MOVE, [node, moves]);
    await writeAudit(handle, { ...acting, act: "rebalance", details: { moves: plan } });
    return plan;
  });
}

async function note(
  handle: Handle,
  change: Statement,
  row: string,
  act: Parameters<typeof writeAudit>[1],
): Promise<boolean> {
  const changed = (await ask(handle, change, [row])).length > 0;
  if (changed) await writeAudit(handle, act);
  return changed;
}

function rolesOf({ roles }: { readonly roles: string }): string[] {
  return roles.split(",");
}

function unknownZone(zone: string, rows: readonly Row[]): ProtocolError {
  const known = [...new Set(rows.map((row) => row.zone))].filter((name) => name !== "");
  const hint = known.length === 0 ? "no process has the setting ZONE" : `zones are: ${known.join(", ")}`;
  return new ProtocolError("unknown_zone", `no running process is in zone ${zone}; ${hint}`);
}

function unknownProcess(name: string): ProtocolError {
  return new ProtocolError("not_found", `no running process is named ${name}`);
}

function toRecord({ drained, alone, silent, untold: _, ...row }: Row): NodeRecord {
  return { ...row, isZoneDrained: drained, isDrainedAlone: alone, isSilent: silent };
}
