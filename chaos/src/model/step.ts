import fc from "fast-check";

/** What is done to a world, one after the other. `who` and the like choose among what there is at that moment. */
export type Step =
  | { readonly do: "say"; readonly who: number; readonly room: number; readonly count: number }
  /** A change of the message that `who` saw last in the room. */
  | { readonly do: "change"; readonly who: number; readonly room: number; readonly kind: ChangeKind }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "cutClient"; readonly who: number }
  | { readonly do: "stopReading"; readonly who: number; readonly ms: number }
  | GatewayStep
  | WriterStep
  | DeliveryStep
  /** `lost`: changes that are gone when it is back. */
  | { readonly do: "restartLog" | "storeAway"; readonly ms: number; readonly lost: number };

/** "stale edit": with a base that is often not the newest. */
export type ChangeKind = "edit" | "stale edit" | "react" | "delete";

/** `ms`: for how long it is stopped. */
export interface GatewayStep {
  readonly do: "killGateway" | "drainGateway" | "stopGateway";
  readonly who: number;
  readonly ms: number;
}

export interface WriterStep {
  readonly do: "killWriter" | "stopWriter";
  readonly who: number;
  readonly ms: number;
}

/** Between the log and a gateway: the next `count` frames or answers, `ms` late. */
export interface DeliveryStep {
  readonly do: "loseAnswers" | "cutDeliveries" | "loseDeliveries" | "doubleDeliveries" | "delayDeliveries";
  readonly who: number;
  readonly count: number;
  readonly ms: number;
}

const who = fc.nat({ max: 3 });
const count = fc.integer({ min: 1, max: 4 });

const talk: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("say" as const), who, room: fc.nat({ max: 1 }), count }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("change" as const),
      who,
      room: fc.nat({ max: 1 }),
      kind: fc.constantFrom<ChangeKind>("edit", "stale edit", "react", "react", "delete"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 120 }) }) },
);

const network: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("cutClient" as const), who }),
  fc.record({ do: fc.constant("stopReading" as const), who, ms: fc.integer({ min: 50, max: 1_200 }) }),
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom<DeliveryStep["do"]>(
        "loseAnswers",
        "cutDeliveries",
        "loseDeliveries",
        "doubleDeliveries",
        "delayDeliveries",
      ),
      who,
      count,
      ms: fc.integer({ min: 1, max: 150 }),
    }),
  },
);

const stopMs = fc.integer({ min: 50, max: 1_500 });
const writers: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom<WriterStep["do"]>("killWriter", "stopWriter"),
  who,
  ms: stopMs,
});
const gateways: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom<GatewayStep["do"]>("killGateway", "drainGateway", "stopGateway"),
  who,
  ms: stopMs,
});

const downMs = fc.integer({ min: 1, max: 900 });
const lost = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(1_000_000));
const logRestarts: fc.Arbitrary<Step> = fc.record({
  do: fc.constant("restartLog" as const),
  ms: downMs,
  lost: fc.constant(0),
});
const storeRestarts: fc.Arbitrary<Step> = fc.record({
  do: fc.constant("storeAway" as const),
  ms: downMs,
  lost: fc.constant(0),
});

/** Faults that may come together, in any number: none of them takes anything away that was accepted. */
const harmless = fc.oneof(
  { weight: 8, arbitrary: talk },
  { weight: 2, arbitrary: network },
  { weight: 1, arbitrary: writers },
  { weight: 1, arbitrary: gateways },
  { weight: 1, arbitrary: logRestarts },
  { weight: 1, arbitrary: storeRestarts },
);

/** The log comes back without some or all of its data, while every gateway that accepted lives. */
const losingLog = fc.oneof(
  { weight: 16, arbitrary: talk },
  { weight: 3, arbitrary: network },
  { weight: 1, arbitrary: writers },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("restartLog" as const), ms: downMs, lost }) },
  { weight: 1, arbitrary: storeRestarts },
);

/** Longer than a third of the lease: a failover that no writer notices is not found out before the next event. */
const failoverMs = fc.integer({ min: 400, max: 900 });

/** The store falls back to an older state, while the log keeps its replay window. */
const fallingBack = fc.oneof(
  { weight: 16, arbitrary: talk },
  { weight: 3, arbitrary: network },
  { weight: 2, arbitrary: writers },
  { weight: 1, arbitrary: gateways },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("storeAway" as const), ms: failoverMs, lost }) },
);

/**
 * A log that has lost what nobody was answered for is found out by the next event of the room, so there is one: until
 * then those who saw the lost one do not know.
 */
const LAST_WORDS: readonly Step[] = [
  { do: "wait", ms: 3_000 },
  { do: "say", who: 0, room: 0, count: 1 },
  { do: "say", who: 1, room: 1, count: 1 },
];

const LENGTH = { minLength: 5, maxLength: 40 };

/** `share`: of all histories. */
export const SCRIPTS = {
  harmless: { scripts: fc.array(harmless, LENGTH), share: 0.4 },
  losingLog: {
    scripts: fc.array(losingLog, LENGTH).map((steps) => [...steps, ...LAST_WORDS]),
    share: 0.3,
  },
  fallingBack: { scripts: fc.array(fallingBack, LENGTH), share: 0.3 },
} as const;
