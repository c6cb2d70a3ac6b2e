import { serveTabs } from "@hubbub/client";

/** The script of the SharedWorker: one connection for all tabs of a login. */
serveTabs(globalThis);
