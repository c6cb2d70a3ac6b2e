import { integer } from "@hubbub/runtime";

/** Environment of gateways and apis; the same for all processes of a cluster. */
export const chatSettings = {
  /** How long authors may edit their messages; 0: without end. */
  EDIT_WINDOW_MS: integer(0, 31_536_000_000, 0),
};
