/** What was started, in order; disposing goes backwards and tries everything. (Node 20 has no AsyncDisposableStack.) */
export class Disposal implements AsyncDisposable {
  readonly #items: AsyncDisposable[] = [];

  use<T extends AsyncDisposable>(item: T): T {
    this.#items.push(item);
    return item;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (const item of this.#items.splice(0).reverse()) {
      await item[Symbol.asyncDispose]().then(undefined, (error: unknown) => failures.push(error));
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, "several things could not be stopped");
  }
}

/** Runs `start`; when it fails half way, what it had put into the disposal is disposed. */
export async function startAll<T>(start: (owned: Disposal) => Promise<T>): Promise<T> {
  const owned = new Disposal();
  return start(owned).catch(async (error: unknown) => {
    await owned[Symbol.asyncDispose]();
    throw error;
  });
}
