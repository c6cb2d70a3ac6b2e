import type { HttpHandler } from "./http-host.ts";
import type { Metrics } from "./metrics.ts";

export interface Readiness {
  /** What is in the way, by name; empty: ready. Asked at every /readyz. */
  check(): Promise<readonly string[]> | readonly string[];
}

/**
 * `/livez` (the process turns), `/readyz` (send it traffic: 200 or 503 with the reasons) and `/metrics`, in front of
 * whatever else a process serves.
 */
export function withHealth(readiness: Readiness, metrics: Metrics, next: HttpHandler): HttpHandler {
  return async (request, address) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/livez") return new Response("ok\n");
    if (pathname === "/metrics") {
      return new Response(await metrics.text(), { headers: { "content-type": "text/plain; version=0.0.4" } });
    }
    if (pathname !== "/readyz") return next(request, address);
    const reasons = await readiness.check();
    return Response.json({ ready: reasons.length === 0, reasons }, { status: reasons.length === 0 ? 200 : 503 });
  };
}
