/** The log cannot be reached. The caller still holds its message and may retry. */
export class BrokerUnavailable extends Error {
  override readonly name = "BrokerUnavailable";
}
