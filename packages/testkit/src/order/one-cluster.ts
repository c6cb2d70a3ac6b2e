import { once } from "node:events";
import { connect } from "node:net";
import { inject } from "vitest";

// Waits until no other test file has a cluster. The turn lasts as long as this process, and no file has a longer one.
const turn = connect(inject("clusterTurns"), "127.0.0.1");
await once(turn, "data");
turn.unref();
turn.on("error", () => undefined);
