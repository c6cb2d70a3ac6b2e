import { integer } from "@hubbub/runtime";

/** Environment of gateways and apis; the same for all processes of a cluster. */
export const chatSettings = {
  /** How long authors may edit their messages; 0: without end. */
  EDIT_WINDOW_MS: integer(0, 31_536_000_000, 0),
  /** Members of the largest room in which `@room` and `@here` mention somebody; 0: there is no largest one. */
  MENTION_ALL_MAX_MEMBERS: integer(0, 10_000_000, 1_000),
};
