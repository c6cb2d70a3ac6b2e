import type { Alert } from "./alert.ts";

const gateway = 'hubbub_build_info{job="hubbub",instance="g1",roles="gateway"}';
const g1 = '{job="hubbub",instance="g1"}';

/** What users of the chat notice first. */
export const alertsOfChat: readonly Alert[] = [
  {
    name: "HubbubNoGateway",
    severity: "page",
    expression: '(sum(hubbub_ready * on (job, instance) hubbub_build_info{roles=~".*gateway.*"}) or vector(0)) < 1',
    holds: "30s",
    summary: "No gateway takes connections.",
    effect: "Nobody can connect. Clients keep what they send and try again.",
    steps: [
      "Ask a gateway for `/readyz` on `OPS_PORT`: it names what it waits for.",
      "If none runs, start one, and read the last lines of its log: an unusable setting ends it with a sentence.",
      "If all wait for Redis, go on with Redis. Gateways become ready by themselves when it answers.",
    ],
    example: {
      fires: [
        [gateway, "1x40"],
        [`hubbub_ready${g1}`, "0x40"],
      ],
      silent: [
        [gateway, "1x40"],
        [`hubbub_ready${g1}`, "1x40"],
      ],
      at: "5m",
    },
  },
  {
    name: "HubbubAcceptSlow",
    severity: "page",
    expression: "histogram_quantile(0.99, sum by (le) (rate(hubbub_accept_ms_bucket[5m]))) > 250",
    holds: "5m",
    summary: "One of a hundred messages waits more than 250 ms for its ack.",
    effect: "Messages stay marked as pending.",
    steps: [
      "Compare the event loops of gateways on the board: a busy gateway needs company.",
      "Look at Redis: `SLOWLOG GET`, memory, and the rewrite of its append-only file.",
      "Embedded, an ack waits for the disk: look at its latency.",
    ],
    example: {
      fires: [
        [`hubbub_accept_ms_bucket{instance="g1",le="250"}`, "0+1x80"],
        [`hubbub_accept_ms_bucket{instance="g1",le="1000"}`, "0+100x80"],
        [`hubbub_accept_ms_bucket{instance="g1",le="+Inf"}`, "0+100x80"],
      ],
      silent: [
        [`hubbub_accept_ms_bucket{instance="g1",le="250"}`, "0+100x80"],
        [`hubbub_accept_ms_bucket{instance="g1",le="1000"}`, "0+100x80"],
        [`hubbub_accept_ms_bucket{instance="g1",le="+Inf"}`, "0+100x80"],
      ],
      at: "15m",
    },
  },
  {
    name: "HubbubRefusalsHigh",
    severity: "page",
    expression:
      'sum(rate(hubbub_refusals_total{code=~"overloaded|unavailable"}[5m])) > 0.05 * sum(rate(hubbub_accepts_total[5m])) and sum(increase(hubbub_refusals_total{code=~"overloaded|unavailable"}[5m])) > 20',
    holds: "2m",
    summary: "More than one of twenty messages is refused because the cluster is overloaded or a part is away.",
    effect: "Clients keep the message and repeat it later.",
    steps: [
      "`hubbub_refusals_total` by code: `unavailable` means that Redis or Postgres does not answer, `overloaded` that a bound is reached.",
      "`overloaded`: look for HubbubBacklogFull, then at the load of gateways, and start more of what is busy.",
    ],
    example: {
      fires: [
        [`hubbub_refusals_total{instance="g1",code="overloaded"}`, "0+30x60"],
        [`hubbub_accepts_total{instance="g1",state="accepted"}`, "0+100x60"],
      ],
      silent: [
        [`hubbub_refusals_total{instance="g1",code="overloaded"}`, "0+1x60"],
        [`hubbub_accepts_total{instance="g1",state="accepted"}`, "0+1000x60"],
      ],
      at: "10m",
    },
  },
  {
    name: "HubbubGapsAnnounced",
    severity: "ticket",
    expression: 'sum(increase(hubbub_gaps_total{reason="epoch"}[15m])) > 0',
    holds: "0m",
    summary: "Clients were told that messages are missing.",
    effect: "A client shows a line where numbers are missing, and reads the history again.",
    steps: [
      "`epoch`: a room was numbered anew and these numbers are gone. docs/protocol.md defines it.",
      "After a restart of Redis, or a fail-over, compare with docs/drills.md: these gaps are expected, and end by themselves.",
      "Without such a cause run `hubbub verify`.",
    ],
    example: {
      fires: [[`hubbub_gaps_total{instance="g1",reason="epoch"}`, "0x20 3x40"]],
      silent: [[`hubbub_gaps_total{instance="g1",reason="epoch"}`, "3x60"]],
      at: "8m",
    },
  },
  {
    name: "HubbubDeafSubscription",
    severity: "page",
    expression: "hubbub_deliveries_up == 0 and hubbub_log_up == 1",
    holds: "15s",
    summary: "{{ $labels.instance }} sends commands to Redis and receives nothing that is published.",
    effect: "Its users get messages late: by head checks, every two seconds.",
    steps: [
      "The process makes a new subscription by itself within 5 s. If this alert stays, restart the process.",
      "Look for a network device between it and Redis that drops silent connections.",
    ],
    example: {
      fires: [
        [`hubbub_deliveries_up${g1}`, "0x20"],
        [`hubbub_log_up${g1}`, "1x20"],
      ],
      silent: [
        [`hubbub_deliveries_up${g1}`, "1x20"],
        [`hubbub_log_up${g1}`, "1x20"],
      ],
      at: "2m",
    },
  },
  {
    name: "HubbubEventLoopLate",
    severity: "ticket",
    expression: 'nodejs_eventloop_lag_p99_seconds{job="hubbub"} > 0.2',
    holds: "5m",
    summary: "The event loop of {{ $labels.instance }} is late by more than 200 ms.",
    effect: "Everything that this process does is late.",
    steps: [
      "Compare its CPU with the others: start another process of the role, or give it a core of its own.",
      "One process alone: look for a room with many members, and at `hubbub_shed_total`.",
    ],
    example: {
      fires: [[`nodejs_eventloop_lag_p99_seconds${g1}`, "0.5x60"]],
      silent: [[`nodejs_eventloop_lag_p99_seconds${g1}`, "0.02x60"]],
      at: "10m",
    },
  },
];
