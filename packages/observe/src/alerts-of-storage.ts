import type { Alert } from "./alert.ts";

const w1 = '{job="hubbub",instance="w1"}';
/** Of the bound of the shards that are held. */
const backlog = "sum(hubbub_writer_lag_events) / (sum(hubbub_writer_leases) * max(hubbub_backlog_max_events))";

/** What users notice only once it has become worse. */
export const alertsOfStorage: readonly Alert[] = [
  {
    name: "HubbubBacklogFull",
    severity: "page",
    expression: `${backlog} > 0.1 and predict_linear(hubbub:backlog:ratio[10m], 900) > 1`,
    holds: "1m",
    summary: "Accepted messages wait for Postgres, and their bound is reached within 15 minutes.",
    effect: "Nothing yet. At the bound messages are refused with `overloaded`.",
    steps: [
      "Look whether Postgres answers (`hubbub_store_up`) and what it waits for (`pg_stat_activity`, its disk).",
      "Look whether writers hold all shards: the sum of `hubbub_writer_leases` is `SHARDS`.",
      "Until Postgres is well, `BACKLOG_MAX_EVENTS` may be raised as far as the memory of Redis allows.",
    ],
    example: {
      fires: [
        [`hubbub_writer_lag_events${w1}`, "20000+2000x60"],
        [`hubbub_writer_leases${w1}`, "1x60"],
        [`hubbub_backlog_max_events${w1}`, "200000x60"],
      ],
      silent: [
        [`hubbub_writer_lag_events${w1}`, "30000x60"],
        [`hubbub_writer_leases${w1}`, "1x60"],
        [`hubbub_backlog_max_events${w1}`, "200000x60"],
      ],
      at: "12m",
    },
  },
  {
    name: "HubbubCommitLag",
    severity: "ticket",
    expression: "histogram_quantile(0.99, sum by (le) (rate(hubbub_writer_commit_delay_seconds_bucket[5m]))) > 10",
    holds: "5m",
    summary: "Messages reach Postgres more than 10 s after their ack.",
    effect: "The second tick comes late, and so do search, unread counts and history beyond the tail.",
    steps: [
      "Look at the duration of transactions (`hubbub_writer_batch_seconds`) and at Postgres' disk.",
      "`hubbub_writer_retries_total` by cause: a store or a log that was away.",
    ],
    example: {
      fires: [
        [`hubbub_writer_commit_delay_seconds_bucket{instance="w1",le="10"}`, "0x80"],
        [`hubbub_writer_commit_delay_seconds_bucket{instance="w1",le="60"}`, "0+10x80"],
        [`hubbub_writer_commit_delay_seconds_bucket{instance="w1",le="+Inf"}`, "0+10x80"],
      ],
      silent: [
        [`hubbub_writer_commit_delay_seconds_bucket{instance="w1",le="10"}`, "0+10x80"],
        [`hubbub_writer_commit_delay_seconds_bucket{instance="w1",le="60"}`, "0+10x80"],
        [`hubbub_writer_commit_delay_seconds_bucket{instance="w1",le="+Inf"}`, "0+10x80"],
      ],
      at: "15m",
    },
  },
  {
    name: "HubbubShardWithoutWriter",
    severity: "page",
    expression: "(sum(hubbub_writer_leases) or vector(0)) < max(hubbub_shards)",
    holds: "1m",
    summary: "A shard has no writer.",
    effect: "Chat goes on. Nothing of this shard reaches Postgres, until its backlog is full.",
    steps: [
      "Start a writer. A dead writer's leases end by themselves within `WRITER_LEASE_MS`.",
      "A writer that runs and holds no lease says why on `/readyz`.",
    ],
    example: {
      fires: [
        [`hubbub_writer_leases${w1}`, "3x20"],
        [`hubbub_shards${w1}`, "4x20"],
      ],
      silent: [
        [`hubbub_writer_leases${w1}`, "4x20"],
        [`hubbub_shards${w1}`, "4x20"],
      ],
      at: "4m",
    },
  },
  {
    name: "HubbubDeadLetters",
    severity: "ticket",
    expression: "sum(increase(hubbub_writer_dead_letters_total[1h])) > 0",
    holds: "0m",
    summary: "An entry of the log could not be stored as a message.",
    effect: "This message is not in the history. It is kept as a dead letter.",
    steps: [
      "`hubbub dead-letters` prints the entries with the error of each.",
      "An entry of a build that is newer than the writer: upgrade the writers first.",
    ],
    example: {
      fires: [[`hubbub_writer_dead_letters_total${w1}`, "0x20 1x20"]],
      silent: [[`hubbub_writer_dead_letters_total${w1}`, "1x40"]],
      at: "8m",
    },
  },
  {
    name: "HubbubRedisMemory",
    severity: "page",
    expression: "hubbub_redis_memory_bytes > 0.8 * hubbub_redis_memory_max_bytes and hubbub_redis_memory_max_bytes > 0",
    holds: "5m",
    summary: "Redis has used four fifths of its memory.",
    effect: "Nothing yet. When it is full, messages are refused with `unavailable`; nothing is forgotten.",
    steps: [
      "Look for HubbubBacklogFull: events that wait for Postgres are the likely cause.",
      "Compare `maxmemory` with the formula in `infra/redis/redis.conf`, and raise it, or lower `TAILS_MAX_BYTES`.",
    ],
    example: {
      fires: [
        [`hubbub_redis_memory_bytes${w1}`, "90x60"],
        [`hubbub_redis_memory_max_bytes${w1}`, "100x60"],
      ],
      silent: [
        [`hubbub_redis_memory_bytes${w1}`, "90x60"],
        [`hubbub_redis_memory_max_bytes${w1}`, "0x60"],
      ],
      at: "10m",
    },
  },
  {
    name: "HubbubReplicaMissing",
    severity: "ticket",
    expression: "max(hubbub_redis_replicas) < max(max_over_time(hubbub_redis_replicas[1d]))",
    holds: "5m",
    summary: "Redis has fewer replicas than it had today.",
    effect: "Nothing yet. With `min-replicas-to-write` a second loss stops publishing.",
    steps: [
      "`INFO replication` on the master names the replicas that follow it. Start the missing one.",
      "A replica that was removed on purpose: this alert ends after a day. Silence it until then.",
    ],
    example: {
      fires: [[`hubbub_redis_replicas${w1}`, "2x20 1x60"]],
      silent: [[`hubbub_redis_replicas${w1}`, "1x80"]],
      at: "15m",
    },
  },
  {
    name: "HubbubSearchBehind",
    severity: "ticket",
    expression: "max(hubbub_search_lag_batches) > 1000",
    holds: "15m",
    summary: "The index of search is more than 1,000 batches behind.",
    effect: "New messages are found late.",
    steps: [
      "`hubbub search-index` tells how far the index is, and repairs it: docs/search.md.",
      "Look at Postgres' disk and at its autovacuum.",
    ],
    example: {
      fires: [[`hubbub_search_lag_batches${w1}`, "5000x120"]],
      silent: [[`hubbub_search_lag_batches${w1}`, "10x120"]],
      at: "25m",
    },
  },
  {
    name: "HubbubCertExpiry",
    severity: "ticket",
    expression: "min by (job, instance) (hubbub_tls_expiry_seconds) < 14 * 86400",
    holds: "0m",
    summary: "The certificate of {{ $labels.instance }} expires within 14 days.",
    effect: "Nothing yet. Afterwards nginx refuses the process, or clients refuse the server.",
    steps: ["Renew the file that `TLS_CERT_FILE` names, and restart the process: it reads the file at its start."],
    example: {
      fires: [[`hubbub_tls_expiry_seconds${w1}`, "86400x10"]],
      silent: [[`hubbub_tls_expiry_seconds${w1}`, "8640000x10"]],
      at: "2m",
    },
  },
];

/** Rules that alerts stand on. */
export const recorded: readonly (readonly [name: string, expression: string])[] = [["hubbub:backlog:ratio", backlog]];
