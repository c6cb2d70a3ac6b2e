import { type Logger, type Metrics, type SecurityLog, Spikes } from "@hubbub/runtime";
import type { GatewaySettings } from "../config.ts";

/** `fan_out`: frames handed to the connections of rooms. */
export type GatewaySpikes = Pick<Spikes<"fan_out" | "failed_hellos">, "count">;

interface Parts {
  readonly settings: GatewaySettings;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export function createSpikes({ settings, log, metrics }: Parts, securityLog: SecurityLog): GatewaySpikes {
  return new Spikes({
    least: { fan_out: settings.SPIKE_FAN_OUT, failed_hellos: settings.SPIKE_FAILED_HELLOS },
    log,
    metrics,
    metric: "gateway_spikes_total",
    onSpike: (kind) => securityLog({ event: "spike", outcome: "error", reason: kind }),
  });
}
