import type { TaskHandlers } from "./job-context.ts";
import { search } from "./search.ts";
import { stats } from "./stats.ts";

/** What tasks can do. */
export const HANDLERS: TaskHandlers = { stats, search };
