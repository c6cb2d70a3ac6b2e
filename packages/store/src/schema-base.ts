import { bigint, pgSchema, timestamp } from "drizzle-orm/pg-core";

export const hubbub = pgSchema("hubbub");

export const instant = (name: string) => timestamp(name, { withTimezone: true });
export const createdAt = () => instant("created_at").notNull().defaultNow();
export const seqColumn = (name: string) => bigint(name, { mode: "number" });
