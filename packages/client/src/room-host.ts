import type { HistoryPage, RoomId, UserId } from "@hubbub/protocol";
import type { ClientStats } from "./client-state.ts";
import type { HistoryQuery } from "./http.ts";
import type { HttpFiles } from "./http-files.ts";
import type { HttpTasks } from "./http-tasks.ts";
import type { HubbubError } from "./hubbub-error.ts";
import type { Link } from "./link.ts";
import type { OutboxKeeper } from "./outbox-keeper.ts";
import type { RefusedEvent } from "./outbox-storage.ts";
import type { Room } from "./room.ts";

/** What a room needs of its client. */
export interface RoomHost {
  link(): Link | undefined;
  me(): UserId | undefined;
  history(room: RoomId, query: HistoryQuery): Promise<HistoryPage>;
  readonly files: HttpFiles;
  readonly tasks: HttpTasks;
  /** Keeps unsent events over restarts. */
  readonly keeper: OutboxKeeper | undefined;
  /** Hears of events of earlier clients that cannot be sent. */
  readonly refused: (refused: RefusedEvent) => void;
  readonly stats: ClientStats;
  /** Why nothing goes any more, once the client has ended. */
  ended(): HubbubError | undefined;
  /** Has the client keep this room; answers the one it keeps under this id. */
  enter(): Room;
  /** The one that the client keeps under this id. */
  active(): Room | undefined;
  release(): void;
  /** Has the client send the read mark. */
  read(seq: number): void;
  /** What is pending has changed. */
  changed(): void;
}
