import { NODE_STATES } from "@hubbub/protocol";
import { bigint, integer, text } from "drizzle-orm/pg-core";
import { hubbub, instant } from "./schema-base.ts";

/** Every process of a cluster that runs: what a contract asks before it takes away what older builds use. */
export const nodes = hubbub.table("nodes", {
  name: text("name").primaryKey(),
  roles: text("roles").notNull(),
  /** Version of the build, for people. */
  build: text("build").notNull(),
  /** Version of the last migration that the build knows. */
  knows: bigint("knows", { mode: "number" }).notNull(),
  expiresAt: instant("expires_at").notNull(),
  /** Empty: none. */
  zone: text("zone").notNull().default(""),
  state: text("state", { enum: NODE_STATES }).notNull().default("serving"),
  /** Of a gateway: its open connections, and how many it still has to ask to move. */
  connections: integer("connections").notNull().default(0),
  moving: integer("moving").notNull().default(0),
  /** When the process told its state and figures. null: never; builds before zones do not. */
  toldAt: instant("told_at"),
  /** Connections that an operator asks the gateway to move. The gateway sets it to 0 when it takes the order. */
  moves: integer("moves").notNull().default(0),
  movesAt: instant("moves_at"),
});

/** The zones that are drained. */
export const zones = hubbub.table("zones", {
  zone: text("zone").primaryKey(),
  drainedAt: instant("drained_at").notNull().defaultNow(),
});
