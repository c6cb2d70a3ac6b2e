import { BrokenPromise, type Fault } from "./fault.ts";

const TIMES = 10;
const spikeMs = 10_000;
const calmMs = 20_000;
const lookMs = 100;
/** Events that wait for an ack when all is calm: less than a second's worth of the drill's rate. */
const WAITING_CALM = 200;

export const spike: Fault = {
  name: "spike",
  does: `the load wants ${TIMES} times as much for ${spikeMs / 1_000} s`,
  expected: `whatever is refused says when to come back (retryAfterMs); calm within ${calmMs / 1_000} s`,
  guarantees: ["G2", "G8"],
  mayRefuse: ["overloaded", "rate_limited"],
  async inject({ pace, traffic, say, sleep, healed, afterwards }) {
    const before = traffic();
    pace(TIMES);
    say(`${TIMES} times the load`);
    await sleep(spikeMs);
    const after = traffic();
    pace(1);
    healed();
    say("the usual load again");
    const endedAt = performance.now();
    const calmAfterMs = async (): Promise<number> => {
      while (traffic().waiting > WAITING_CALM && performance.now() - endedAt < calmMs) await sleep(lookMs);
      return performance.now() - endedAt;
    };
    const ms = await calmAfterMs();
    const { bareRefusals, waiting } = traffic();
    const acked = Math.round(((after.acked - before.acked) * 1_000) / spikeMs);
    const wanted = Math.round(((after.wanted - before.wanted) * 1_000) / spikeMs);
    const text = `spike: ${wanted} events a second wanted, ${acked} acked, ${after.refused - before.refused} refused, ${after.waiting} waiting at its end; calm after ${Math.round(ms)} ms`;
    afterwards(async () => text);
    if (bareRefusals > 0) throw new BrokenPromise(`${bareRefusals} refusals without retryAfterMs`);
    if (waiting > WAITING_CALM) throw new BrokenPromise(`${waiting} events wait ${calmMs / 1_000} s after the spike`);
  },
};
