import { Component, type ReactNode } from "react";

/** Stands for the page where it cannot be shown: a part of it did not load, or failed. */
export class Broken extends Component<{ readonly children: ReactNode }, { readonly isBroken: boolean }> {
  override readonly state = { isBroken: false };

  static getDerivedStateFromError(): { isBroken: boolean } {
    return { isBroken: true };
  }

  override render(): ReactNode {
    if (!this.state.isBroken) return this.props.children;
    return (
      <main className="entry">
        <div className="card" role="alert">
          <h1>Load the page again</h1>
          <p>A part of it failed, or the server has a newer one. What you wrote is kept.</p>
          <button type="button" className="primary" onClick={() => location.reload()}>
            Load again
          </button>
        </div>
      </main>
    );
  }
}
