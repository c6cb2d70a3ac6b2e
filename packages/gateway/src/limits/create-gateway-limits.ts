import type { Broker } from "@hubbub/broker";
import type { SecurityLog } from "@hubbub/runtime";
import type { Store } from "@hubbub/store";
import type { Background } from "../background.ts";
import type { GatewaySettings } from "../config.ts";
import type { GatewayMetrics } from "../metrics.ts";
import { GatewayLimits } from "./gateway-limits.ts";

interface Parts {
  readonly settings: GatewaySettings;
  readonly broker: Pick<Broker, "spending">;
  readonly store: Pick<Store, "audit">;
  readonly securityLog: SecurityLog;
  readonly metrics: GatewayMetrics;
  readonly background: Background;
}

/** Penalties are counted and logged; a mute is an entry of the audit, at most one a minute for a user. */
export function createGatewayLimits({
  settings,
  broker,
  store,
  securityLog,
  metrics,
  background,
}: Parts): GatewayLimits {
  return new GatewayLimits({
    settings,
    spending: broker.spending,
    onPenalty(user, address, level) {
      metrics.penalised(level);
      securityLog({ event: "flood", outcome: "refused", address, user, reason: level });
      if (level !== "muted") return;
      const entry = { by: "system", act: "flood_mute", subject: user, address } as const;
      void background.attempt("audit of a mute", () => store.audit.write(entry));
    },
  });
}
