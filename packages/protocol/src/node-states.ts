/** Of a process. `drained`: it has nothing left to give up, and serves nobody new until its zone serves again. */
export const NODE_STATES = ["serving", "draining", "drained"] as const;
export type NodeState = (typeof NODE_STATES)[number];

/** A name of a zone. */
export const ZONE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/;
export const ZONE_NAME_FORM = "must be 1 to 32 of letters, digits, _ . -, the first a letter or digit";
