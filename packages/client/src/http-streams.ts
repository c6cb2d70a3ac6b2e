import type { DataBody, FilterCheck, RoomModelInfo, WatchInfo } from "@hubbub/protocol";
import { withLists } from "./answer-of.ts";

type Call = <Answer>(method: string, path: string, body?: object) => Promise<Answer>;
/** A filter as text, for example `price > 100 && symbol == "BTC"`, or as a tree: docs/streams.md. */
type Filter = string | { readonly op: string };

/** Records in rooms, and standing queries on rooms: docs/streams.md. */
export class HttpStreams {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  /** The fields of the records that a room takes. @throws HubbubError no_model */
  model(room: string): Promise<RoomModelInfo> {
    return this.#call("GET", pathOf(room, "model"));
  }

  /** For admins of the room. @throws HubbubError forbidden */
  setModel(room: string, fields: RoomModelInfo["fields"]): Promise<RoomModelInfo> {
    return this.#call("PUT", pathOf(room, "model"), { fields });
  }

  /** Publishes records as one event. The same `id` within ten minutes publishes nothing more. @throws HubbubError no_model */
  post(room: string, data: DataBody): Promise<{ seq: number; epoch: number; at: number; duplicate?: true }> {
    return this.#call("POST", pathOf(room, "data"), data);
  }

  /**
   * Subscribe to `room` of the answer: it gets what matches. Ask again before `wantedUntil` to keep the query.
   * @throws HubbubError filter_type, too_costly, too_many_queries
   */
  watch(source: string, where: Filter): Promise<WatchInfo> {
    return this.#call("POST", pathOf(source, "watches"), { where });
  }

  /** What is wrong with a filter, and what it costs. */
  async check(source: string, where: Filter): Promise<FilterCheck> {
    return withLists(await this.#call<FilterCheck>("POST", pathOf(source, "filters/check"), { where }), "faults");
  }
}

const pathOf = (room: string, part: string) => `/rooms/${encodeURIComponent(room)}/${part}`;
