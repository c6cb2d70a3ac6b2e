/** Refusals of what operators ask for, a part of `ERRORS`. */
export const OPERATOR_ERRORS = {
  unknown_zone: { status: 404, retry: false, means: "no running process has this ZONE" },
  zone_needed: {
    status: 409,
    retry: false,
    means: "nobody else could do the work of the zone or process; start processes elsewhere",
  },
  rebalance_needless: { status: 409, retry: false, means: "no gateway is far above the mean: nothing would be better" },
  rebalance_running: { status: 409, retry: true, means: "connections still move; ask again when that is done" },
} as const;
