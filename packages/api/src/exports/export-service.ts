import type { Broker } from "@hubbub/broker";
import type { FileStorage } from "@hubbub/files";
import type { Logger, SigningKeys } from "@hubbub/runtime";
import type { Store } from "@hubbub/store";
import { SignedLinks } from "../files/links.ts";
import type { ApiSettings } from "../settings.ts";
import { Exporter } from "./exporter.ts";

/** What the routes of exports work with. */
export interface ExportService {
  readonly links: SignedLinks;
  close(): Promise<void>;
  /** Makes archives again after a `close`. */
  reopen(): void;
}

export interface ExportServiceOptions {
  readonly store: Store;
  readonly broker: Broker;
  readonly storage: FileStorage;
  readonly keys: SigningKeys;
  readonly settings: ApiSettings;
  readonly log: Logger;
}

/** Long enough for a download that goes on after an interruption. */
const LINK_SECONDS = 3_600;

export function createExportService({ keys, settings, ...parts }: ExportServiceOptions): ExportService {
  const { EXPORT_MAX_BYTES: maxBytes, EXPORT_DAYS: keptDays } = settings;
  const exporter = new Exporter({ ...parts, maxBytes, keptDays });
  return {
    links: new SignedLinks(keys.secrets("links to exports"), LINK_SECONDS),
    close: () => exporter.close(),
    reopen: () => exporter.reopen(),
  };
}
