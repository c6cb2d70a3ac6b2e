const START = /^\{"type":"publish","ref":(\d{1,15}),/;
const ROUND_KEY = '"round"';
const ROUND = /,"round":(\d{1,15})[,}]/;

interface PublishHead {
  readonly ref: number;
  readonly round?: number | undefined;
}

/**
 * What a refusal needs of a publish, without parsing it. null: the frame is no publish, or has to be parsed. Quotes within a
 * JSON text are escaped, so a quoted key is found nowhere but in its place. A key may be spelled with escapes.
 */
export function readPublishHead(frame: ArrayBuffer): PublishHead | null {
  const text = Buffer.from(frame).toString("latin1");
  const ref = START.exec(text)?.[1];
  if (ref === undefined) return null;
  if (!text.includes(ROUND_KEY)) return text.includes("\\u") ? null : { ref: Number(ref), round: undefined };
  const round = ROUND.exec(text)?.[1];
  return round === undefined ? null : { ref: Number(ref), round: Number(round) };
}
