import type { Broker } from "@hubbub/broker";
import type { Logger } from "@hubbub/runtime";
import type { Store } from "@hubbub/store";
import type { Meters } from "./meters.ts";
import type { WriterSettings } from "./settings.ts";

export interface WriterContext {
  readonly broker: Broker;
  readonly store: Store;
  readonly settings: WriterSettings;
  /** Unique among all writers there are. */
  readonly owner: string;
  readonly meters: Meters;
  readonly log: Logger;
}
