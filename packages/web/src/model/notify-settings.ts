import { hasFields } from "./has-fields.ts";
import type { PageStorage } from "./page-storage.ts";

/** What this browser shows. The level of a room is kept at the server and holds besides. */
export type NotifyLevel = "all" | "mentions" | "nothing";

const LEVELS: readonly unknown[] = ["all", "mentions", "nothing"] satisfies NotifyLevel[];

/** Every day, in minutes of the local day; `from` behind `to`: over midnight. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
}

export interface NotifySettings {
  readonly level: NotifyLevel;
  /** Whether texts are shown, or only that there are some. */
  readonly showsText: boolean;
  /** Nothing is shown before this time, Unix ms; 0: do not disturb is off. */
  readonly quietUntil: number;
  readonly quietHours: QuietHours | undefined;
}

/** Everything, as chat pages do; the browser asks before it shows any. */
export const DEFAULT_SETTINGS: NotifySettings = {
  level: "all",
  showsText: true,
  quietUntil: 0,
  quietHours: undefined,
};

export function isQuiet({ quietUntil, quietHours }: NotifySettings, now: Date): boolean {
  if (now.getTime() < quietUntil) return true;
  if (quietHours === undefined) return false;
  const { from, to } = quietHours;
  const minute = now.getHours() * 60 + now.getMinutes();
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

/** Kept for each user of this browser. */
export class NotifyStore {
  readonly #storage: PageStorage;
  readonly #key: string;

  constructor(storage: PageStorage, user: string) {
    this.#storage = storage;
    this.#key = `notify.${user}`;
  }

  read(): NotifySettings {
    return this.#storage.read(this.#key, isSettings) ?? DEFAULT_SETTINGS;
  }

  write(settings: NotifySettings): void {
    this.#storage.set(this.#key, JSON.stringify(settings));
  }
}

function isSettings(value: unknown): value is NotifySettings {
  if (!hasFields(value, { level: "string", quietUntil: "number" })) return false;
  const { level, showsText, quietHours } = value;
  const areHours = quietHours === undefined || hasFields(quietHours, { from: "number", to: "number" });
  return LEVELS.includes(level) && typeof showsText === "boolean" && areHours;
}
