import type { App } from "../../model/app.ts";
import type { Open } from "../../model/state.ts";
import type { Overlays } from "../overlay/overlays.ts";

interface SearchPlace {
  readonly app: App;
  readonly overlays: Overlays;
  readonly open: Open | undefined;
}

/** Shows the search beside the room, in the place of a thread. The focus goes to its field. */
export function openSearch({ app, overlays, open }: SearchPlace): void {
  if (open !== undefined) app.chat?.conversation(open.id)?.panels.show(undefined);
  overlays.openSearch(open?.stage === "in");
}
