import { z } from "zod";
import { SLOW_MODE_MAX_SECONDS } from "./limits.ts";
import { OVERRIDABLE, ROLES } from "./permissions.ts";

export const role = z.enum(ROLES);

/**
 * Absent fields: as usual. `archived`: nobody writes. `slowModeSeconds`: least time between two messages of a user below
 * moderator. `permissions`: the weakest role for a permission. `history`: `joined` hides from members what came before
 * they joined. `keepRevisions`: `false` keeps no earlier texts of edited messages.
 */
export const roomSettings = z.object({
  archived: z.literal(true).optional(),
  slowModeSeconds: z.int().min(1).max(SLOW_MODE_MAX_SECONDS).optional(),
  permissions: z.partialRecord(z.enum(OVERRIDABLE), role).optional(),
  history: z.literal("joined").optional(),
  keepRevisions: z.literal(false).optional(),
});
export type RoomSettings = z.output<typeof roomSettings>;
