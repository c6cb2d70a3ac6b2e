/** The command cannot be done. The message says what to do next. */
export class AdminRefused extends Error {
  override readonly name = "AdminRefused";
}
