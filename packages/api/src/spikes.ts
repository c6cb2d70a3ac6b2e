import { type Logger, type Metrics, type SecurityLog, Spikes } from "@hubbub/runtime";
import type { ApiSettings } from "./settings.ts";

export type ApiSpikes = Pick<Spikes<"login_failures" | "membership_changes">, "count">;

interface Parts {
  readonly settings: ApiSettings;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export function createSpikes({ settings, log, metrics }: Parts, securityLog: SecurityLog): ApiSpikes {
  return new Spikes({
    least: {
      login_failures: settings.SPIKE_LOGIN_FAILURES,
      membership_changes: settings.SPIKE_MEMBERSHIP_CHANGES,
    },
    log,
    metrics,
    metric: "api_spikes_total",
    onSpike: (kind) => securityLog({ event: "spike", outcome: "error", reason: kind }),
  });
}
