import { z } from "zod";
import { exportId, exportState, time } from "./schemas.ts";

/** Bodies and answers about exports of the own data: docs/your-data.md. */

/** `progress`: parts of the archive (sections, rooms, files). `bytes`: of the archive so far. `fault`: why it failed. */
export const dataExport = z.object({
  id: exportId,
  state: exportState,
  requestedAt: time,
  doneAt: time.optional(),
  expiresAt: time.optional(),
  progress: z.object({ done: z.int().min(0), total: z.int().min(0) }),
  bytes: z.int().min(0),
  fault: z.enum(["too_large", "failed"]).optional(),
});
export type DataExport = z.output<typeof dataExport>;

export const dataExportList = z.object({ exports: z.array(dataExport) });

/** `url`: a path on this server that needs no header until `expiresAt`. */
export const dataExportLink = z.object({ url: z.string(), expiresAt: time });
export type DataExportLink = z.output<typeof dataExportLink>;
