/** How many shards a writer may hold: rounded up, so that all shards find an owner. */
export function fairShare(shards: number, owners: number): number {
  return Math.ceil(shards / Math.max(1, owners));
}
