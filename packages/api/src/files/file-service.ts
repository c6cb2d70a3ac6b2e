import type { RoomLog } from "@hubbub/broker";
import { type FileStorage, Images } from "@hubbub/files";
import type { Logger, SigningKeys } from "@hubbub/runtime";
import type { Store } from "@hubbub/store";
import type { ApiSettings } from "../settings.ts";
import { Avatars } from "./avatars.ts";
import { Downloads } from "./downloads.ts";
import { FileSweep } from "./file-sweep.ts";
import { SignedLinks } from "./links.ts";
import { Uploads } from "./uploads.ts";

/** What the routes of files work with. */
export interface FileService {
  readonly uploads: Uploads;
  readonly avatars: Avatars;
  readonly downloads: Downloads;
  readonly links: SignedLinks;
  close(): Promise<void>;
}

export interface FileServiceOptions {
  readonly storage: FileStorage;
  readonly store: Store;
  readonly broker: Pick<RoomLog, "heads">;
  readonly keys: SigningKeys;
  readonly settings: ApiSettings;
  readonly log: Logger;
}

const DECODE_SECONDS = 20;

export function createFileService({ storage, store, broker, keys, settings, log }: FileServiceOptions): FileService {
  const images = new Images({ maxPixels: settings.IMAGE_MAX_PIXELS, timeoutSeconds: DECODE_SECONDS });
  const sweep = new FileSweep({ store, broker, storage, unusedHours: settings.UNUSED_FILE_HOURS, log });
  return {
    uploads: new Uploads({ files: store.files, storage, images, settings }),
    avatars: new Avatars({ profiles: store.profiles, storage, images, settings }),
    downloads: new Downloads(storage, settings),
    links: new SignedLinks(keys.secrets("links to files"), settings.FILE_LINK_SECONDS),
    close: () => sweep.close(),
  };
}
