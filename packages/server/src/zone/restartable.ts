import type { LeavingRole } from "./leaving-role.ts";

/** A role that lives on leases. Without Postgres it cannot give them back; they end by themselves. */
const GIVE_BACK_MAX_MS = 20_000;

/** Suspended it leaves as it does when the process ends; resumed it begins anew, as another owner of leases. */
export function restartable(start: () => LeavingRole): LeavingRole {
  let role = start();
  return {
    readiness: () => role.readiness(),
    troubles: () => role.troubles?.() ?? [],
    suspend: (signal) => role.drain(AbortSignal.any([signal, AbortSignal.timeout(GIVE_BACK_MAX_MS)])),
    async resume() {
      await role.stop();
      role = start();
    },
    drain: (deadline) => role.drain(deadline),
    stop: () => role.stop(),
  };
}
