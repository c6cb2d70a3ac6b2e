/** One alert of Prometheus, with its run-book and the series that show when it fires. */
export interface Alert {
  readonly name: string;
  /** `page`: somebody gets up. `ticket`: within a working day. */
  readonly severity: "page" | "ticket";
  /** PromQL. */
  readonly expression: string;
  /** A duration of Prometheus: how long the expression must hold. */
  readonly holds: string;
  /** One sentence, for the message. */
  readonly summary: string;
  /** What people notice. */
  readonly effect: string;
  /** What to do, in this order. */
  readonly steps: readonly string[];
  readonly example: AlertExample;
}

/** Input for `promtool test rules`: series in its notation, one value every 15 s. */
export interface AlertExample {
  readonly fires: readonly Series[];
  /** Another case in which it fires. */
  readonly firesToo?: readonly Series[];
  readonly silent: readonly Series[];
  /** When both are looked at. */
  readonly at: string;
}

/** The series with its labels, and its values: `1+0x40` is 1, and 40 times 0 more. */
export type Series = readonly [series: string, values: string];
