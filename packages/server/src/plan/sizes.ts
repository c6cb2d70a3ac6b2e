/** Bytes of one message beside its text. */
export const SIZES = {
  /** In the log of Redis, and again in the tail of its room: infra/redis/redis.conf has 520 for a text of 200. */
  logEntry: 320,
  /** As a client gets it: room, epoch, seq, time, author, id. */
  frame: 300,
  /** The row with its indexes, and the WAL of its commit, in a small store: plan.pg.test.ts measures both. */
  row: 305,
  wal: 320,
  /** Index of search for each byte of text. */
  searchShare: 4,
} as const;
