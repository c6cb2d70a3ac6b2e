import type { HubbubHttp } from "@hubbub/client";
import type { PublicUser, Report, ZoneState } from "@hubbub/protocol";
import type { AdminAuditEntry, AdminUserInfo } from "@hubbub/protocol/http-admin";
import type { ClusterView, ConnectionsPage, MinutesView, RoomView } from "@hubbub/protocol/http-figures";
import type { About } from "./place.ts";

type Http = Pick<HubbubHttp, "request">;
type Paged<Name extends string, Item> = { readonly [Key in Name]: readonly Item[] } & { readonly cursor?: string };

interface Move {
  readonly node: string;
  readonly moves: number;
}

/** What this page asks of the server, in the name of its user. */
export class Operator {
  readonly me: PublicUser;
  readonly #http: Http;

  constructor(me: PublicUser, http: Http) {
    this.me = me;
    this.#http = http;
  }

  readonly cluster = (): Promise<ClusterView> => this.#get("/admin/cluster");
  readonly minutes = (node?: string): Promise<MinutesView> => this.#get("/admin/cluster/minutes", { node });
  readonly room = (room: string): Promise<RoomView> => this.#get(`/admin/rooms/${room}`);
  readonly connections = (about: About, after?: string): Promise<ConnectionsPage> =>
    this.#get("/admin/connections", { ...about, after });
  readonly users = (search: string): Promise<Paged<"users", AdminUserInfo>> => this.#get("/admin/users", { search });
  readonly reports = (isDirect: boolean, cursor?: string): Promise<Paged<"reports", Report>> =>
    this.#get("/admin/reports", { state: "open", direct: isDirect ? "true" : undefined, cursor });
  readonly audit = (act: string | undefined, cursor?: string): Promise<Paged<"entries", AdminAuditEntry>> =>
    this.#get("/admin/audit", { act, cursor });

  readonly zones = (): Promise<{ readonly zones: readonly ZoneState[] }> => this.#get("/admin/zones");
  readonly orderZone = (zone: string, drained: boolean): Promise<void> =>
    this.#http.request("PUT", `/admin/zones/${encodeURIComponent(zone)}`, { drained });
  readonly orderProcess = (process: string, drained: boolean): Promise<void> =>
    this.#http.request("PUT", `/admin/processes/${encodeURIComponent(process)}`, { drained });
  readonly rebalance = (maxMovePercent: number): Promise<{ readonly moves: readonly Move[] }> =>
    this.#http.request("POST", "/admin/rebalance", { maxMovePercent });

  decide(report: string, state: "acted" | "dismissed"): Promise<void> {
    return this.#http.request("PATCH", `/admin/reports/${report}`, { state });
  }

  #get<Answer>(path: string, query: Readonly<Record<string, string | undefined>> = {}): Promise<Answer> {
    const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
    return this.#http.request("GET", given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`);
  }
}
