import type { ClusterNode } from "@hubbub/protocol/http-figures";
import { clockAt, lasting } from "../figures-words.ts";
import { isSilent } from "../series.ts";

const WORDS = { ready: "ready", unready: "not ready", draining: "draining" } as const;

/** `at`: now, by the clock of the server. */
export function State({ node, at }: { node: ClusterNode; at: number }) {
  if (isSilent(node, at)) {
    return (
      <span className="state silent">
        silent since {clockAt(node.seenAt)} ({lasting(at - node.seenAt)})
      </span>
    );
  }
  return <span className={`state ${node.state}`}>{WORDS[node.state]}</span>;
}
